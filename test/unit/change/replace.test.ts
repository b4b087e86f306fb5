/**
 * A brick that takes the place of another, on the simulated cluster: one at a time, each healed before the
 * next; what is refused; and that nothing takes it back.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Change } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { failure } from '../../../src/core/failure.ts';
import { err } from '../../../src/core/result.ts';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { DRAIN_MARK, JOURNAL_ROOT } from '../../../src/model/transaction.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { simulatedHost } from './simulated-host.ts';

const NODES = ['node01', 'node02', 'node03', 'node04'];
const REST_MS = 70_000;
const SILENCE_MS = 40_000;
const at = (n: number, disk = 1): string => `node0${String(n)}:/bricks/d${String(disk)}/a`;
const THREE = [at(1), at(2), at(3)];

let cluster: SimCluster;
let count: number;
let plans: Plan[];
let said: string[];

function desiredOf(
  bricks: readonly string[],
  layout = 'replica: 3',
  without: readonly string[] = [],
): Desired {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const volume = `  a: { ${layout}, bricks: [${bricks.join(', ')}] }\n`;
  const text = `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volume}`;
  const loaded = loadDesired(text, 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const isLeftOut = (name: string): boolean => without.includes(name);
  return {
    ...loaded.value,
    nodes: loaded.value.nodes.map((n) => (isLeftOut(n.name) ? { ...n, isLeftOut: true } : n)),
  };
}

async function run(
  change: Change,
  link = (node: string): NodeLink => cluster.link(node),
): Promise<RunResult> {
  [plans, said] = [[], []];
  const host = simulatedHost(cluster, link, {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    showPlan: (plan) => void plans.push(plan),
    notify: (message) => void said.push(message),
    remark: (sentence) => void said.push(sentence),
    timeOf: () => cluster.clock.now(),
  });
  const result = await runChange(change, host);
  await cluster.clock.sleep(REST_MS);
  return result;
}

const apply = (desired: Desired): Change =>
  applyChange({
    desired,
    saved: undefined,
    file: 'c.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
  });

const isReplace = (argv: readonly string[]): boolean => argv[1] === 'replace-brick';

const listed = (node = 'node01'): readonly string[] =>
  cluster
    .node(node)
    .store.volumes.get(volumeName('a'))
    ?.bricks.map((b) => `${b.hostname}:${b.path}`) ?? [];
const served = (): readonly string[] =>
  NODES.flatMap((node) =>
    cluster
      .node(node)
      .processes.flatMap((p) => (p.role === 'brick' ? [`${node}:${p.brick?.path ?? ''}`] : [])),
  );
const replaced = (): number =>
  cluster.commands.filter(({ argv, by }) => argv[1] === 'replace-brick' && by === 'transaction').length;
const states = (): readonly string[] => [
  ...new Set(
    NODES.flatMap((node) => {
      const { disk } = cluster.node(node);
      return disk
        .list(JOURNAL_ROOT)
        .slice(-1)
        .map((id) => disk.read(`${JOURNAL_ROOT}/${id}/state`)?.trim() ?? '');
    }),
  ),
];

async function create(bricks: readonly string[], layout?: string): Promise<void> {
  expect(await run(apply(desiredOf(bricks, layout)))).toMatchObject({ outcome: 'applied', failures: [] });
}

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 9, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
});

it('one brick is replaced, in its place, and the next plan is empty', async () => {
  await create(THREE);
  const wanted = desiredOf([at(1), at(4), at(3)]);
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(plans[0]?.steps.map((s) => [s.id, s.undo])).toEqual([
    [
      `brick-replace:${at(2)}`,
      `none: a point of no return; the data of ${at(2)} stays there, stale from the first write on`,
    ],
  ]);
  expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(4), at(3)]));
  expect(served()).toEqual([at(1), at(3), at(4)]);
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'nothing-to-do' });
});

it('several are replaced one after the other, each when the heals of the one before are over', async () => {
  await create(THREE);
  const wanted = [at(1), at(2, 2), at(4)];
  expect(await run(apply(desiredOf(wanted)))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(listed()).toEqual(wanted);
  expect(replaced()).toBe(2);
  expect(said.filter((s) => s.includes('waits for heals'))).toHaveLength(1);
  expect(plans[0]?.steps).toHaveLength(1);
  expect(plans[0]?.later?.map((s) => s.id)).toEqual([`brick-replace:${at(3)}`]);
});

it('a brick of a disperse set, for which no heal counts at first, is filled before the next', async () => {
  await create(THREE, 'disperse: 3, redundancy: 1');
  for (const node of NODES.slice(0, 3))
    cluster.node(node).disk.setXattr('/bricks/d1/a', 'trusted.ec.version', '3');
  const filled: (boolean | undefined)[] = [];
  const fresh = cluster.node('node02').disk;
  cluster.inject([
    {
      at: ({ op }) => {
        if (op?.kind === 'gluster' && isReplace(op.argv))
          filled.push(fresh.entries.get('/bricks/d2/a')?.xattrs.has('trusted.ec.version'));
        return false;
      },
      fault: { node: 'node01', kind: 'power-off' },
    },
  ]);
  const wanted = [at(1), at(2, 2), at(4)];
  expect(await run(apply(desiredOf(wanted, 'disperse: 3, redundancy: 1')))).toMatchObject({
    outcome: 'applied',
    failures: [],
  });
  expect([listed(), filled]).toEqual([wanted, [undefined, true]]);
  expect(said.join()).toContain(`${at(2, 2)} is new, and nothing was healed to it yet`);
});

describe('a heal that is under way is waited for first', () => {
  /** Asked for before the replacement. */
  const heals = (): number => {
    const verbs = cluster.commands.map(({ argv }) => argv[1]);
    return verbs.slice(0, verbs.indexOf('replace-brick')).filter((verb) => verb === 'heal').length;
  };
  const STOOD_STILL = 'the heal of volume a stood still, and was begun again';

  it('and is left alone as long as it moves on', async () => {
    await create(THREE);
    cluster.node('node03').setPendingHeals('/bricks/d1/a', 200);
    const running = run(apply(desiredOf([at(1), at(4), at(3)])));
    for (let left = 199; left >= 0; left--) {
      await cluster.clock.sleep(3000);
      expect([replaced(), listed()]).toEqual([0, THREE]);
      cluster.node('node03').setPendingHeals('/bricks/d1/a', left);
    }
    expect(await running).toMatchObject({ outcome: 'applied' });
    expect([replaced(), heals()]).toEqual([1, 0]);
  });

  it('and where it stands still, it is begun again', async () => {
    await create(THREE);
    cluster.node('node03').missHeals('/bricks/d1/a', 4);
    expect(await run(apply(desiredOf([at(1), at(4), at(3)])))).toMatchObject({ outcome: 'applied' });
    expect([replaced(), heals()]).toEqual([1, 1]);
    expect(said).toContain(STOOD_STILL);
  });

  it('and where it cannot be begun, it is waited for on', async () => {
    await create(THREE);
    cluster.node('node03').setPendingHeals('/bricks/d1/a', 4);
    const refused = err(failure('command-failed', 'Self-heal daemon is not running'));
    const link = (node: string): NodeLink => ({
      ...cluster.link(node),
      beginHeal: () => Promise.resolve(refused),
    });
    const running = run(apply(desiredOf([at(1), at(4), at(3)])), link);
    await cluster.clock.sleep(600_000);
    expect([replaced(), listed()]).toEqual([0, THREE]);
    expect(said).not.toContain(STOOD_STILL);
    cluster.node('node03').setPendingHeals('/bricks/d1/a', 0);
    expect(await running).toMatchObject({ outcome: 'applied' });
    expect(replaced()).toBe(1);
  });
});

it('its own heal is asked for until the daemons begin it', async () => {
  await create(THREE);
  expect(await run(apply(desiredOf([at(1), at(4), at(3)])))).toMatchObject({ outcome: 'applied' });
  expect(cluster.commands.at(-1)?.argv).toEqual(['volume', 'heal', 'a']);
  expect(said.filter((s) => s.includes('volume heal'))).toEqual([]);
});

it('a brick whose node is gone is replaced without it', async () => {
  await create(THREE);
  await cluster.node('node02').fault({ kind: 'power-off' });
  await cluster.clock.sleep(REST_MS);
  for (const node of ['node01', 'node03']) cluster.node(node).setPendingHeals('/bricks/d1/a', 9);
  const wanted = desiredOf([at(1), at(4), at(3)], 'replica: 3', ['node02']);
  expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied', failures: [] });
  expect(listed()).toEqual([at(1), at(4), at(3)]);
});

it('no brick is replaced where others have replaced one meanwhile', async () => {
  await create(THREE);
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'replace-brick',
      fault: {
        kind: 'act',
        act: async () => {
          const command = ['volume', 'replace-brick', 'a', at(3), at(3, 2), 'commit', 'force'];
          expect(await cluster.gluster('node01', command)).toMatchObject({ kind: 'done' });
        },
      },
    },
  ]);
  const result = await run(apply(desiredOf([at(1), at(4), at(3)])));
  expect(result.outcome).not.toBe('applied');
  expect(result.failures[0]?.cause).toMatch(/not as it was read/);
  expect([listed(), replaced()]).toEqual([[at(1), at(2), at(3, 2)], 0]);
});

describe('nothing is replaced', () => {
  const refused = async (desired: Desired): Promise<readonly unknown[]> => {
    const before = listed();
    const result = await run(apply(desired));
    expect(result.outcome).toMatch(/^(refused|decision-needed)$/);
    expect([listed(), replaced()]).toEqual([before, 0]);
    return result.failures.map((f) => f.cause);
  };
  const wanted = (): Desired => desiredOf([at(1), at(4), at(3)]);

  it.each([
    ['another member is down', 'node03'],
    ['the only other copy is down', 'node01'],
  ])('while %s', async (_name, down) => {
    await create(THREE);
    await cluster.node(down).fault({ kind: 'fill-disk', path: '/bricks/d1' });
    cluster.node(down).disk.removeXattr('/bricks/d1/a', 'trusted.glusterfs.volume-id');
    cluster.node(down).killBrick('/bricks/d1/a');
    await cluster.clock.sleep(REST_MS);
    expect(await refused(wanted())).toEqual(expect.arrayContaining(['heal-pending']));
  });

  it('by a directory that holds a file', async () => {
    await create(THREE);
    const { disk } = cluster.node('node04');
    disk.mkdirs('/bricks/d1/a');
    disk.write('/bricks/d1/a/letter', 'dear');
    expect(await refused(wanted())).toEqual(['step-not-possible']);
    expect(disk.read('/bricks/d1/a/letter')).toBe('dear');
  });

  it('by a directory that was a member before', async () => {
    await create(THREE);
    const { disk } = cluster.node('node04');
    disk.mkdirs('/bricks/d1/a');
    disk.setXattr(
      '/bricks/d1/a',
      'trusted.glusterfs.volume-id',
      cluster.node('node01').store.volumes.get(volumeName('a'))?.id ?? '',
    );
    expect(await refused(wanted())).toEqual(['step-not-possible']);
  });

  it('in the sets of a drained node', async () => {
    await create(THREE);
    cluster.node('node03').disk.write(DRAIN_MARK, '{}');
    expect(await refused(wanted())).toEqual(['set-quorum-at-risk', 'step-not-possible']);
  });

  it('while the brick that goes has files for the others, though that began after the plan', async () => {
    await create(THREE);
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'journal-mark',
        fault: {
          kind: 'act',
          act: () => {
            cluster.node('node02').setPendingHeals('/bricks/d1/a', 3);
          },
        },
      },
    ]);
    const result = await run(apply(wanted()));
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect(JSON.stringify(result.failures)).toContain('node02:/bricks/d1/a waits for heals: 3');
    expect([listed(), replaced()]).toEqual([THREE, 0]);
  });
});
describe('a replacement that does not end well', () => {
  it('leaves no mark on the new directory where glusterd refused it, and the next run does it', async () => {
    await create(THREE);
    const wanted = desiredOf([at(1), at(4), at(3)]);
    // The stage of node04 has marked the directory; its store does not take the change of others.
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv),
        fault: {
          kind: 'act',
          act: () => {
            const { disk } = cluster.node('node04');
            disk.mkdirs('/bricks/d1/a');
            disk.setXattr(
              '/bricks/d1/a',
              'trusted.glusterfs.volume-id',
              cluster.node('node01').store.volumes.get(volumeName('a'))?.id ?? '',
            );
          },
        },
      },
      { at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv), fault: { kind: 'drop-request' } },
    ]);
    expect(await run(apply(wanted))).toMatchObject({ outcome: 'rolled-back' });
    expect(cluster.node('node04').disk.has('/bricks/d1/a')).toBe(false);
    expect(await run(apply(wanted))).toMatchObject({ outcome: 'applied' });
  });

  it('is not rolled back where it is in effect, and its journal is closed', async () => {
    await create(THREE);
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv),
        fault: { when: 'after', node: 'node04', kind: 'kill-brick', path: '/bricks/d1/a' },
      },
      {
        at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv),
        fault: {
          when: 'after',
          kind: 'act',
          act: () => {
            cluster.node('node04').disk.removeXattr('/bricks/d1/a', 'trusted.glusterfs.volume-id');
          },
        },
      },
    ]);
    const result = await run(apply(desiredOf([at(1), at(4), at(3)])));
    expect(result.outcome).toBe('rollback-incomplete');
    expect(result.failures.map((f) => f.title)).toContain(
      `"replace brick ${at(2)} by ${at(4)} in volume a" is not taken back`,
    );
    expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(4), at(3)]));
    expect(states()).toEqual(['committed']);
  });

  it('that is half done is reported, and recover makes the nodes agree on the new brick', async () => {
    await create(THREE);
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv),
        fault: { node: 'node03', kind: 'immutable', path: '/var/lib/glusterd/vols/a/a.tcp-fuse.vol' },
      },
    ]);
    const wanted = desiredOf([at(1), at(4), at(3)]);
    const result = await run(apply(wanted));
    expect(result.outcome).toBe('rollback-incomplete');
    const stays = result.failures.find((f) => f.title.endsWith('is not taken back'));
    expect(stays?.details?.map((d) => d.replace(/version \d+/, 'version N'))).toEqual([
      `node01: volume a, version N: ${at(1)} ${at(4)} ${at(3)}`,
      `node02: volume a, version N: ${at(1)} ${at(4)} ${at(3)}`,
      `node03: volume a, version N: ${THREE.join(' ')}`,
      `node04: volume a, version N: ${at(1)} ${at(4)} ${at(3)}`,
    ]);
    expect(states()).toEqual(['abandoned']);
    await cluster.node('node03').fault({ kind: 'mutable', path: '/var/lib/glusterd/vols/a/a.tcp-fuse.vol' });
    const recover = recoverChange({ desired: wanted, file: 'c.yaml', allowDestroy: [], prefer: new Map() });
    expect(await run(recover)).toMatchObject({ outcome: 'applied' });
    expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(4), at(3)]));
  });

  it('of a dead controller stays, and its transaction is closed', async () => {
    await create(THREE);
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && isReplace(op.argv),
        fault: { when: 'after', kind: 'controller-death', silent: false },
      },
    ]);
    const wanted = desiredOf([at(1), at(4), at(3)]);
    const dead = new Promise<void>((resolve) => cluster.first.onDeath.add(resolve));
    void run(apply(wanted));
    await cluster.clock.sleep(SILENCE_MS);
    await dead;
    await cluster.clock.sleep(SILENCE_MS);
    const second = cluster.controller('second');
    const recover = recoverChange({ desired: wanted, file: 'c.yaml', allowDestroy: [], prefer: new Map() });
    expect(await run(recover, (node) => second.link(node))).toMatchObject({ outcome: 'applied' });
    expect(NODES.map(listed)).toEqual(NODES.map(() => [at(1), at(4), at(3)]));
  });
});
