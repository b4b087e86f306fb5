/**
 * A volume that gets more copies of its files, or fewer, by an edit of its list, on the simulated cluster:
 * one copy after the other, each filled before the next; what is refused; and what a rollback leaves.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Change } from '../../../src/change/change.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { StoreVolume } from '../../../src/model/observed.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { owner } from '../../contract/harness.ts';
import { simulatedHost } from './simulated-host.ts';

const NODES = ['node01', 'node02', 'node03', 'node04'];
const REST_MS = 70_000;
const at = (n: number, disk = 1): string => `node0${String(n)}:/bricks/d${String(disk)}/a`;
const OPTION = 'performance.client-io-threads';

let cluster: SimCluster;
let count: number;
let plans: Plan[];
let said: string[];

function desiredOf(layout: string, bricks: readonly string[], without: readonly string[] = []): Desired {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const volume = `  a: { ${layout}${layout === '' ? '' : ', '}bricks: [${bricks.join(', ')}] }\n`;
  const text = `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volume}`;
  const loaded = loadDesired(text, 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const isLeftOut = (name: string): boolean => without.includes(name);
  return {
    ...loaded.value,
    nodes: loaded.value.nodes.map((n) => (isLeftOut(n.name) ? { ...n, isLeftOut: true } : n)),
  };
}

async function run(change: Change): Promise<RunResult> {
  [plans, said] = [[], []];
  const host = simulatedHost(cluster, (node) => cluster.link(node), {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    showPlan: (plan) => void plans.push(plan),
    notify: (message) => void said.push(message),
    timeOf: () => cluster.clock.now(),
  });
  const result = await runChange(change, host);
  await cluster.clock.sleep(REST_MS);
  return result;
}

const apply = (
  layout: string,
  bricks: readonly string[],
  allowDestroy: readonly string[] = [],
  without: readonly string[] = [],
): Promise<RunResult> =>
  run(
    applyChange({
      desired: desiredOf(layout, bricks, without),
      saved: undefined,
      file: 'c.yaml',
      allowDestroy,
      prefer: new Map(),
      noRepair: false,
    }),
  );

const copyOn = (node: string): StoreVolume | undefined =>
  cluster.node(node).store.volumes.get(volumeName('a'));
const listed = (node = 'node01'): readonly string[] =>
  copyOn(node)?.bricks.map((b) => `${b.hostname}:${b.path}`) ?? [];
const optionOf = (): string | undefined => copyOn('node01')?.options.get(OPTION);
const commands = (verb: string): readonly string[] =>
  cluster.commands
    .filter(({ argv, by }) => argv[1] === verb && by === 'transaction')
    .map(({ argv }) => argv.slice(3).join(' '));

async function create(layout: string, bricks: readonly string[]): Promise<void> {
  expect(await apply(layout, bricks)).toMatchObject({ outcome: 'applied', failures: [] });
}

/** Something happens after the command that adds the copies, and the end is not as planned. */
function failAfterAdd(act: () => void): void {
  let isAdded = false;
  const isAfter = ({ op }: SimCall): boolean => {
    if (op?.kind !== 'gluster' || op.argv[1] !== 'add-brick') return isAdded;
    isAdded = true;
    return false;
  };
  cluster.inject([{ at: isAfter, fault: { kind: 'act', act } }]);
}

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 9, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
});

interface Widened {
  readonly from: readonly [layout: string, bricks: readonly string[]];
  readonly to: readonly [layout: string, bricks: readonly string[]];
}

describe('a further copy comes last in each set, with one command, and the next plan is empty,', () => {
  it.each<readonly [string, Widened, string]>([
    [
      'distribute to replica 2',
      { from: ['', [at(1), at(2)]], to: ['replica: 2', [at(1), at(3), at(2), at(4)]] },
      `replica 2 ${at(3)} ${at(4)} force`,
    ],
    [
      'replica 2 to 3, where two legs share a node',
      {
        from: ['replica: 2', [at(1), at(2), at(3), at(2, 2)]],
        to: ['replica: 3', [at(1), at(2), at(4), at(3), at(2, 2), at(4, 2)]],
      },
      `replica 3 ${at(4)} ${at(4, 2)} force`,
    ],
    [
      'replica 2 to 3, where a leg shares a node with another set',
      {
        from: ['replica: 2', [at(1), at(2), at(3), at(4)]],
        to: ['replica: 3', [at(1), at(2), at(3, 2), at(3), at(4), at(1, 2)]],
      },
      `replica 3 ${at(3, 2)} ${at(1, 2)} force`,
    ],
    [
      'an arbiter to replica 2',
      { from: ['replica: 2', [at(1), at(2)]], to: ['replica: 3, arbiter: 1', [at(1), at(2), at(3)]] },
      `replica 3 arbiter 1 ${at(3)}`,
    ],
  ])('%s', async (_what, { from, to }, command) => {
    await create(...from);
    expect(await apply(...to)).toMatchObject({ outcome: 'applied', failures: [] });
    expect(NODES.map(listed)).toEqual(NODES.map(() => to[1]));
    expect(commands('add-brick')).toEqual([command]);
    expect(plans[0]?.steps).toMatchObject([{ action: 'volume-add-copies', risk: 'safe' }]);
    expect(await apply(...to)).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

it('two further copies come one after the other, the second when the first is filled', async () => {
  await create('', [at(1)]);
  expect(await apply('replica: 3', [at(1), at(2), at(3)])).toMatchObject({ outcome: 'applied' });
  expect(commands('add-brick')).toEqual([`replica 2 ${at(2)}`, `replica 3 ${at(3)}`]);
  expect(said.filter((s) => s.includes('waits for heals'))).toHaveLength(1);
  expect(plans[0]?.later).toMatchObject([{ action: 'volume-add-copies' }]);
});

it('heals that are under way are waited for first', async () => {
  await create('replica: 2', [at(1), at(2)]);
  cluster.node('node02').setPendingHeals('/bricks/d1/a', 4);
  const running = apply('replica: 3', [at(1), at(2), at(3)]);
  await cluster.clock.sleep(600_000);
  expect(commands('add-brick')).toEqual([]);
  cluster.node('node02').setPendingHeals('/bricks/d1/a', 0);
  expect(await running).toMatchObject({ outcome: 'applied' });
  expect(commands('add-brick')).toHaveLength(1);
});

it('an option of the file that glusterd sets beside is as the file says, in the same run', async () => {
  await create(`options: { ${OPTION}: on }`, [at(1)]);
  const wider = `replica: 2, options: { ${OPTION}: on }`;
  expect(await apply(wider, [at(1), at(2)])).toMatchObject({ outcome: 'applied', failures: [] });
  expect(optionOf()).toBe('on');
  expect(await apply(wider, [at(1), at(2)])).toMatchObject({ outcome: 'nothing-to-do' });
});

describe('it is taken back where the end is not as planned, and the new bricks are cleared:', () => {
  it.each<readonly [string, Widened, string | undefined]>([
    ['the first copies', { from: ['', [at(1)]], to: ['replica: 2', [at(1), at(2)]] }, undefined],
    [
      'the first copies, with the option as it was',
      { from: ['', [at(1)]], to: ['replica: 2', [at(1), at(2)]] },
      'on',
    ],
    [
      'further ones',
      { from: ['replica: 2', [at(1), at(2)]], to: ['replica: 3', [at(1), at(2), at(3)]] },
      'off',
    ],
  ])('%s', async (_what, { from, to }, option) => {
    await create(...from);
    if (option === 'on') await cluster.gluster('node01', ['volume', 'set', 'a', OPTION, 'on']);
    cluster.node('node01').disk.write('/bricks/d1/a/file', 'of a client');
    const fresh = cluster.node(to[1].at(-1)?.slice(0, 6) ?? '');
    failAfterAdd(() => {
      fresh.disk.write('/bricks/d1/a/file', 'of a client');
      fresh.killBrick('/bricks/d1/a');
    });
    expect(await apply(...to)).toMatchObject({ outcome: 'rolled-back' });
    expect(NODES.map(listed)).toEqual(NODES.map(() => from[1]));
    expect(optionOf()).toBe(option);
    expect(fresh.disk.has('/bricks/d1/a')).toBe(false);
    expect(cluster.node('node01').disk.read('/bricks/d1/a/file')).toBe('of a client');
    expect(await apply(...to)).toMatchObject({ outcome: 'applied' });
  });
});

it('it stays where another brick lacks what a new one has', async () => {
  await create('', [at(1)]);
  failAfterAdd(() => {
    cluster.node('node02').setPendingHeals('/bricks/d1/a', 1);
    cluster.node('node02').killBrick('/bricks/d1/a');
  });
  const result = await apply('replica: 2', [at(1), at(2)]);
  expect(result).toMatchObject({ outcome: 'rollback-incomplete' });
  expect(JSON.stringify(result.failures)).toContain('others of its set may lack what is on /bricks/d1/a');
  expect(listed()).toEqual([at(1), at(2)]);
});

it('a directory that glusterd has marked before it refused is cleared', async () => {
  await create('replica: 2', [at(1), at(2)]);
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'add-brick',
      fault: {
        kind: 'act',
        act: () => {
          cluster.node('node02').killBrick('/bricks/d1/a');
        },
      },
    },
  ]);
  expect(await apply('replica: 3', [at(1), at(2), at(3)])).toMatchObject({ outcome: 'rolled-back' });
  expect(cluster.node('node03').disk.has('/bricks/d1/a')).toBe(false);
});

describe('copies leave with one command, once that is allowed, and the next plan is empty:', () => {
  it.each<readonly [string, Widened, string]>([
    [
      'any of three, of each set',
      {
        from: ['replica: 3', [at(1), at(2), at(3), at(2, 2), at(3, 2), at(4)]],
        to: ['replica: 2', [at(2), at(3), at(2, 2), at(4)]],
      },
      `replica 2 ${at(1)} ${at(3, 2)} force`,
    ],
    [
      'the arbiter',
      { from: ['replica: 3, arbiter: 1', [at(1), at(2), at(3)]], to: ['replica: 2', [at(1), at(2)]] },
      `replica 2 ${at(3)} force`,
    ],
    [
      'all but one',
      { from: ['replica: 3', [at(1), at(2), at(3)]], to: ['', [at(2)]] },
      `replica 1 ${at(1)} ${at(3)} force`,
    ],
  ])('%s', async (_what, { from, to }, command) => {
    await create(...from);
    const gone = from[1].filter((b) => !to[1].includes(b)).map((b) => `brick/${b}`);
    const refused = await apply(...to);
    expect(refused).toMatchObject({ outcome: 'decision-needed' });
    expect(JSON.stringify(refused.failures)).toContain(gone[0]);
    expect(commands('remove-brick')).toEqual([]);
    expect(await apply(...to, gone)).toMatchObject({ outcome: 'applied', failures: [] });
    expect(NODES.map(listed)).toEqual(NODES.map(() => to[1]));
    expect(commands('remove-brick')).toEqual([command]);
    expect(plans[0]?.steps).toMatchObject([{ action: 'volume-remove-copies', risk: 'destructive' }]);
    expect(await apply(...to)).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

it('no copy leaves while another lacks what it has: that heal is waited for', async () => {
  await create('replica: 3', [at(1), at(2), at(3)]);
  cluster.node('node03').setPendingHeals('/bricks/d1/a', 4);
  const running = apply('replica: 2', [at(1), at(2)], [`brick/${at(3)}`]);
  await cluster.clock.sleep(600_000);
  expect(commands('remove-brick')).toEqual([]);
  cluster.node('node03').setPendingHeals('/bricks/d1/a', 0);
  expect(await running).toMatchObject({ outcome: 'applied' });
  expect(listed()).toEqual([at(1), at(2)]);
});

it('no copy leaves of a set of which another begins to lack files right before the command', async () => {
  await create('replica: 3', [at(1), at(2), at(3)]);
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'journal-mark' && op.state === 'committing',
      fault: {
        kind: 'act',
        act: () => {
          cluster.node('node03').setPendingHeals('/bricks/d1/a', 4);
        },
      },
    },
  ]);
  const result = await apply('replica: 2', [at(1), at(2)], [`brick/${at(3)}`]);
  expect(result).toMatchObject({ outcome: 'rolled-back' });
  expect(commands('remove-brick')).toEqual([]);
  expect(listed()).toEqual([at(1), at(2), at(3)]);
});

describe('a copy that is lost leaves, though what it lacks waits on the others:', () => {
  const loseDisk = (node: string): void => {
    const { disk } = cluster.node(node);
    cluster.node(node).killBrick('/bricks/d1/a');
    const mount = disk.mounts.findIndex(({ point }) => point === '/bricks/d1');
    disk.mounts.splice(mount, 1);
  };
  const lose = async (fault: 'power-off' | 'disk'): Promise<void> => {
    await create('replica: 3', [at(1), at(2), at(3)]);
    const three = cluster.node('node03');
    if (fault === 'power-off') await three.fault({ kind: 'power-off' });
    else loseDisk('node03');
    await cluster.clock.sleep(REST_MS);
    for (const node of ['node01', 'node02']) cluster.node(node).setPendingHeals('/bricks/d1/a', 9);
  };

  it('its disk', async () => {
    await lose('disk');
    const result = await apply('replica: 2', [at(1), at(2)], [`brick/${at(3)}`]);
    expect(result).toMatchObject({ outcome: 'applied', failures: [] });
    expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(2)]));
  });

  it('its node, and takes that over when it returns', async () => {
    await lose('power-off');
    const result = await apply('replica: 2', [at(1), at(2)], [`brick/${at(3)}`], ['node03']);
    expect(result).toMatchObject({ outcome: 'applied', failures: [] });
    await cluster.node('node03').fault({ kind: 'power-on' });
    await cluster.clock.sleep(REST_MS);
    expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(2)]));
    expect(await apply('replica: 2', [at(1), at(2)])).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('but not while one that stays is down', async () => {
    await lose('power-off');
    loseDisk('node02');
    const result = await apply('replica: 2', [at(1), at(2)], [`brick/${at(3)}`], ['node03']);
    expect(result.outcome).not.toBe('applied');
    expect(JSON.stringify(result.failures)).toContain(`${at(2)} is down`);
    expect(commands('remove-brick')).toEqual([]);
  });
});

it('the option of the file that glusterd sets with the last copy is as the file says', async () => {
  const off = `options: { ${OPTION}: off }`;
  await create(`replica: 2, ${off}`, [at(1), at(2)]);
  expect(await apply(off, [at(1)], [`brick/${at(2)}`])).toMatchObject({ outcome: 'applied', failures: [] });
  expect(optionOf()).toBe('off');
  expect(await apply(off, [at(1)])).toMatchObject({ outcome: 'nothing-to-do' });
});

it('new bricks are ended and cleared where a node refused them, and others have their path', async () => {
  await create('', [at(1)]);
  await cluster.node('node04').fault({ kind: 'immutable', path: '/var/lib/glusterd/vols/a' });
  expect(await apply('replica: 2', [at(1), at(2)])).toMatchObject({ outcome: 'rolled-back' });
  expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1)]));
  const { disk, processes } = cluster.node('node02');
  expect([disk.has('/bricks/d1/a'), processes.filter((p) => p.role === 'brick')]).toEqual([false, []]);
});
