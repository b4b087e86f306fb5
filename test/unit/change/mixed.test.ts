/**
 * One edit of the file that changes the bricks of a volume in several ways, on the simulated cluster: the
 * order of the turns, consent before the first, and nothing left to do after the last.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { simulatedHost } from './simulated-host.ts';

const NODES = ['node01', 'node02', 'node03', 'node04'];
const at = (n: number, disk = 1): string => `node0${String(n)}:/bricks/d${String(disk)}/a`;
const set = (disk: number, ...nodes: readonly number[]): readonly string[] => nodes.map((n) => at(n, disk));

type Volume = readonly [keys: string, bricks: readonly string[]];

let cluster: SimCluster;
let count: number;
let plans: Plan[];

async function apply([keys, bricks]: Volume, allowDestroy: readonly string[] = []): Promise<RunResult> {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const volume = `  a: { ${keys}bricks: [${bricks.join(', ')}] }\n`;
  const text = `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volume}`;
  const loaded = loadDesired(text, 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  plans = [];
  const host = simulatedHost(cluster, (node) => cluster.link(node), {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    showPlan: (plan) => void plans.push(plan),
    timeOf: () => cluster.clock.now(),
  });
  const change = applyChange({
    desired: loaded.value,
    saved: undefined,
    file: 'c.yaml',
    allowDestroy,
    prefer: new Map(),
    noRepair: false,
  });
  return await runChange(change, host);
}

/** What has changed bricks, in order: the command and its volume's count of copies or its bricks. */
const done = (from: number): readonly string[] =>
  cluster.commands
    .slice(from)
    .filter(({ argv }) => /-brick$|^rebalance$/.test(argv[1] ?? '') && !argv.includes('status'))
    .map(({ argv }) => [argv[1], ...argv.slice(3)].join(' '));

const foreseen = (): readonly string[] =>
  plans.slice(0, 1).flatMap((p) => [...p.steps, ...(p.later ?? [])].map((s) => s.action));

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 9, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
});

const R2 = 'replica: 2, ';
const R3 = 'replica: 3, ';

interface Mixed {
  readonly from: Volume;
  readonly to: Volume;
  readonly foreseen: readonly string[];
  readonly done: readonly string[];
  readonly allow?: readonly string[];
}

const MIXED: Readonly<Record<string, Mixed>> = {
  'copies, then a replacement': {
    from: [R2, set(1, 1, 2)],
    to: [R3, [at(1), at(2, 2), at(3)]],
    foreseen: ['volume-add-copies', 'brick-replace'],
    done: [`add-brick replica 3 ${at(3)}`, `replace-brick ${at(2)} ${at(2, 2)} commit force`],
  },
  'copies, then a set': {
    from: [R2, set(1, 1, 2)],
    to: [R3, [...set(1, 1, 2, 3), ...set(2, 2, 3, 4)]],
    foreseen: ['volume-add-copies', 'volume-options', 'volume-add-bricks', 'volume-rebalance'],
    done: [`add-brick replica 3 ${at(3)}`, `add-brick ${set(2, 2, 3, 4).join(' ')}`, 'rebalance start'],
  },
  'a copy less, then a replacement': {
    from: [R3, set(1, 1, 2, 3)],
    to: [R2, [at(1), at(2, 2)]],
    foreseen: ['volume-remove-copies', 'brick-replace'],
    done: [`remove-brick replica 2 ${at(3)} force`, `replace-brick ${at(2)} ${at(2, 2)} commit force`],
    allow: [`brick/${at(3)}`],
  },
  'a replacement, then a set': {
    from: [R3, set(1, 1, 2, 3)],
    to: [R3, [...set(1, 1, 2, 4), ...set(2, 1, 2, 3)]],
    foreseen: ['brick-replace', 'volume-options', 'volume-add-bricks', 'volume-rebalance'],
    done: [
      `replace-brick ${at(3)} ${at(4)} commit force`,
      `add-brick ${set(2, 1, 2, 3).join(' ')}`,
      'rebalance start',
    ],
  },
  'a replacement, then a set that leaves': {
    from: [R2, [...set(1, 1, 2), ...set(2, 3, 4)]],
    to: [R2, set(1, 1, 3)],
    foreseen: ['brick-replace', 'volume-options', 'volume-remove-bricks', 'volume-remove-bricks-commit'],
    done: [
      `replace-brick ${at(2)} ${at(3)} commit force`,
      `remove-brick ${set(2, 3, 4).join(' ')} start`,
      `remove-brick ${set(2, 3, 4).join(' ')} commit`,
    ],
    allow: [`brick/${at(3, 2)}`],
  },
  'a set that comes, then one that leaves': {
    from: [R2, [...set(1, 1, 2), ...set(2, 3, 4)]],
    to: [R2, [...set(1, 1, 2), ...set(3, 3, 4)]],
    foreseen: ['volume-options', 'volume-add-bricks', 'volume-remove-bricks', 'volume-remove-bricks-commit'],
    done: [
      `add-brick ${set(3, 3, 4).join(' ')}`,
      `remove-brick ${set(2, 3, 4).join(' ')} start`,
      `remove-brick ${set(2, 3, 4).join(' ')} commit`,
      'rebalance start',
    ],
    allow: [`brick/${at(3, 2)}`],
  },
};

describe.each(Object.entries(MIXED))(
  '%s',
  (_what, { from, to, foreseen: plan, done: commands, allow = [] }) => {
    it('is foreseen, done in that order, and nothing is left to do', async () => {
      expect(await apply(from)).toMatchObject({ outcome: 'applied' });
      const began = cluster.commands.length;
      const applied = await apply(to, allow);
      expect(applied, JSON.stringify(applied.failures)).toMatchObject({ outcome: 'applied' });
      expect(foreseen()).toEqual(plan);
      expect(done(began)).toEqual(commands);
      const bricks = cluster.node('node02').store.volumes.get(volumeName('a'))?.bricks ?? [];
      expect(new Set(bricks.map((b) => `${b.hostname}:${b.path}`))).toEqual(new Set(to[1]));
      expect(await apply(to)).toMatchObject({ outcome: 'nothing-to-do' });
    });
  },
);

it.each(Object.entries(MIXED).filter(([, { allow }]) => allow !== undefined))(
  '%s: what loses a brick is asked before the first turn',
  async (_what, { from, to }) => {
    await apply(from);
    const began = cluster.commands.length;
    expect(await apply(to)).toMatchObject({ outcome: 'decision-needed' });
    expect(done(began)).toEqual([]);
  },
);

it('copies are foreseen too where bricks are first taken back from their way out', async () => {
  const leaving = set(2, 3, 4);
  await apply([R2, [...set(1, 1, 2), ...leaving]]);
  await cluster.gluster('node01', ['volume', 'set', 'a', 'cluster.lookup-optimize', 'off']);
  await cluster.gluster('node01', ['volume', 'remove-brick', 'a', ...leaving, 'start']);
  const began = cluster.commands.length;
  const wide = [at(1), at(2, 3), at(3), ...leaving, at(1, 2)];
  const applied = await apply([R3, wide]);
  expect(applied, JSON.stringify(applied.failures)).toMatchObject({ outcome: 'applied' });
  expect(foreseen()).toContain('volume-add-copies');
  expect(done(began)[0]).toBe(`remove-brick ${leaving.join(' ')} stop`);
  expect(done(began)).toContain(`add-brick replica 3 ${at(3)} ${at(1, 2)} force`);
});

it('bricks that are on their way out are gone before another is replaced', async () => {
  const leaving = set(2, 3, 4);
  await apply([R2, [...set(1, 1, 2), ...leaving]]);
  await cluster.gluster('node01', ['volume', 'set', 'a', 'cluster.lookup-optimize', 'off']);
  await cluster.gluster('node01', ['volume', 'remove-brick', 'a', ...leaving, 'start']);
  const began = cluster.commands.length;
  const applied = await apply([R2, set(1, 1, 3)], [`brick/${at(3, 2)}`]);
  expect(applied, JSON.stringify(applied.failures)).toMatchObject({ outcome: 'applied' });
  expect(done(began)).toEqual([
    `remove-brick ${leaving.join(' ')} commit`,
    `replace-brick ${at(2)} ${at(3)} commit force`,
  ]);
});
