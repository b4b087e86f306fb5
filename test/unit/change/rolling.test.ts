/**
 * Work on one node after the other on the simulated cluster: each is out of service meanwhile and back before
 * the next, and where one is not as it should be, no other is begun.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Host } from '../../../src/change/change.ts';
import { drainChange } from '../../../src/change/drain.ts';
import { rolling, type RollingOptions } from '../../../src/change/rolling.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { failure } from '../../../src/core/failure.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { nodeName } from '../../../src/model/names.ts';
import { DRAIN_MARK } from '../../../src/model/transaction.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const REST_MS = 70_000;
const MARK = { who: 'ann@desk', when: '2026-11-28T20:00:00.000Z', why: 'rolling: reboot' };

let cluster: SimCluster;
let desired: Desired;
let count: number;

const all = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ');
const host = (more: Partial<Host> = {}): Host =>
  simulatedHost(cluster, (node) => cluster.link(node), {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    ...more,
  });
const served = (node: string): readonly string[] =>
  cluster.node(node).processes.flatMap((p) => (p.role === 'brick' ? [p.brick?.path ?? ''] : []));
const isMarked = (node: string): boolean => cluster.node(node).disk.read(DRAIN_MARK) !== undefined;
const marked = (): readonly string[] => NODES.filter(isMarked);

/** Node by node, what was drained and served when the work was done there. */
let seen: string[];
const rolled = (more: Partial<RollingOptions> = {}, on: Partial<Host> = {}): Promise<RunResult> =>
  rolling(
    {
      desired,
      nodes: NODES.map((n) => nodeName(n)),
      file: 'cluster.yaml',
      work: '"reboot"',
      mark: MARK,
      waitMs: 600_000,
      isUp: () => Promise.resolve(true),
      ...more,
      doWork: (node) => {
        seen.push(`${node}: ${marked().join(' ')}; ${NODES.filter((n) => served(n).length > 0).join(' ')}`);
        return more.doWork?.(node) ?? Promise.resolve({ kind: 'ended', code: 0 });
      },
    },
    host(on),
  );

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 5, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  [count, seen] = [0, []];
  desired = desiredOf(`  a: { replica: 3, bricks: [${all('a')}] }\n`);
  const change = applyChange({
    desired,
    saved: undefined,
    file: 'cluster.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
  });
  expect(await runChange(change, host())).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
});

const EACH = [
  'node01: node01; node02 node03',
  'node02: node02; node01 node03',
  'node03: node03; node01 node02',
];

it('each node is drained alone, and back before the next', async () => {
  const result = await rolled();
  expect(result).toMatchObject({ outcome: 'applied', failures: [] });
  expect(result.changed?.map((c) => c.what)).toEqual(
    NODES.flatMap((n) => [`${n}: drained`, `${n}: start the bricks of ${n}`, `${n}: back in service`]),
  );
  expect(seen).toEqual(EACH);
  expect(marked()).toEqual([]);
  for (const n of NODES) expect(served(n)).toHaveLength(1);
});

it('a node that reboots under it is waited for', async () => {
  const result = await rolled({
    doWork: async (node) => {
      await cluster.node(node).fault({ kind: 'reboot' });
      return { kind: 'gone' };
    },
  });
  expect(result).toMatchObject({ outcome: 'applied', failures: [] });
  expect(marked()).toEqual([]);
  for (const n of NODES) expect(served(n)).toHaveLength(1);
});

it('one that was drained by the same work before goes on', async () => {
  expect(await rolled({ doWork: () => Promise.resolve({ kind: 'ended', code: 1 }) })).toMatchObject({
    outcome: 'decision-needed',
  });
  seen = [];
  expect(await rolled()).toMatchObject({ outcome: 'applied' });
  expect(seen).toEqual(EACH);
});

it('an unfinished transaction of long ago is not finished by the yes to the work', async () => {
  const controller = cluster.controller('dead');
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'set',
      fault: { kind: 'controller-death', silent: false, when: 'after' },
    },
  ]);
  const set = applyChange({
    desired: desiredOf(`  a: { replica: 3, bricks: [${all('a')}], options: { network.ping-timeout: 21 } }\n`),
    saved: undefined,
    file: 'cluster.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
  });
  void runChange(
    set,
    simulatedHost(cluster, (node) => controller.link(node), {
      newOwner: () => owner('20260101T000099Z-00000000'),
    }),
  );
  await new Promise<void>((resolve) => controller.onDeath.add(resolve));
  await cluster.clock.sleep(2 * 3_600_000);
  const result = await rolled(
    {},
    { hasPerson: () => true, timeOf: () => cluster.clock.now() - 2 * 3_600_000 },
  );
  expect(result).toMatchObject({ outcome: 'decision-needed' });
  expect(JSON.stringify(result.failures)).toContain('began 2 hours ago and did not end');
  expect([seen, marked()]).toEqual([[], []]);
});

describe('no other node is begun', () => {
  const stopped = (result: RunResult, says: RegExp, at: readonly string[]): void => {
    expect(result).toMatchObject({ outcome: 'decision-needed' });
    expect(JSON.stringify(result.failures)).toMatch(says);
    expect(seen).toHaveLength(1);
    expect(marked()).toEqual(at);
  };

  it('where the work fails', async () => {
    const result = await rolled({ doWork: () => Promise.resolve({ kind: 'ended', code: 7 }) });
    stopped(result, /failed on node01.*exit code 7.*undrain cluster.yaml node01; then .*node02,node03/, [
      'node01',
    ]);
  });

  it('where the node does not come back', async () => {
    const result = await rolled({ waitMs: 60_000, isUp: () => Promise.resolve(false) });
    stopped(result, /node01 did not come back.*after 60 s it cannot be reached/, ['node01']);
  });

  it('where its glusterd does not come back', async () => {
    const result = await rolled({
      waitMs: 60_000,
      doWork: async (node) => {
        await cluster.node(node).fault({ kind: 'kill-glusterd' });
        return { kind: 'ended', code: 0 };
      },
    });
    stopped(result, /node01 did not come back.*its glusterd does not answer/, ['node01']);
  });

  it('where what it missed is not healed in time', async () => {
    const result = await rolled({
      waitMs: 60_000,
      doWork: () => {
        cluster.node('node03').setPendingHeals('/bricks/d1/a', 5);
        return Promise.resolve({ kind: 'ended', code: 0 });
      },
    });
    stopped(result, /node01 still lacks what it missed/, ['node01']);
  });

  it('where there is a new fault, though this node is whole', async () => {
    await cluster.gluster('node03', 'volume create lone node03:/bricks/d2/lone'.split(' '));
    await cluster.gluster('node03', 'volume start lone'.split(' '));
    await cluster.clock.sleep(REST_MS);
    const result = await rolled({
      doWork: async () => {
        await cluster.node('node03').fault({ kind: 'kill-brick', path: '/bricks/d2/lone' });
        return { kind: 'ended', code: 0 };
      },
    });
    stopped(
      result,
      /new faults since the work on node01.*brick-offline brick\/node03:\/bricks\/d2\/lone/,
      [],
    );
  });

  it('where another node cannot be read any more', async () => {
    const real = host();
    const gone = failure('node-unreachable', 'node03 cannot be reached', { node: nodeName('node03') });
    const open: Host['open'] = async (wanted) => {
      const opened = await real.open(wanted);
      if (seen.length === 0 || marked().length > 0) return opened;
      const nodes = new Map(opened.observed.nodes).set(nodeName('node03'), { kind: 'failed', failure: gone });
      return { ...opened, observed: { ...opened.observed, nodes } };
    };
    stopped(await rolled({}, { open }), /new faults since the work on node01.*node03 could not be read/, []);
  });

  it('where the person stops it', async () => {
    const stop = new AbortController();
    const result = await rolled(
      {
        doWork: () => {
          stop.abort();
          return Promise.resolve({ kind: 'gone' });
        },
      },
      { signal: stop.signal },
    );
    stopped(result, /interrupted during the work on node01/, ['node01']);
  });
});

describe('nothing is begun', () => {
  it('beside the maintenance of somebody else', async () => {
    const mark = { ...MARK, why: 'new disk' };
    await runChange(drainChange({ desired, node: nodeName('node02'), mark }), host());
    await cluster.clock.sleep(REST_MS);
    const result = await rolled();
    expect(result).toMatchObject({ outcome: 'decision-needed' });
    expect(JSON.stringify(result.failures)).toContain('node02 is drained by ann@desk');
    expect([seen, marked()]).toEqual([[], ['node02']]);
  });

  it('where it is not confirmed', async () => {
    const result = await rolled({}, { confirm: () => Promise.resolve(false) });
    expect([result.outcome, seen, marked()]).toEqual(['declined', [], []]);
  });
});
