/**
 * The laws of a transaction, attacked on the simulated cluster: every message lost, before and after its
 * effect, one at a time; every node struck at every call.
 */
import { describe, expect, it } from 'vitest';
import type { Fault, FaultPlan, SimCall } from '../../src/simulator/fault.ts';
import { volumeName } from '../../src/model/names.ts';
import type { SimCluster } from '../../src/simulator/cluster.ts';
import { CHANGES, faultRun, LEAVE, restoreRun } from './fault-run.ts';

const FAULTS: Readonly<Record<string, Fault>> = {
  'request lost': { kind: 'drop-request' },
  'answer lost': { kind: 'drop-answer' },
  'glusterd killed': { kind: 'kill-glusterd' },
  'lock holder killed': { kind: 'kill-lock-holder' },
  'node rebooted': { kind: 'reboot' },
  'controller killed': { kind: 'controller-death', silent: false },
};
const LIMIT_MS = 60_000;
/** A transaction of one volume makes fewer calls than this on three nodes. */
const CALLS_MAX = 40;
/** Every call is struck by "npm run sim"; here every fifth, another fifth for each change. */
const STRIDE = 5;

const run = (change: string, seed: number, faults: FaultPlan): ReturnType<typeof faultRun> =>
  change === 'restore' ? restoreRun(seed, faults) : faultRun(change, seed, faults);

const commandOf =
  (word: string) =>
  ({ op }: SimCall): boolean =>
    op?.kind === 'gluster' && op.argv[1] === word;

describe.each([...Object.keys(CHANGES), 'restore', LEAVE])('%s', (change) => {
  it('without faults is applied, and the cluster is as the file says', async () => {
    const { result, ending, broken } = await run(change, 1, []);
    expect(broken).toEqual([]);
    expect(result).toMatchObject({ outcome: 'applied', exitCode: 0 });
    expect(ending).toBe('after');
  });

  it.each(Object.entries(FAULTS))(
    'with %s at any call is before or after, and says so',
    async (_name, fault) => {
      const failed: string[] = [];
      const endings = new Set<string>();
      for (let at = 1 + (change.length % STRIDE); at <= CALLS_MAX; at += STRIDE) {
        const { broken, ending, result } = await run(change, at, [{ at, fault }]);
        endings.add(ending);
        if (broken.length > 0)
          failed.push(`call ${String(at)} (exit ${String(result?.exitCode)}): ${broken.join('\n')}`);
      }
      expect(failed.join('\n---\n')).toBe('');
    },
    LIMIT_MS,
  );
});

it.each(['committed', 'prepared'] as const)(
  'closes the journal of a node whose lock was lost as it was %s',
  async (state) => {
    const isPrepared = state === 'prepared';
    const at = ({ node, op }: SimCall): boolean =>
      node === 'node02' &&
      (isPrepared ? op?.kind === 'journal-prepare' : op?.kind === 'journal-mark' && op.state === state);
    const fault = { kind: 'kill-lock-holder', when: isPrepared ? 'after' : 'before' } as const;
    const { result, open, broken } = await faultRun('options', 3, [{ at, fault }]);
    expect(broken).toEqual([]);
    expect(open).toBe(false);
    if (!isPrepared) expect(result?.exitCode).toBe(0);
  },
  LIMIT_MS,
);

it('takes a change back though a glusterd expects its running brick on another port', async () => {
  const { open, broken } = await faultRun('options', 1, (cluster) => {
    const at = commandOf('set');
    const restartOnPort = (): void => {
      const node = cluster.node('node03');
      node.stopGlusterd('process');
      const file = '/var/lib/glusterd/vols/old/bricks/node03:-bricks-d1-old';
      node.disk.write(file, node.disk.read(file)?.replace(/^listen-port=.*/m, 'listen-port=50000') ?? '');
      node.startGlusterd();
    };
    return [
      { at, fault: { kind: 'act', act: restartOnPort, when: 'after' } },
      { at, fault: { kind: 'controller-death', silent: false, when: 'after' } },
    ];
  });
  expect(open).toBe(true);
  expect(broken).toEqual([]);
});

it.each(['kill-lock-holder', 'reboot'] as const)(
  'takes all back though a node is lost while it does (%s)',
  async (kind) => {
    const { result, open, broken } = await faultRun('start', 1, [
      { at: commandOf('start'), fault: { kind: 'kill-lock-holder', when: 'after' } },
      { at: commandOf('stop'), fault: { kind, node: 'node03' } },
    ]);
    expect(result?.failures.map((f) => f.title)).toEqual(['the lock was lost on node01']);
    expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 3 });
    expect(open).toBe(false);
    expect(broken).toEqual([]);
  },
);

it('takes all back though its first observation loses a node that has nothing to take back', async () => {
  const path = '/var/lib/glusterd/vols/old';
  let isRollback = false;
  const isFirst = (call: SimCall): boolean => {
    isRollback ||= commandOf('set')(call);
    return isRollback && call.node === 'node03' && call.kind === 'observe';
  };
  const { result, open, broken } = await faultRun('options', 1, [
    { at: commandOf('set'), fault: { kind: 'immutable', node: 'node01', path } },
    { at: isFirst, fault: { kind: 'drop-request' } },
  ]);
  expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 3 });
  expect(open).toBe(false);
  expect(broken).toEqual([]);
});

it('takes all back though a store refuses its image at first', async () => {
  const path = '/var/lib/glusterd/vols/old';
  const isAsked = ({ op }: SimCall): boolean => op?.kind === 'check-store';
  const { result, open, broken } = await faultRun('options', 1, [
    { at: commandOf('set'), fault: { kind: 'immutable', node: 'node03', path } },
    { at: isAsked, fault: { kind: 'immutable', node: 'node02', path } },
    { at: isAsked, fault: { kind: 'mutable', node: 'node02', path, afterMs: 15_000 } },
  ]);
  expect(result).toMatchObject({ outcome: 'rolled-back', exitCode: 3 });
  expect(open).toBe(false);
  expect(broken).toEqual([]);
});

it('the journal of a dead controller says first that it was superseded', async () => {
  const seen: SimCluster[] = [];
  const { open, broken } = await faultRun('options', 1, (cluster) => {
    seen.push(cluster);
    const at = commandOf('set');
    return [{ at, fault: { kind: 'controller-death', silent: false, when: 'after' } }];
  });
  expect(open).toBe(true);
  expect(broken).toEqual([]);
  const ops = seen[0]?.trace.flatMap((line) => / second perform node0[1-3] (.*)/.exec(line)?.[1] ?? []);
  const superseded = 'journal-mark rolling-back';
  expect(ops?.filter((op) => !/^(spare-bricks|same-glusterd)$/.test(op)).slice(0, 4)).toEqual([
    superseded,
    superseded,
    superseded,
    'gluster',
  ]);
});

it('ends a process that is left of a volume that is already gone from every store', async () => {
  const { broken } = await faultRun('create', 257669, [
    { at: 25, fault: { kind: 'kill-glusterd', node: 'node01', when: 'before' } },
    { at: 16, fault: { kind: 'drop-request' } },
    { at: 34, fault: { kind: 'drop-request' } },
  ]);
  expect(broken).toEqual([]);
});

it('a glusterd that was away during the commit is left with the ports of its running bricks', async () => {
  let cluster: SimCluster | undefined;
  const { result, broken } = await faultRun('options', 1, (made) => {
    cluster = made;
    const at = commandOf('set');
    return [
      { at, fault: { kind: 'kill-glusterd', node: 'node03' } },
      { at, fault: { kind: 'start-glusterd', node: 'node03', when: 'after' } },
    ];
  });
  expect(broken).toEqual([]);
  expect(result?.exitCode).toBe(0);
  const node = cluster?.node('node03');
  const brick = node?.processes.find((p) => p.role === 'brick')?.brick;
  const stored = node?.store.volumes.get(volumeName('old'))?.bricks.find((b) => b.hostname === 'node03');
  expect(brick?.port).toBe(stored?.listenPort);
  expect(brick?.port).toBeGreaterThan(0);
});
