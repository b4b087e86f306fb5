/**
 * The model itself: the same seed gives the same run, whatever is injected, and the laws of any run hold.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { FaultPlan, WorldFault } from '../../../src/simulator/fault.ts';
import { cksum } from '../../../src/simulator/store-text.ts';
import { volumeName } from '../../../src/model/names.ts';
import { stateOf } from '../../../src/view/view.ts';

const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((n) => `${n}:/bricks/d1/b`);
const owner = { transaction: 'tx', user: 'eva', host: 'desk', pid: 1, since: 'now', command: 'apply' };

async function volume(seed: number): Promise<SimCluster> {
  const cluster = SimCluster.create({ seed, nodes: NODES });
  await cluster.formPool();
  await cluster.gluster('node01', ['volume', 'create', 'v', 'replica', '3', ...BRICKS]);
  await cluster.gluster('node01', ['volume', 'start', 'v']);
  await cluster.clock.sleep(5000);
  return cluster;
}

const set = (value: number): readonly string[] => [
  'volume',
  'set',
  'v',
  'network.ping-timeout',
  String(value),
];
const versions = (cluster: SimCluster): readonly (number | undefined)[] =>
  NODES.map((n) => cluster.node(n).store.volumes.get(volumeName('v'))?.version);

/**
 * A small transaction: locked on all nodes, one command, unlocked. Never finishes when its controller dies.
 */
async function transact(cluster: SimCluster): Promise<void> {
  const links = NODES.map((n) => cluster.link(n));
  const locks = await Promise.all(links.map((l) => l.lock(owner)));
  await links[0]?.perform({ kind: 'gluster', argv: set(9), timeoutSeconds: 120 }, 'tx');
  await Promise.all(links.map((l) => l.observe({ paths: [], hosts: [], optionCatalogue: false })));
  await Promise.all(locks.map((l) => (l.ok ? l.value.release() : Promise.resolve())));
}

const worldFault: fc.Arbitrary<WorldFault> = fc.oneof(
  fc.record({
    node: fc.constantFrom(...NODES),
    kind: fc.constantFrom(
      'kill-glusterd',
      'freeze-glusterd',
      'kill-lock-holder',
      'reboot',
      'power-off',
      'isolate',
    ),
  }),
  fc.record({
    node: fc.constantFrom(...NODES),
    kind: fc.constantFrom('immutable', 'fill-disk', 'kill-brick'),
    path: fc.constantFrom('/var/lib/glusterd/vols/v', '/bricks/d1/b'),
  }),
  fc.record({ kind: fc.constant('controller-death' as const), silent: fc.boolean() }),
);
const wireFault = fc.oneof(
  fc.record({ kind: fc.constantFrom('drop-request' as const, 'drop-answer' as const, 'duplicate' as const) }),
  fc.record({ kind: fc.constant('delay' as const), ms: fc.integer({ min: 1, max: 60_000 }) }),
);
const when = fc.record(
  { when: fc.constantFrom('before' as const, 'after' as const), afterMs: fc.integer({ min: 0, max: 2000 }) },
  { requiredKeys: [] },
);
const plan: fc.Arbitrary<FaultPlan> = fc.array(
  fc.record({
    at: fc.integer({ min: 1, max: 8 }),
    fault: fc.oneof(
      wireFault,
      fc.tuple(worldFault, when).map(([fault, more]) => ({ ...fault, ...more })),
    ),
  }),
  { maxLength: 3 },
);

describe('a run', () => {
  async function traced(seed: number, faults: FaultPlan): Promise<string> {
    const cluster = await volume(seed);
    cluster.inject(faults);
    const ended = transact(cluster);
    await Promise.race([ended, cluster.clock.sleep(600_000)]);
    cluster.heal();
    await cluster.clock.sleep(60_000);
    return [...cluster.trace, ...NODES.map((n) => cluster.node(n).info('v').join())].join('\n');
  }

  it('is the same for the same seed and faults, and another for another seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), plan, async (seed, faults) => {
        expect(await traced(seed, faults)).toBe(await traced(seed, faults));
      }),
      { numRuns: 40 },
    );
    expect(await traced(1, [])).not.toBe(await traced(2, []));
  });

  it('never ends with two holders, and lets everybody in again once the faults are over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), plan, async (seed, faults) => {
        const cluster = await volume(seed);
        cluster.inject(faults);
        await Promise.race([transact(cluster), cluster.clock.sleep(600_000)]);
        cluster.heal();
        await cluster.clock.sleep(200_000);
        const next = cluster.controller('next');
        for (const node of NODES) {
          const taken = await next.link(node).lock({ ...owner, transaction: 'next' });
          expect(taken.ok).toBe(true);
          const late = await cluster
            .controller('late')
            .link(node)
            .perform({ kind: 'journal-prune', keep: 1 }, 'tx');
          expect(late.kind).toBe('fenced');
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('the store', () => {
  it('is what glusterd remembers, on every node, after any row of commands that went well', async () => {
    const command = fc.constantFrom(
      set(3),
      set(4),
      ['volume', 'stop', 'v'],
      ['volume', 'start', 'v'],
      ['volume', 'reset', 'v', 'network.ping-timeout'],
      ['volume', 'start', 'v', 'force'],
      ['volume', 'stop', 'v', 'force'],
    );
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(command, { maxLength: 8 }), async (seed, commands) => {
        const cluster = await volume(seed);
        for (const argv of commands) await cluster.gluster('node02', argv);
        await cluster.clock.sleep(5000);
        const copies = NODES.map((n) => cluster.node(n).store.volumes.get(volumeName('v')));
        expect(new Set(copies.map((c) => `${String(c?.version)} ${c?.signature ?? ''}`)).size).toBe(1);
        for (const node of NODES) {
          const read = await cluster.link(node).observe({ paths: [], hosts: [], optionCatalogue: false });
          if (!read.ok) throw new Error(read.error.title);
          const memory = stateOf(read.value)?.volumes.get(volumeName('v'));
          expect(memory?.status).toBe(copies[0]?.status);
          expect(Object.fromEntries(memory?.options ?? [])).toEqual(
            Object.fromEntries(copies[0]?.options ?? []),
          );
          const serving = read.value.processes.filter((p) => p.role === 'brick').length;
          expect(serving).toBe(copies[0]?.status === 'started' ? 1 : 0);
          expect(read.value.store.problems).toEqual([]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has the checksum that glusterd writes', () => {
    const info = `type=2
count=3
status=0
sub_count=3
replica_count=3
disperse_count=0
redundancy_count=0
version=1
transport-type=0
volume-id=4e0f7688-eaff-40fd-a482-312bef2c7b3b
username=270841d7-5464-4fd2-975f-d800d854f80b
password=f498ecee-aa81-4817-88a8-238782dcc39c
op-version=40000
client-op-version=30800
quota-version=0
tier-enabled=0
parent_volname=N/A
restored_from_snap=00000000-0000-0000-0000-000000000000
snap-max-hard-limit=256
cluster.granular-entry-heal=on
storage.fips-mode-rchecksum=on
transport.address-family=inet
nfs.disable=on
performance.client-io-threads=off
brick-0=node01:-bricks-d1-b
brick-1=node02:-bricks-d1-b
brick-2=node03:-bricks-d1-b
`;
    expect(cksum(info)).toBe(3687618220);
  });
});

describe('glusterd', () => {
  const edit = (cluster: SimCluster, node: string, from: string, to: string): void => {
    const path = '/var/lib/glusterd/vols/v/info';
    const { disk } = cluster.node(node);
    disk.write(path, (disk.read(path) ?? '').replace(from, to));
  };

  it('rejects a peer whose copy differs at the same version, and goes on without it', async () => {
    const cluster = await volume(3);
    cluster.node('node02').stopGlusterd();
    edit(cluster, 'node02', 'nfs.disable=on', 'nfs.disable=off');
    cluster.node('node02').startGlusterd();
    await cluster.clock.sleep(10_000);
    const states = (node: string): readonly (number | undefined)[] =>
      [...(cluster.node(node).daemon?.peers.values() ?? [])].map((p) => p.state).sort();
    expect([states('node01'), states('node02'), states('node03')]).toEqual([
      [3, 6],
      [6, 6],
      [3, 6],
    ]);
    expect(await cluster.gluster('node01', set(5))).toMatchObject({ kind: 'done' });
    expect(versions(cluster)).toEqual([3, 2, 3]);
  });

  it('starts neither with a leftover directory among its volumes nor with an unreadable one', async () => {
    const cluster = await volume(3);
    const node = cluster.node('node03');
    node.stopGlusterd();
    node.disk.mkdir('/var/lib/glusterd/vols/v.bak');
    expect(node.startGlusterd()).toBe('Unable to restore volume: v.bak');
    node.disk.remove('/var/lib/glusterd/vols/v.bak');
    edit(cluster, 'node03', 'nfs.disable=on', 'nfs.disable=');
    expect(node.startGlusterd()).toBe('Unable to restore volume: v');
    edit(cluster, 'node03', 'nfs.disable=', 'nfs.disable=on');
    expect(node.startGlusterd()).toBeUndefined();
  });

  it('carries a command out after its caller has given up, once the peer that hung goes on', async () => {
    const cluster = await volume(3);
    await cluster.node('node03').fault({ kind: 'freeze-glusterd' });
    expect(await cluster.gluster('node01', set(5))).toMatchObject({ kind: 'unknown' });
    expect(versions(cluster)).toEqual([2, 2, 2]);
    await cluster.node('node03').fault({ kind: 'thaw-glusterd' });
    await cluster.clock.sleep(1000);
    expect(versions(cluster)).toEqual([3, 3, 3]);
  });

  it('passes over a peer that is down, and gives it everything when it is back', async () => {
    const cluster = await volume(3);
    cluster.node('node03').stopGlusterd();
    await cluster.clock.sleep(1000);
    expect(await cluster.gluster('node01', set(5))).toMatchObject({ kind: 'done' });
    expect(versions(cluster)).toEqual([3, 3, 2]);
    expect(await cluster.gluster('node01', ['volume', 'delete', 'v'])).toMatchObject({ kind: 'failed' });
    cluster.node('node03').startGlusterd();
    await cluster.clock.sleep(10_000);
    expect(versions(cluster)).toEqual([3, 3, 3]);
  });

  it('in a pool of three starts no brick before it has met a peer', async () => {
    const cluster = await volume(3);
    for (const node of NODES) await cluster.node(node).fault({ kind: 'power-off' });
    const bricks = (node: string): number =>
      cluster.node(node).processes.filter((p) => p.role === 'brick').length;
    await cluster.node('node01').fault({ kind: 'power-on' });
    await cluster.clock.sleep(30_000);
    expect(bricks('node01')).toBe(0);
    await cluster.node('node02').fault({ kind: 'power-on' });
    await cluster.clock.sleep(10_000);
    expect([bricks('node01'), bricks('node02')]).toEqual([1, 1]);
  });

  it('lets one of two commands on a volume through', async () => {
    const cluster = await volume(3);
    const outcomes = await Promise.all([
      cluster.gluster('node01', set(5)),
      cluster.gluster('node02', set(6)),
    ]);
    expect(outcomes.filter((o) => o.kind === 'done').length).toBeLessThan(2);
    expect(outcomes.some((o) => o.kind === 'busy' && /progress|Locking failed/.test(o.message))).toBe(true);
    expect(await cluster.gluster('node03', set(7))).toMatchObject({ kind: 'done' });
  });
});

describe('virtual time', () => {
  it('passes only while somebody waits, in the order of its events', async () => {
    const { clock } = SimCluster.create({ seed: 1, nodes: ['node01'] });
    const seen: number[] = [];
    const began = clock.now();
    clock.after(2000, () => seen.push(2));
    clock.after(1000, () => seen.push(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(began);
    await clock.sleep(1500);
    expect(seen).toEqual([1]);
    expect(clock.now()).toBe(began + 1500);
    await expect(clock.sleep(10, AbortSignal.abort())).rejects.toThrow();
  });
});

it('fences whoever lost the lock while a command of the same transaction still runs there', async () => {
  const cluster = await volume(1);
  const link = cluster.link('node01');
  await link.lock(owner);
  const [glusterd] = cluster.node('node01').processes.filter((p) => p.role === 'glusterd');
  const argv = ['volume', 'stop', 'v'];
  const slow = link.perform({ kind: 'gluster', argv, timeoutSeconds: 120, glusterd }, 'tx');
  await cluster.clock.sleep(50);
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'journal-prune',
      fault: { kind: 'kill-lock-holder', node: 'node01', when: 'before' },
    },
  ]);
  const late = link.perform({ kind: 'journal-prune', keep: 10 }, 'tx');
  expect(await late).toEqual({ kind: 'fenced', message: 'fenced: the lock on this node is no longer held' });
  expect(await slow).toMatchObject({ kind: 'done' });
});
