/**
 * Disks that were exchanged below their bricks, on the simulated cluster: each brick is reset and healed, one
 * after the other; what is refused, and by what; and that an empty brick is never taken for a copy.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Change } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { DRAIN_MARK } from '../../../src/model/transaction.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { simulatedHost } from './simulated-host.ts';

const NODES = ['node01', 'node02', 'node03'];
const REST_MS = 70_000;
const VOLUME_ID = 'trusted.glusterfs.volume-id';
const GFID = 'trusted.gfid';
const pathOf = (volume: string): string => `/bricks/d1/${volume}`;
const at = (node: string, volume = 'a'): string => `${node}:${pathOf(volume)}`;
const subject = (node: string, volume = 'a'): string => `brick/${at(node, volume)}`;
const THREE = 'replica: 3';

let cluster: SimCluster;
let count: number;
let plans: Plan[];

/** Volume → layout and further lines; a set on each of these disks. */
function desiredOf(
  volumes: Readonly<Record<string, string>>,
  newDisks: readonly string[] = [],
  disks: readonly number[] = [1],
): Desired {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const lines = Object.entries(volumes).map(([name, layout]) => {
    const bricks = disks.flatMap((disk) => NODES.map((n) => `${n}:/bricks/d${String(disk)}/${name}`));
    return `  ${name}: { ${layout}${layout === '' ? '' : ', '}bricks: [${bricks.join(', ')}] }\n`;
  });
  const text = `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${lines.join('')}`;
  const loaded = loadDesired(text, 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return { ...loaded.value, newDisks };
}

async function run(change: Change): Promise<RunResult> {
  plans = [];
  const host = simulatedHost(cluster, (node) => cluster.link(node), {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    showPlan: (plan) => void plans.push(plan),
    notify: () => undefined,
    timeOf: () => cluster.clock.now(),
  });
  const result = await runChange(change, host);
  await cluster.clock.sleep(REST_MS);
  return result;
}

const options = { file: 'c.yaml', allowDestroy: [], prefer: new Map<string, string>() };
const apply = (desired: Desired): Change =>
  applyChange({ ...options, desired, saved: undefined, noRepair: false });
const recover = (desired: Desired): Change => recoverChange({ ...options, desired });

const create = async (volumes: Readonly<Record<string, string>>): Promise<void> => {
  expect(await run(apply(desiredOf(volumes)))).toMatchObject({ outcome: 'applied', failures: [] });
};

/** The brick died, and an empty directory is on the disk that came for its own. */
const exchange = async (node: string, volume = 'a'): Promise<void> => {
  const { disk } = cluster.node(node);
  const path = pathOf(volume);
  cluster.node(node).killBrick(path);
  for (const name of disk.list(path)) disk.remove(`${path}/${name}`);
  for (const name of [GFID, VOLUME_ID]) disk.removeXattr(path, name);
  await cluster.clock.sleep(REST_MS);
};

const resets = (): readonly string[] =>
  cluster.commands
    .filter(({ argv, by }) => argv[1] === 'reset-brick' && by === 'transaction')
    .map(({ argv }) => argv[3] ?? '');
const isServed = (node: string, volume = 'a'): boolean =>
  cluster.node(node).processes.some((p) => p.brick?.path === pathOf(volume));
const versions = (): readonly (number | undefined)[] =>
  NODES.map((n) => cluster.node(n).store.volumes.get(volumeName('a'))?.version);

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 11, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
});

it('a brick with a new disk is reset in its place, and the next plan is empty', async () => {
  await create({ a: THREE });
  await exchange('node02');
  const wanted = desiredOf({ a: THREE });
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(plans[0]?.steps.map((s) => s.id)).toEqual([`brick-reset:${at('node02')}`]);
  expect([resets(), isServed('node02')]).toEqual([[at('node02')], true]);
  expect(cluster.node('node02').disk.entries.get(pathOf('a'))?.xattrs.has(GFID)).toBe(true);
  expect(new Set(versions()).size).toBe(1);
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'nothing-to-do' });
});

it('the directory is made where the new disk has none', async () => {
  await create({ a: THREE });
  await exchange('node02');
  cluster.node('node02').disk.remove(pathOf('a'));
  expect(await run(apply(desiredOf({ a: THREE })))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(isServed('node02')).toBe(true);
});

it('bricks of several volumes are reset one after the other, before anything else is changed', async () => {
  await create({ a: THREE, b: THREE });
  await exchange('node02');
  await exchange('node02', 'b');
  const wanted = desiredOf({ a: `${THREE}, options: { network.ping-timeout: 20 }`, b: THREE });
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(plans[0]?.steps.map((s) => s.id)).toEqual([`brick-reset:${at('node02')}`]);
  expect(plans[0]?.later?.map((s) => s.id)).toEqual([`brick-reset:${at('node02', 'b')}`, 'volume-options:a']);
  expect(resets()).toEqual([at('node02'), at('node02', 'b')]);
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'nothing-to-do' });
});

it('a heal in another set of the volume is waited for first', async () => {
  const wanted = (): Desired => desiredOf({ a: THREE }, [], [1, 2]);
  expect(await run(apply(wanted()))).toMatchObject({ outcome: 'applied', failures: [] });
  await exchange('node02');
  cluster.node('node03').setPendingHeals('/bricks/d2/a', 4);
  const running = run(apply(wanted()));
  await cluster.clock.sleep(600_000);
  expect(resets()).toEqual([]);
  cluster.node('node03').setPendingHeals('/bricks/d2/a', 0);
  expect(await running).toMatchObject({ outcome: 'applied' });
  expect(resets()).toEqual([at('node02')]);
});

it('recover leaves an empty brick alone, and names the command that resets it', async () => {
  await create({ a: THREE });
  await exchange('node02');
  const result = await run(recover(desiredOf({ a: THREE })));
  expect(result.outcome).toBe('decision-needed');
  expect(result.failures[0]?.fix).toContain('glusterctl apply');
  expect([resets(), isServed('node02')]).toEqual([[], false]);
});

describe('a new machine under the name of a lost one', () => {
  const STORE = '/var/lib/glusterd';
  const calledNew = (desired: Desired): Desired => ({
    ...desired,
    nodes: desired.nodes.map((n) => (n.name === 'node02' ? { ...n, isNewMachine: true } : n)),
  });
  const uuid = (): string | undefined => cluster.node('node02').store.uuid;

  const lose = async (): Promise<void> => {
    const two = cluster.node('node02');
    two.stopGlusterd('process');
    await exchange('node02');
    for (const name of ['glusterd.info', 'peers', 'vols']) two.disk.remove(`${STORE}/${name}`);
    two.startGlusterd();
    await cluster.clock.sleep(REST_MS);
  };

  it('gets its identity and is filled by one apply, where the file says that it is new', async () => {
    await create({ a: THREE });
    const before = uuid();
    await lose();
    const wanted = desiredOf({ a: THREE });
    expect(await run(apply(wanted))).toMatchObject({ outcome: 'decision-needed' });
    expect(uuid()).not.toBe(before);
    expect(await run(apply(calledNew(wanted)))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(uuid()).toBe(before);
    expect([resets(), isServed('node02')]).toEqual([[at('node02')], true]);
    for (const desired of [calledNew(wanted), wanted])
      expect(await run(apply(desired))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('is refused where a brick of the old one is there', async () => {
    await create({ a: THREE });
    const id = cluster.node('node01').store.volumes.get(volumeName('a'))?.id ?? '';
    await lose();
    cluster.node('node02').disk.setXattr(pathOf('a'), VOLUME_ID, id);
    const result = await run(apply(calledNew(desiredOf({ a: THREE }))));
    expect(result.outcome).toBe('decision-needed');
    expect(result.failures.map((f) => f.title).join()).toContain('node02 is not a new machine');
  });
});

describe('nothing is reset', () => {
  const refused = async (desired: Desired): Promise<readonly unknown[]> => {
    const before = versions();
    const result = await run(apply(desired));
    expect(result.outcome).toMatch(/^(refused|decision-needed)$/);
    expect([resets(), versions()]).toEqual([[], before]);
    return result.failures.map((f) => f.cause);
  };
  const wanted = (): Desired => desiredOf({ a: THREE });

  it('while another member cannot come up', async () => {
    await create({ a: THREE });
    await exchange('node02');
    await exchange('node03');
    expect(await refused(wanted())).toEqual(expect.arrayContaining(['heal-pending', 'set-quorum-at-risk']));
  });

  it('while the node is drained', async () => {
    await create({ a: THREE });
    await exchange('node02');
    const { disk } = cluster.node('node02');
    disk.mkdirs(DRAIN_MARK.slice(0, DRAIN_MARK.lastIndexOf('/')));
    disk.write(DRAIN_MARK, '{"who":"ann","when":"2026-01-01T00:00:00Z","why":"disk"}');
    expect(await refused(wanted())).toContain('step-not-possible');
  });

  it('while a process serves the brick from the disk that was there', async () => {
    await create({ a: THREE });
    const { disk } = cluster.node('node02');
    for (const name of disk.list(pathOf('a'))) disk.remove(`${pathOf('a')}/${name}`);
    for (const name of [GFID, VOLUME_ID]) disk.removeXattr(pathOf('a'), name);
    expect(await refused(wanted())).toContain('step-not-possible');
  });

  it('of a distribute volume, and it is said that its files are lost', async () => {
    await create({ a: '' });
    await exchange('node02');
    const result = await run(apply(desiredOf({ a: '' })));
    expect(result.outcome).toMatch(/^(refused|decision-needed)$/);
    expect(result.failures.map((f) => f.title).join()).toContain('were on its old disk alone');
    expect(result.failures.map((f) => f.fix).join()).toContain(
      `glusterctl apply FILE --allow-destroy brick/${at('node02')}`,
    );
    expect(resets()).toEqual([]);
  });

  it('where a file is in the directory', async () => {
    await create({ a: THREE });
    await exchange('node02');
    cluster.node('node02').disk.write(`${pathOf('a')}/letter`, 'dear');
    expect(await refused(wanted())).toEqual(['brick-volume-id-missing']);
  });

  it('where the file system is not mounted, unless a person says that the disk is new', async () => {
    await create({ a: THREE });
    await exchange('node02');
    const { disk } = cluster.node('node02');
    disk.mounts.splice(
      disk.mounts.findIndex((m) => m.point === '/bricks/d1'),
      1,
    );
    expect(await refused(wanted())).toEqual(['brick-not-mounted']);
    expect(await refused(desiredOf({ a: THREE }, [subject('node02')]))).toEqual(['step-not-possible']);
    const said = desiredOf({ a: THREE }, [subject('node02')]);
    const onRoot: Desired = { ...said, policy: { ...said.policy, allowBricksOnRootPartition: true } };
    expect(await run(apply(onRoot))).toMatchObject({ outcome: 'applied', failures: [] });
    expect([resets(), isServed('node02')]).toEqual([[at('node02')], true]);
  });

  it('by a flag that names no brick of the file', async () => {
    await create({ a: THREE });
    const result = await run(apply(desiredOf({ a: THREE }, ['brick/node02:/bricks/d1/aa'])));
    expect(result).toMatchObject({ outcome: 'refused', failures: [{ code: 'invalid-input' }] });
    expect(result.failures[0]?.cause).toContain(`did you mean "${subject('node02')}"?`);
  });
});

describe('a reset that fails', () => {
  const isReset = (argv: readonly string[]): boolean => argv[1] === 'reset-brick';

  it('before it took effect is rolled back, and done by the next run', async () => {
    await create({ a: THREE });
    await exchange('node02');
    cluster.inject([
      { at: ({ op }) => op?.kind === 'gluster' && isReset(op.argv), fault: { kind: 'drop-request' } },
    ]);
    expect(await run(apply(desiredOf({ a: THREE })))).toMatchObject({ outcome: 'rolled-back' });
    expect(await run(apply(desiredOf({ a: THREE })))).toMatchObject({ outcome: 'applied' });
  });

  it('with the brick marked and not filled starts it by nothing, and is done by the next run', async () => {
    await create({ a: THREE });
    await exchange('node02');
    const file = '/var/lib/glusterd/vols/a/a.tcp-fuse.vol';
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && isReset(op.argv),
        fault: { node: 'node01', kind: 'immutable', path: file },
      },
    ]);
    const wanted = desiredOf({ a: THREE });
    expect(await run(apply(wanted))).toMatchObject({ outcome: 'rollback-incomplete' });
    await cluster.node('node01').fault({ kind: 'mutable', path: file });
    expect(cluster.node('node02').disk.entries.get(pathOf('a'))?.xattrs.has(VOLUME_ID)).toBe(true);
    expect(isServed('node02')).toBe(false);
    await run(recover(wanted));
    expect(isServed('node02')).toBe(false);
    expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied', failures: [] });
    expect([resets().length, isServed('node02')]).toEqual([2, true]);
  });
});
