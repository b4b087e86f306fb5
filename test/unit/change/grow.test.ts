/**
 * A volume that grows by sets of the file, from end to end on the simulated cluster: what runs goes on, what
 * is refused, and what a rollback leaves where clients have written meanwhile.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { type Change, type Consent, NO_CONSENT } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import type { RunResult } from '../../../src/model/event.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { DHT, WHOLE } from '../../../src/simulator/brick.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { Fault, SimCall } from '../../../src/simulator/fault.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const REST_MS = 10_000;
const NEW = '/bricks/d2/a';

const set = (disk: number): string => NODES.map((n) => `${n}:/bricks/d${String(disk)}/a`).join(', ');
const ONE = `  a: { replica: 3, bricks: [${set(1)}] }\n`;
const TWO = `  a: { replica: 3, bricks: [${set(1)}, ${set(2)}] }\n`;

let cluster: SimCluster;
let plans: Plan[];
let count: number;

async function run(change: Change): Promise<RunResult> {
  plans = [];
  const controller = cluster.controller(`run ${String(cluster.calls)}`);
  const result = await runChange(
    change,
    simulatedHost(cluster, (node) => controller.link(node), {
      newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
      showPlan: (plan) => void plans.push(plan),
    }),
  );
  await cluster.clock.sleep(REST_MS);
  return result;
}

const apply = (volumes: string): Promise<RunResult> =>
  run(
    applyChange({
      desired: desiredOf(volumes),
      saved: undefined,
      file: 'cluster.yaml',
      allowDestroy: [],
      prefer: new Map(),
      noRepair: false,
    }),
  );
const recover = (volumes: string, consent: Consent = NO_CONSENT): Promise<RunResult> =>
  run(
    recoverChange({
      desired: desiredOf(volumes),
      file: 'cluster.yaml',
      allowDestroy: [],
      prefer: new Map(),
      consent,
    }),
  );

const brickPids = (disk: number): readonly (number | undefined)[] =>
  NODES.map((n) => cluster.node(n).processes.find((p) => p.argv.includes(`/bricks/d${String(disk)}/a`))?.pid);

const definitions = (): readonly string[] =>
  NODES.map((n) =>
    cluster
      .node(n)
      .info('a')
      .filter((line) => !line.startsWith('version='))
      .join('\n'),
  );

const isAdd = ({ op }: SimCall): boolean => op?.kind === 'gluster' && op.argv[1] === 'add-brick';

/** The first call after the command that adds bricks. */
function afterAdd(): (call: SimCall) => boolean {
  let isAdded = false;
  return (call) => {
    if (!isAdd(call)) return isAdded;
    isAdded = true;
    return false;
  };
}

const act = (fault: () => void): Fault => ({ kind: 'act', act: fault });

/** A client has written a file; then a new brick dies, so that the end is not as planned. */
const failWithFile = (): void => {
  cluster.inject([
    {
      at: afterAdd(),
      fault: act(() => {
        for (const node of NODES) cluster.node(node).disk.write(`${NEW}/file`, 'of a client');
        cluster.node('node01').killBrick(NEW);
      }),
    },
  ]);
};

/** A new brick dies, and others come between the last observation and the command that takes it out. */
const failBeforeWithdrawal = (others: () => Promise<void>): void => {
  cluster.inject([
    { at: afterAdd(), fault: act(() => cluster.node('node01').killBrick(NEW)) },
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'remove-brick',
      fault: { kind: 'act', act: others },
    },
  ]);
};

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 5, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
  expect(await apply(ONE)).toMatchObject({ outcome: 'applied' });
});

describe('what is said of a set that comes', () => {
  const reason = (): string | undefined =>
    plans[0]?.steps.find(({ action }) => action === 'volume-add-bricks')?.reason;

  it('a rebalance follows, where a client has used the volume', async () => {
    await apply(ONE);
    for (const node of NODES) cluster.node(node).disk.setXattr('/bricks/d1/a', DHT, 'range');
    await apply(TWO);
    expect(reason()).toBe('the file has further sets; a rebalance follows');
  });

  /** As on real hosts: the root of a volume of one set has no parts, until others come and clients go on. */
  const useOne = (): void => {
    for (const node of NODES) cluster.node(node).disk.removeXattr('/bricks/d1/a', DHT);
  };
  const clientsGoOn = (): void => {
    for (const node of NODES)
      for (const disk of [1, 2]) cluster.node(node).disk.setXattr(`/bricks/d${String(disk)}/a`, DHT, 'range');
  };
  const planned = (): readonly string[] =>
    plans.flatMap((p) => [...p.steps, ...(p.later ?? [])].map(({ action }) => action));

  it('a rebalance follows, though what shows it is gone by then', async () => {
    useOne();
    for (const node of NODES) cluster.node(node).disk.write('/bricks/d1/a/file', 'of a client');
    cluster.inject([{ at: afterAdd(), fault: act(clientsGoOn) }]);
    expect(await apply(TWO)).toMatchObject({ outcome: 'applied' });
    expect(reason()).toBe('the file has further sets; a rebalance follows');
    const done = plans.flatMap(({ steps }) => steps.map(({ action }) => action));
    expect(done).toEqual(['volume-options', 'volume-add-bricks', 'volume-rebalance']);
    expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('which a later run begins, where a directory shows it', async () => {
    useOne();
    await apply(TWO);
    for (const node of NODES) {
      const { disk } = cluster.node(node);
      for (const root of ['/bricks/d1/a', '/bricks/d2/a']) disk.mkdirs(`${root}/old`);
      disk.setXattr('/bricks/d1/a/old', DHT, WHOLE);
    }
    clientsGoOn();
    expect(await apply(TWO)).toMatchObject({ outcome: 'applied' });
    expect(planned()).toContain('volume-rebalance');
    expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('also where its directories have come to the new bricks before', async () => {
    const three = TWO.replace(set(2), `${set(2)}, ${set(3)}`);
    await apply(TWO);
    clientsGoOn();
    const added = NODES.map((n) => `${n}:/bricks/d3/a`);
    await cluster.gluster('node01', ['volume', 'add-brick', 'a', ...added]);
    for (const node of NODES) cluster.node(node).disk.mkdirs('/bricks/d3/a/old');
    await cluster.clock.sleep(REST_MS);
    expect(await apply(three)).toMatchObject({ outcome: 'applied' });
    expect(planned()).toContain('volume-rebalance');
  });

  it('not of directories that were made while another set was down', async () => {
    useOne();
    await apply(TWO);
    clientsGoOn();
    for (const node of NODES) {
      const { disk } = cluster.node(node);
      for (const root of ['/bricks/d1/a', '/bricks/d2/a']) disk.mkdirs(`${root}/made`);
      disk.setXattr('/bricks/d2/a/made', DHT, WHOLE);
    }
    expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('no word of one, where nobody has', async () => {
    await apply(ONE);
    for (const node of NODES) cluster.node(node).disk.removeXattr('/bricks/d1/a', DHT);
    await apply(TWO);
    expect(reason()).toBe('the file has further sets');
    expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('of a volume that is stopped: it follows when it is started', async () => {
    await apply(ONE);
    for (const node of NODES) cluster.node(node).disk.setXattr('/bricks/d1/a', DHT, 'range');
    const stopped = (volumes: string): string => volumes.replace(' }\n', ', state: stopped }\n');
    await apply(stopped(ONE));
    await apply(stopped(TWO));
    expect(reason()).toBe('the file has further sets; a rebalance follows when it is started');
    await apply(TWO);
    expect(plans.flatMap((p) => [...p.steps, ...(p.later ?? [])].map(({ action }) => action))).toContain(
      'volume-rebalance',
    );
    expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

it('adds the sets in one step, leaves running bricks alone, and has nothing to do after that', async () => {
  const before = brickPids(1);
  expect(await apply(TWO)).toMatchObject({ outcome: 'applied', failures: [] });
  expect(plans[0]?.steps).toMatchObject([
    { id: 'volume-options:a/cluster.lookup-optimize' },
    {
      id: 'volume-add-bricks:a',
      risk: 'safe',
      undo: expect.stringContaining('no client has written') as string,
    },
  ]);
  expect(brickPids(1)).toEqual(before);
  expect(brickPids(2)).not.toContain(undefined);
  expect(await apply(TWO)).toMatchObject({ outcome: 'nothing-to-do' });
});

describe('is refused, and nothing is changed,', () => {
  it.each<readonly [string, () => void | Promise<void>, RegExp]>([
    [
      'while a brick is down',
      () => cluster.node('node02').killBrick('/bricks/d1/a'),
      /node02:.bricks.d1.a is down/,
    ],
    [
      'on a path that holds something',
      () => void cluster.node('node03').disk.mkdirs(`${NEW}/old`),
      /node03:.bricks.d2.a is not empty/,
    ],
    [
      'on a path that was a brick',
      () => {
        const { disk } = cluster.node('node03');
        disk.mkdirs(`${NEW}/old`);
        disk.setXattr(NEW, 'trusted.glusterfs.volume-id', '11111111-0000-4000-8000-000000000000');
      },
      /carries the volume-id/,
    ],
  ])('%s', async (_when, break_, says) => {
    await break_();
    const before = definitions();
    const result = await apply(TWO);
    expect(result.outcome).toBe('refused');
    expect(result.failures.flatMap((f) => f.details ?? []).join('\n')).toMatch(says);
    expect(definitions()).toEqual(before);
  });
});

describe('what others did to the bricks after they were read', () => {
  const theirs = NODES.map((n) => `${n}:/bricks/d3/a`);
  const add = async (): Promise<void> => {
    await cluster.gluster('node02', ['volume', 'add-brick', 'a', ...theirs]);
  };

  it('keeps bricks from being added, and stays', async () => {
    cluster.inject([{ at: isAdd, fault: { kind: 'act', act: add } }]);
    const result = await apply(TWO);
    expect(result.outcome).toBe('rollback-incomplete');
    expect(result.failures[0]?.cause).toMatch(/not as it was read/);
    for (const text of definitions()) {
      expect(text).toContain('brick-5=node03:-bricks-d3-a');
      expect(text).not.toContain('d2-a');
    }
    expect(cluster.commands.filter((c) => c.by === 'transaction' && c.argv[1] === 'add-brick')).toEqual([]);
  });

  it('keeps new bricks from being taken out again', async () => {
    failBeforeWithdrawal(add);
    await apply(TWO);
    expect(cluster.commands.filter((c) => c.argv[1] === 'remove-brick')).toEqual([]);
    for (const text of definitions()) expect(text).toContain('-bricks-d3-a');
  });
});

describe('rolled back', () => {
  it('by the command, the directories are gone, and it can be done again', async () => {
    const before = definitions();
    cluster.inject([{ at: afterAdd(), fault: act(() => cluster.node('node01').killBrick(NEW)) }]);
    expect(await apply(TWO)).toMatchObject({ outcome: 'rolled-back' });
    expect(definitions()).toEqual(before);
    expect(NODES.map((n) => cluster.node(n).disk.has(NEW))).toEqual([false, false, false]);
    expect(cluster.commands.map((c) => c.argv.slice(0, 2).join(' '))).toContain('volume remove-brick');
    expect(await apply(TWO)).toMatchObject({ outcome: 'applied' });
  });

  it('of a volume without copies, with the option that glusterd turns on as its brick leaves', async () => {
    const one = '  one: { bricks: [node01:/bricks/d1/one] }\n';
    const two = '  one: { bricks: [node01:/bricks/d1/one, node02:/bricks/d1/one] }\n';
    await apply(one);
    const info = (): readonly string[] =>
      NODES.map((n) =>
        cluster
          .node(n)
          .info('one')
          .filter((line) => !line.startsWith('version='))
          .join('\n'),
      );
    const before = info();
    const fault = act(() => {
      cluster.node('node02').killBrick('/bricks/d1/one');
    });
    cluster.inject([{ at: afterAdd(), fault }]);
    expect(await apply(two)).toMatchObject({ outcome: 'rolled-back' });
    expect(info()).toEqual(before);
    expect(await apply(two)).toMatchObject({ outcome: 'applied' });
  });

  it('where one node refused the bricks, and their directories were stamped on the others', async () => {
    const before = definitions();
    const fault = { kind: 'immutable', node: 'node03', path: '/var/lib/glusterd/vols/a' } as const;
    cluster.inject([{ at: isAdd, fault }]);
    const result = await apply(TWO);
    expect(['rolled-back', 'rollback-incomplete']).toContain(result.outcome);
    cluster.heal();
    await cluster.clock.sleep(REST_MS);
    await recover(ONE);
    expect(definitions()).toEqual(before);
    expect(NODES.map((n) => cluster.node(n).disk.has(NEW))).toEqual([false, false, false]);
    expect(await apply(TWO)).toMatchObject({ outcome: 'applied' });
  });

  it('keeps bricks that a client has written to, says so, and finishes when the file is gone', async () => {
    const before = definitions();
    failWithFile();
    const result = await apply(TWO);
    expect(result.outcome).toBe('rollback-incomplete');
    expect(result.failures.flatMap((f) => f.details ?? []).join('\n')).toContain(
      `node02: a client has written to ${NEW}: file`,
    );
    for (const text of definitions()) expect(text).toContain('brick-5=node03:-bricks-d2-a');
    expect((await recover(ONE)).outcome).toBe('rollback-incomplete');
    for (const node of NODES) cluster.node(node).disk.remove(`${NEW}/file`);
    expect((await recover(ONE)).failures).toEqual([]);
    expect(definitions()).toEqual(before);
    expect(NODES.map((n) => cluster.node(n).disk.has(NEW))).toEqual([false, false, false]);
  });

  it('keeps them for good where the transaction is abandoned', async () => {
    failWithFile();
    const { transaction = '' } = await apply(TWO);
    await recover(TWO, { ...NO_CONSENT, abandon: new Set([transaction]) });
    expect(await apply(TWO)).toMatchObject({ failures: [] });
    expect(brickPids(2)).not.toContain(undefined);
    for (const node of NODES) expect(cluster.node(node).disk.read(`${NEW}/file`)).toBe('of a client');
  });
});
