/**
 * A controller that dies while glusterds are stopped, at each of its calls: the nodes start them again by
 * themselves, no two bricks are restarted, and a later controller finishes what is left without a restart.
 */
import { describe, expect, it } from 'vitest';
import type { Desired } from '../../src/model/desired.ts';
import { compileRecovery } from '../../src/plan/recover.ts';
import type { SimCluster } from '../../src/simulator/cluster.ts';
import type { Fault, FaultAt, SimCall } from '../../src/simulator/fault.ts';
import { ALONE_WAIT_S } from '../../src/node/service.ts';
import { SILENCE_MAX_MS } from '../../src/simulator/guard.ts';
import { STORE } from '../../src/simulator/world.ts';
import type { Goal } from '../../src/transaction/context.ts';
import { runTransaction } from '../../src/transaction/run.ts';
import { finishUnfinished, unfinishedIn } from '../../src/transaction/unfinished.ts';
import { makeView } from '../../src/view/view.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import { applying, CHANGES, contextFor, desiredOf, NODES, prepared, seenFrom } from './fault-run.ts';

/** The lock of a dead holder, and the start after it. */
const ALONE_MS = SILENCE_MAX_MS + (ALONE_WAIT_S + 10) * 1000;
const DEAD_AFTER_MS = 10 * 60_000;
/** From the first check of a store to the last mark in the journals. */
const CALLS_MIN = 15;

interface Case {
  /** What goes wrong before. */
  readonly prepare: (cluster: SimCluster) => Promise<void> | void;
  readonly faults: readonly FaultAt[];
  readonly work: (cluster: SimCluster) => Promise<{ desired: Desired; goal: Goal }>;
  /** What a later controller finishes is where all nodes agreed; a repair goes back to where they did not. */
  readonly isTakenBack: boolean;
}

const isSet = ({ op }: SimCall): boolean => op?.kind === 'gluster';
const refused = (node: string): FaultAt => ({
  at: isSet,
  fault: { kind: 'immutable', node, path: `${STORE}/vols/old` },
});
const options = async (cluster: SimCluster): Promise<{ desired: Desired; goal: Goal }> => {
  const desired = desiredOf(CHANGES['options'] ?? '');
  return { desired, goal: (await applying(cluster, desired)).goal };
};

/** An option that reached some nodes only. */
async function lag(cluster: SimCluster, nodes: readonly string[]): Promise<void> {
  const path = `${STORE}/vols/old`;
  for (const node of nodes) await cluster.node(node).fault({ kind: 'immutable', path });
  await cluster.gluster('node01', ['volume', 'set', 'old', 'network.ping-timeout', '33']);
  for (const node of nodes) await cluster.node(node).fault({ kind: 'mutable', path });
}

const repair = (): Promise<{ desired: Desired; goal: Goal }> => {
  const desired = desiredOf(CHANGES['delete'] ?? '');
  const prefer = new Map([['old', 'node01']]);
  const goal: Goal = {
    plan: (view) => compileRecovery({ view, desired, prefer }).plan,
    blockers: () => [],
    remaining: () => [],
  };
  return Promise.resolve({ desired, goal });
};

const CASES: Readonly<Record<string, Case>> = {
  'a rollback by image on two nodes': {
    prepare: () => undefined,
    faults: [refused('node02')],
    work: options,
    isTakenBack: true,
  },
  'a rollback by image on one node': {
    prepare: () => undefined,
    faults: [refused('node02'), refused('node03')],
    work: options,
    isTakenBack: true,
  },
  'a repair of the stores of two nodes': {
    prepare: (cluster) => lag(cluster, ['node02', 'node03']),
    faults: [],
    work: repair,
    isTakenBack: false,
  },
};

const pids = (cluster: SimCluster): ReadonlyMap<string, number> =>
  new Map(
    NODES.flatMap((node) =>
      cluster
        .node(node)
        .processes.filter((p) => p.brick?.volume === 'old')
        .map((p) => [node, p.pid] as const),
    ),
  );
const moved = (before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): readonly string[] =>
  NODES.filter((node) => before.get(node) !== now.get(node));
const down = (cluster: SimCluster): readonly string[] =>
  NODES.filter((node) => cluster.node(node).daemon === undefined);

interface Ending {
  /** Undefined: there were fewer calls. */
  readonly call: string | undefined;
  readonly down: readonly string[];
  readonly movedAlone: readonly string[];
  readonly recovered: string;
  readonly moved: readonly string[];
  readonly versions: ReadonlySet<string | undefined>;
}

/** The n-th call from the first that has to do with a stop. */
function nth(n: number): (call: SimCall) => boolean {
  let count = 0;
  return ({ op }) => {
    if (count > 0 || op?.kind === 'check-store') count += 1;
    return count === n;
  };
}

async function deathAt(
  { prepare, faults, work }: Case,
  when: (call: SimCall) => boolean,
  fault: Fault,
): Promise<Ending> {
  const cluster = await prepared(1);
  await prepare(cluster);
  const { desired, goal } = await work(cluster);
  const plan = goal.plan(await seenFrom(cluster, desired));
  let isOver = false;
  let call: string | undefined;
  const at = (now: SimCall): boolean => {
    if (isOver || !when(now)) return false;
    call = `${now.kind} ${now.node} ${now.op?.kind ?? ''}`;
    return true;
  };
  cluster.inject([...faults, { at, fault }]);
  const before = pids(cluster);
  const over = new AbortController();
  const dead = cluster.clock.sleep(DEAD_AFTER_MS, over.signal).catch(() => undefined);
  const died = new Promise<void>((resolve) => cluster.first.onDeath.add(resolve));
  const context = contextFor(cluster, desired, goal, (node) => cluster.link(node), 'tx-1');
  await Promise.race([runTransaction(context, plan), died, dead]);
  isOver = true;
  over.abort(new Error('it is over'));
  await cluster.clock.sleep(ALONE_MS);
  const ending = { call, down: down(cluster), movedAlone: moved(before, pids(cluster)) };
  const recovered = await recoveredFrom(cluster, desired, goal);
  const versions = NODES.map((node) =>
    cluster
      .node(node)
      .info('old')
      .find((l) => l.startsWith('version=')),
  );
  return { ...ending, recovered, moved: moved(before, pids(cluster)), versions: new Set(versions) };
}

async function recoveredFrom(cluster: SimCluster, desired: Desired, goal: Goal): Promise<string> {
  cluster.node('node02').disk.immutable.clear();
  cluster.node('node03').disk.immutable.clear();
  const second = cluster.controller('second');
  const context = contextFor(cluster, desired, goal, (node) => second.link(node), 'tx-2');
  const unfinished = unfinishedIn(makeView(await observeAll(desired, context.links)));
  return unfinished.length === 0 ? 'applied' : (await finishUnfinished(context, unfinished)).outcome;
}

describe.each(Object.entries(CASES))('%s', (_name, one) => {
  it.each([false, true])(
    'leaves no glusterd down, whenever its controller dies (silent: %s)',
    async (silent) => {
      const bad: Ending[] = [];
      let n = 1;
      for (; ; n++) {
        const ending = await deathAt(one, nth(n), { kind: 'controller-death', silent });
        if (ending.call === undefined) break;
        const { down: left, movedAlone, recovered, moved: all, versions } = ending;
        const isBack = recovered === 'applied' && all.length === 0 && versions.size === 1;
        if (left.length + movedAlone.length > 0 || (one.isTakenBack && !isBack)) bad.push(ending);
      }
      expect(n).toBeGreaterThan(CALLS_MIN);
      expect(bad).toEqual([]);
    },
    60_000,
  );
});

it('starts nothing beside a glusterd that was never stopped, and another controller repairs', async () => {
  const isStop = (node: string) => (call: SimCall) => call.node === node && call.op?.kind === 'stop-glusterd';
  const late: FaultAt = { at: isStop('node03'), fault: { kind: 'delay', ms: 2000 } };
  const one = CASES['a rollback by image on two nodes'];
  if (one === undefined) throw new Error('no such case');
  const ending = await deathAt({ ...one, faults: [...one.faults, late] }, isStop('node01'), {
    kind: 'controller-death',
    silent: false,
    afterMs: 500,
  });
  expect(ending).toMatchObject({ down: ['node01'], movedAlone: [], recovered: 'applied', moved: [] });
});
