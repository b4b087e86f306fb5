/** The law of `export`: what it prints is a cluster file without mistakes, and its plan is empty. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import { soundFile } from '../../../src/cluster-file/sound.ts';
import type { Desired, LeftUnsaid, Layout } from '../../../src/model/desired.ts';
import { compile } from '../../../src/plan/compile.ts';
import { liveVolumes } from '../../../src/plan/export.ts';
import { edit, nameOf, world, type VolumeSpec, type World } from '../../worlds.ts';

const HEAD =
  'cluster: c\nnodes:\n' +
  [1, 2, 3].map((n) => `  ${nameOf(n)}: { address: 192.0.2.${String(n)} }\n`).join('');
const around = { home: '/root', directory: '/' };

interface Exported {
  readonly text: string;
  readonly desired: Desired;
  readonly unsaid: readonly LeftUnsaid[];
}

function exported(w: World): Exported {
  const live = liveVolumes({ ...w.desired, volumes: [] }, w.view(), 'recover');
  if (!live.ok) throw new Error(live.error.map((f) => f.title).join('; '));
  const sound = soundFile(HEAD, live.value.volumes, (text) => loadDesired(text, 'f', around));
  if (!sound.ok) throw new Error(sound.error.title);
  return { ...sound.value, unsaid: [...live.value.unsaid, ...sound.value.unsaid] };
}

const LAYOUTS: readonly (readonly [Layout, number])[] = [
  [{ kind: 'distribute' }, 1],
  [{ kind: 'replicate', replica: 2, arbiter: 0 }, 2],
  [{ kind: 'replicate', replica: 3, arbiter: 0 }, 3],
  [{ kind: 'replicate', replica: 3, arbiter: 1 }, 3],
  [{ kind: 'disperse', disperse: 3, redundancy: 1 }, 3],
];
const NAMES = ['off', '12', '1e3', 'null', 'v', 'a-b', 'help', 'force', 'gluster_shared_storage', 'data.bak'];
const WORDS = ['on', '=', '1_000', '12:30:45', '010', '*', '192.0.2.*', 'a: b', '20', '~', '1GB', '<<'];
const KEYS = [
  'user.x',
  'user.9:1',
  'network.ping-timeout',
  'auth.allow',
  'cluster.brick-multiplex',
  'nfs.disable',
];

const volumes: fc.Arbitrary<readonly VolumeSpec[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...NAMES),
      layout: fc.constantFrom(...LAYOUTS),
      sets: fc.integer({ min: 1, max: 3 }),
      /** Two bricks of a set on one node, where it is odd. */
      spread: fc.constantFrom(1, 1, 1, 2),
      status: fc.constantFrom('started' as const, 'stopped' as const, 'created' as const),
      options: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...WORDS)),
    }),
    { maxLength: 4, selector: (v) => v.name },
  )
  .map((drawn) =>
    drawn.map(({ layout: [layout, size], sets, spread, ...rest }) => ({
      ...rest,
      layout,
      bricks: Array.from(
        { length: size * sets },
        (_, i) => `${nameOf((Math.floor(i / spread) % 3) + 1)}:/bricks/d1/${rest.name}${String(i)}`,
      ),
    })),
  );

describe('an exported file', () => {
  it('has an empty plan without refusals, and each volume that it does not name is named beside it', () => {
    fc.assert(
      fc.property(volumes, (specs) => {
        const w = world({ volumes: specs });
        const { text, desired, unsaid } = exported(w);
        const { plan, refusals, diagnostics } = compile(desired, w.view());
        expect({ steps: plan.steps, refusals, diagnostics }, text).toEqual({
          steps: [],
          refusals: [],
          diagnostics: [],
        });
        const named = [...desired.volumes.map((v) => `volume ${v.name}`), ...unsaid.map((u) => u.what)];
        for (const { name } of specs) expect(named, text).toContain(`volume ${name}`);
      }),
      { numRuns: 200 },
    );
  });

  const TWO: VolumeSpec = {
    name: 'v',
    layout: { kind: 'replicate', replica: 2, arbiter: 0 },
    bricks: ['node01:/bricks/d1/v', 'node02:/bricks/d1/v'],
  };
  const everywhere = (w: World, change: (info: string) => string): World => {
    for (const node of w.nodes) edit(node, 'vols/v/info', change);
    return w;
  };

  it.each<readonly [string, () => World, RegExp]>([
    [
      'a thin arbiter',
      () => everywhere(world({ volumes: [TWO] }), (info) => `${info}thin_arbiter_count=1\nta-brick-0=x\n`),
      /^volume v: it has a thin arbiter$/,
    ],
    [
      'a layout of older releases',
      () => everywhere(world({ volumes: [TWO] }), (info) => info.replace('type=2', 'type=3')),
      /^volume v: it is striped and replicated, which GlusterFS does not support from release 6 on$/,
    ],
    [
      "gluster's own shared storage",
      () => world({ volumes: [{ ...TWO, name: 'gluster_shared_storage' }] }),
      /^volume gluster_shared_storage: .*gluster creates and deletes this volume itself/,
    ],
    [
      'an option of the whole cluster',
      () => world({ volumes: [{ ...TWO, options: { 'cluster.brick-multiplex': 'on' } }] }),
      /^option cluster.brick-multiplex of volume v: .*belongs to the whole cluster/,
    ],
  ])('leaves out %s, and says why', (_what, make, says) => {
    const { unsaid } = exported(make());
    expect(unsaid.map(({ what, why }) => `${what}: ${why}`)).toEqual([expect.stringMatching(says)]);
  });

  const SPREAD: VolumeSpec = {
    name: 'v',
    layout: { kind: 'distribute' },
    bricks: ['node01:/bricks/d1/v', 'node02:/bricks/d1/v'],
  };
  const ended = (command: number, status: number) => (w: World) => {
    for (const node of w.nodes)
      edit(
        node,
        'vols/v/node_state.info',
        () =>
          `rebalance_status=${String(command)}\nstatus=${String(status)}\nrebalance_op=19\n` +
          `rebalance-id=${status === 2 ? '0' : 'a-1'}\n`,
      );
  };
  const isUsed = (w: World, name: string): void => {
    const node = w.node(name);
    const root = node.paths.get('/bricks/d1/v');
    if (root !== undefined) node.paths.set(root.path, { ...root, takesFiles: true });
  };
  const isMoved = (w: World): void => {
    w.node('node01').processes.push({
      pid: 4000,
      startTicks: 5,
      state: 'S',
      role: 'client',
      brick: undefined,
      ports: [],
      cgroup: '',
      argv: ['/usr/sbin/glusterfs', '--volfile-id', 'rebalance/v'],
    });
  };

  it.each<readonly [string, (w: World) => void, string | undefined]>([
    ['one that was never rebalanced', () => undefined, undefined],
    ['one whose rebalance ended well', ended(1, 3), undefined],
    ['one whose layout alone was fixed', ended(4, 3), undefined],
    ['one of which a brick was replaced since', ended(1, 9), undefined],
    ['one whose rebalance was stopped', ended(1, 2), 'none'],
    [
      'one with a set that came, and nothing followed',
      (w) => {
        isUsed(w, 'node01');
      },
      'none',
    ],
    [
      'one whose files are on their way to such a set',
      (w) => {
        isUsed(w, 'node01');
        isMoved(w);
      },
      undefined,
    ],
  ])('asks for no rebalance: %s', (_what, change, mode) => {
    const w = world({ volumes: [SPREAD] });
    change(w);
    const { text, desired } = exported(w);
    expect(/rebalance: (\w+)/.exec(text)?.[1]).toBe(mode);
    const { plan, refusals } = compile(desired, w.view());
    expect([plan.steps, plan.later ?? [], refusals]).toEqual([[], [], []]);
  });

  it.each<readonly [string, (info: string) => string, string]>([
    [
      'a thin arbiter',
      (info) => `${info}thin_arbiter_count=1\nta-brick-0=x\n`,
      'cluster: replica 2 thin-arbiter 1',
    ],
    ['tiers', (info) => info.replace('type=2', 'type=5'), 'cluster: tiered'],
  ])('would be refused for %s, had it named the volume', (_what, change, cluster) => {
    const w = everywhere(world({ volumes: [TWO] }), change);
    const { refusals } = compile(w.desired, w.view());
    expect(refusals.map((f) => [f.code, ...f.evidence])).toEqual([
      ['volume-layout-differs', 'file: replica 2', cluster],
    ]);
  });
});
