/**
 * A glusterd that is restarted or crashes before or beside a transaction, at any moment and at any speed,
 * costs no brick and is not crashed by us.
 */
import { describe, expect, it } from 'vitest';
import type { SimCluster } from '../../src/simulator/cluster.ts';
import type { FaultPlan, WorldFault } from '../../src/simulator/fault.ts';
import { faultRun, NODES } from './fault-run.ts';

const ALL_CHANGES = ['delete', 'options', 'start', 'create'] as const;
const PATH = '/bricks/d1/old';

const brickPids = (cluster: SimCluster): string =>
  NODES.map((node) => cluster.node(node).processes.find((p) => p.brick?.path === PATH)?.pid ?? 'none').join();

interface Run {
  readonly change: string;
  readonly seed: number;
  readonly pauseMaxMs?: number;
  /** Restarted, their bricks spared, so long before the transaction begins. */
  readonly restarted?: { readonly nodes: readonly string[]; readonly msAgo: number };
  /** While it goes on, at that call. */
  readonly fault?: { readonly at: number; readonly fault: WorldFault };
}

/** What is not as it must be. */
async function wrongIn(run: Run): Promise<readonly string[]> {
  let seen: SimCluster | undefined;
  let before = '';
  const { result, broken } = await faultRun(
    run.change,
    run.seed,
    async (cluster) => {
      seen = cluster;
      before = brickPids(cluster);
      for (const node of run.restarted?.nodes ?? [])
        await cluster.node(node).fault({ kind: 'restart-glusterd' });
      if (run.restarted !== undefined) await cluster.clock.sleep(run.restarted.msAgo);
      return run.fault === undefined ? [] : [run.fault];
    },
    run.pauseMaxMs,
  );
  const after = seen === undefined ? '' : brickPids(seen);
  // A node that was away at the commit imports the volume from the others, and glusterd restarts its brick
  // with that.
  const isImported = seen?.trace.some((line) => line.includes(' imports old ')) === true;
  const wrong = [
    ...broken,
    ...([0, 3, 4].includes(result?.exitCode ?? -1) ? [] : [`exit ${String(result?.exitCode)}`]),
    ...(after === before || isImported ? [] : [`bricks ${before} are now ${after}`]),
  ];
  return wrong.length === 0 ? [] : [`${JSON.stringify(run)}: ${wrong.join('; ').slice(0, 400)}`];
}

async function judge(runs: readonly Run[]): Promise<void> {
  const wrong: string[] = [];
  for (const run of runs) wrong.push(...(await wrongIn(run)));
  expect(wrong).toEqual([]);
}

const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const restartOf = (at: number): NonNullable<Run['restarted']>['nodes'] =>
  NODES.slice(0, 1 + (at % NODES.length));

describe('a restart of one, two and all nodes', () => {
  const soon = (pauseMaxMs: number): readonly Run[] =>
    ALL_CHANGES.flatMap((change) =>
      upTo(30).map((i) => ({
        change,
        seed: i + 1,
        pauseMaxMs,
        restarted: { nodes: restartOf(i), msAgo: 250 * i },
      })),
    );

  it('at most some seconds before it begins', async () => {
    await judge(soon(0));
  }, 60_000);

  it('at most some seconds before it begins, with pauses of up to 5 s before every call', async () => {
    await judge(soon(5000));
  }, 60_000);

  const beside = (pauseMaxMs: number): readonly Run[] =>
    ALL_CHANGES.flatMap((change) =>
      upTo(45).map((i) => {
        const fault: WorldFault = { kind: 'restart-glusterd', node: NODES[i % NODES.length] ?? '' };
        return { change, seed: 100 + i, pauseMaxMs, fault: { at: i + 1, fault } };
      }),
    );

  it('while it goes on', async () => {
    await judge(beside(0));
  }, 60_000);

  it('while it goes on, with pauses', async () => {
    await judge(beside(5000));
  }, 60_000);
});

it('a crash once the journal is written takes no brick along', async () => {
  await judge(
    ALL_CHANGES.flatMap((change) =>
      upTo(20).map((i) => {
        const fault: WorldFault = { kind: 'crash-glusterd', node: NODES[i % NODES.length] ?? '' };
        return { change, seed: 200 + i, fault: { at: 22 + i, fault } };
      }),
    ),
  );
}, 60_000);

/** Started or restarted just before an answer is lost: what could not be read is not settled. */
it.each<[number, string, FaultPlan]>([
  [
    77310,
    'delete',
    [
      { at: 13, fault: { kind: 'kill-glusterd', node: 'node02', when: 'after' } },
      { at: 44, fault: { kind: 'delay', ms: 9226 } },
      { at: 26, fault: { kind: 'drop-answer' } },
    ],
  ],
  [
    912759,
    'create',
    [
      { at: 23, fault: { kind: 'drop-answer' } },
      { at: 14, fault: { kind: 'restart-glusterd', node: 'node03', when: 'before' } },
    ],
  ],
])('no command crashes a glusterd that could not be read for a moment (%i)', async (seed, change, faults) => {
  const { broken } = await faultRun(change, seed, faults);
  expect(broken).toEqual([]);
});
