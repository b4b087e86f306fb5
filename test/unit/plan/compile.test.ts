/**
 * Laws of the planner, and its answers on small worlds: what is equal asks for nothing, what is refused is
 * said, what destroys is gated.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionNamed } from '../../../src/actions/index.ts';
import { brickStart } from '../../../src/actions/brick-start.ts';
import { volumeOptions } from '../../../src/actions/volume-options.ts';
import type { Desired, DesiredVolume } from '../../../src/model/desired.ts';
import { brickPath, nodeName, volumeName } from '../../../src/model/names.ts';
import { compareBasis } from '../../../src/plan/basis.ts';
import { compile } from '../../../src/plan/compile.ts';
import { blockers, needDecision, unallowed } from '../../../src/plan/gate.ts';
import { destroysProtected } from '../../../src/plan/protection.ts';
import { forceProblems } from '../../../src/view/brick.ts';
import {
  believeBrick,
  brickProcess,
  directory,
  edit,
  world,
  type World,
  type WorldSpec,
} from '../../worlds.ts';

const position = { file: 'c.yaml', line: 1, column: 1 };

/** The file of a world, with one volume changed. */
function changed(w: World, name: string, change: Partial<DesiredVolume>): Desired {
  return { ...w.desired, volumes: w.desired.volumes.map((v) => (v.name === name ? { ...v, ...change } : v)) };
}

const steps = (w: World, desired: Desired): readonly string[] =>
  compile(desired, w.view()).plan.steps.map((s) => s.id);
const options = (o: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(o));
const OPTIONS = { 'network.ping-timeout': '20', 'performance.cache-size': '64MB' };

describe('a cluster that is as the file says', () => {
  it.each<readonly [string, WorldSpec]>([
    ['replica', {}],
    [
      'two volumes',
      {
        volumes: [
          { name: 'a', options: OPTIONS },
          { name: 'b', status: 'stopped' },
        ],
      },
    ],
    ['distribute', { volumes: [{ name: 'd', layout: { kind: 'distribute' } }] }],
    ['multiplexed', { multiplex: true }],
  ])('asks for nothing: %s', (_name, spec) => {
    const w = world(spec);
    const { plan, diagnostics } = compile(w.desired, w.view());
    expect(plan).toMatchObject({ changes: false, steps: [], diffs: [] });
    expect(plan.findings.filter((f) => f.severity !== 'info')).toEqual([]);
    expect(diagnostics).toEqual([]);
  });

  it('gives the same bytes for the same input', () => {
    const w = world({ volumes: [{ name: 'a', status: 'stopped' }, { name: 'b' }] });
    const desired = changed(w, 'a', { state: 'started' });
    expect(JSON.stringify(compile(desired, w.view()))).toBe(JSON.stringify(compile(desired, w.view())));
  });
});

describe('options', () => {
  const w = world({ volumes: [{ name: 'v', options: OPTIONS }] });

  it.each<readonly [string, Partial<DesiredVolume>, unknown]>([
    ['compares by meaning', { options: options({ 'performance.cache-size': '65536KB' }) }, undefined],
    ['leaves what is not named alone', { options: options({}) }, undefined],
    [
      'sets what differs, once',
      { options: options({ 'network.ping-timeout': '21', 'auth.allow': '*' }) },
      { volume: 'v', set: { 'network.ping-timeout': '21', 'auth.allow': '*' }, reset: [] },
    ],
    [
      'resets what exact mode does not name, but nothing of glusterd’s own',
      { options: options({ 'network.ping-timeout': '20' }), optionsMode: 'exact' },
      { volume: 'v', set: {}, reset: ['performance.cache-size'] },
    ],
  ])('%s', (_name, change, args) => {
    const { plan } = compile(changed(w, 'v', change), w.view());
    expect(plan.steps.map((s) => s.args)).toEqual(args === undefined ? [] : [args]);
  });

  it('have an undo that brings presence back, not only values', () => {
    const { plan } = compile(
      changed(w, 'v', { options: options({ 'network.ping-timeout': '21', 'auth.allow': '*' }) }),
      w.view(),
    );
    const inverse = plan.steps.map((s) => actionNamed(s.action).inverse(s.args, w.view(), 't'));
    expect(inverse).toEqual([
      [
        {
          action: 'volume-options',
          args: { volume: 'v', set: { 'network.ping-timeout': '20' }, reset: ['auth.allow'] },
        },
      ],
    ]);
  });
});

describe('states', () => {
  it.each<readonly [WorldSpec['volumes'], Partial<DesiredVolume>, readonly string[]]>([
    [[{ name: 'v' }], { state: 'stopped' }, ['volume-stop:v']],
    [[{ name: 'v', status: 'stopped' }], { state: 'started' }, ['volume-start:v']],
    [[{ name: 'v', status: 'created' }], { state: 'stopped' }, []],
    [[{ name: 'v' }], { state: 'absent' }, ['volume-stop:v', 'volume-delete:v']],
    [[{ name: 'v', status: 'stopped' }], { state: 'absent' }, ['volume-delete:v']],
  ])('%j → %j', (volumes, change, ids) => {
    const w = world({ volumes: volumes ?? [] });
    expect(steps(w, changed(w, 'v', change))).toEqual(ids);
  });

  it('orders the steps of a volume one after the other', () => {
    const w = world();
    const { plan } = compile(changed(w, 'v', { state: 'absent' }), w.view());
    expect(plan.steps.map((s) => s.after)).toEqual([[], ['volume-stop:v']]);
  });

  it.each<readonly [string, WorldSpec['volumes'], readonly (readonly string[])[]]>([
    [
      'the first that heals brings up the daemons, alone',
      [],
      [[], [], ['volume-start:b'], ['volume-start:b']],
    ],
    ['with a daemon up, nothing waits', [{ name: 'up' }], [[], [], [], []]],
  ])('orders starts: %s', (_name, more, after) => {
    const stopped = ['a', 'b', 'c', 'd'].map((name, i) => ({
      name,
      status: 'stopped' as const,
      ...(i === 0 && { layout: { kind: 'distribute' } as const }),
    }));
    const w = world({ volumes: [...stopped, ...(more ?? [])] });
    const started = w.desired.volumes.map((v) => ({ ...v, state: 'started' as const }));
    const { plan } = compile({ ...w.desired, volumes: started }, w.view());
    expect(plan.steps.map((s) => [s.id, s.after])).toEqual(
      stopped.map(({ name }, i) => [`volume-start:${name}`, after[i]]),
    );
  });

  it('never deletes for absence, and destroys only what was allowed by name', () => {
    const w = world({ volumes: [{ name: 'v' }, { name: 'w' }] });
    expect(steps(w, { ...w.desired, volumes: [] })).toEqual([]);
    const { plan } = compile(changed(w, 'v', { state: 'absent' }), w.view());
    expect(unallowed(plan, w.view(), []).map((u) => u.step.id)).toEqual(['volume-delete:v']);
    expect(unallowed(plan, w.view(), ['volume/w'])).toHaveLength(1);
    expect(unallowed(plan, w.view(), ['volume/v'])).toEqual([]);
    const tampered = { ...plan, steps: plan.steps.map((s) => ({ ...s, risk: 'safe' as const })) };
    expect(unallowed(tampered, w.view(), []).map((u) => u.step.id)).toEqual(['volume-delete:v']);
  });
});

describe('protection', () => {
  const ON = { 'user.glusterctl.protect': 'on' };
  const set = (value: string, undo: string | null): unknown => [
    { id: 'volume-options:v/protect', args: { set: { 'user.glusterctl.protect': value } }, undo },
  ];
  const PREVIOUS = 'restore the previous value: user.glusterctl.protect';

  it.each<readonly [string, Record<string, string>, Partial<DesiredVolume>, unknown, readonly string[]]>([
    ['is remembered on the nodes', {}, { protect: true }, set('on', null), []],
    [
      'is remembered again',
      { ...ON, 'user.glusterctl.protect': 'off' },
      { protect: true },
      set('on', PREVIOUS),
      [],
    ],
    ['asks for nothing where it is remembered', ON, { protect: true, optionsMode: 'exact' }, [], []],
    ['is let go by a run of its own', ON, {}, set('off', PREVIOUS), []],
    ['is not let go with another change', ON, { state: 'stopped' }, [], ['volume-protected']],
    [
      'refuses the deletion of what the file no longer protects',
      ON,
      { state: 'absent' },
      [],
      ['volume-protected'],
    ],
    ['lets go for good', { 'user.glusterctl.protect': 'off' }, { optionsMode: 'exact' }, [], []],
  ])('%s', (_name, options, change, expected, codes) => {
    const w = world({ volumes: [{ name: 'v', options }] });
    const desired = changed(w, 'v', { options: new Map(), ...change });
    const { plan } = compile(desired, w.view());
    expect(plan.steps).toMatchObject(expected as object[]);
    const blocking = blockers(plan, desired, w.view());
    expect(blocking.map((f) => f.code)).toEqual(codes);
    expect(needDecision(blocking)).toBe(true);
  });

  it('is written as the key of the file, and not as an option', () => {
    const w = world({ volumes: [{ name: 'v', options: {} }] });
    const [diff] = compile(changed(w, 'v', { protect: true }), w.view()).plan.diffs;
    expect(diff?.after).toContain('  protect: true\n');
    expect(diff?.after).not.toContain('user.glusterctl');
  });

  it.each<readonly [string, Record<string, string>, boolean]>([
    ['the file', {}, true],
    ['the nodes', ON, false],
  ])('of %s refuses what destroys, whatever the flags say', (_name, more, protect) => {
    const w = world({ volumes: [{ name: 'v', options: { 'features.shard': 'on', ...more } }] });
    const desired = changed(w, 'v', { options: options({ 'features.shard': 'off' }), protect });
    const plan = { ...compile(w.desired, w.view()).plan, steps: [shardOff(w)] };
    expect(destroysProtected(plan, w.view(), desired).map((f) => f.code)).toEqual(['volume-protected']);
    expect(destroysProtected(plan, world({ volumes: [{ name: 'v' }] }).view(), w.desired)).toEqual([]);
  });

  const shardOff = (w: World) =>
    volumeOptions.step({ volume: 'v', set: { 'features.shard': 'off' }, reset: [] }, w.view(), {
      reason: '',
      after: [],
    });
});

describe('what cannot be reconciled', () => {
  const bricks = (...nodes: readonly number[]): DesiredVolume['bricks'] =>
    nodes.map((n) => ({ node: nodeName(`node0${String(n)}`), path: brickPath('/bricks/d1/v') }));
  const layout = (replica: number, arbiter: 0 | 1 = 0): DesiredVolume['layout'] => ({
    kind: 'replicate',
    replica,
    arbiter,
  });

  it.each<readonly [string, Partial<DesiredVolume>]>([
    ['volume-transport-differs', { transport: 'rdma' }],
    ['layout-not-convertible', { layout: layout(3, 1) }],
    ['bricks-regrouped', { layout: { kind: 'distribute' } }],
    ['arbiter-moved', { layout: layout(3, 1), bricks: bricks(1, 3, 2) }],
  ])('%s is said, and nothing of that volume is touched', (code, change) => {
    const w = code === 'arbiter-moved' ? world({ volumes: [{ name: 'v', layout: layout(3, 1) }] }) : world();
    const desired = changed(w, 'v', { ...change, options: options({ 'auth.allow': 'x' }) });
    const { plan } = compile(desired, w.view());
    expect(plan.steps).toEqual([]);
    expect(blockers(plan, desired, w.view()).map((f) => f.code)).toEqual([code]);
  });

  it('the order of the bricks is said, and keeps nothing from being done', () => {
    const w = world();
    const desired = changed(w, 'v', { bricks: bricks(1, 3, 2) });
    const { plan, refusals } = compile(desired, w.view());
    expect(plan).toMatchObject({ changes: false, steps: [] });
    expect(plan.findings).toMatchObject([{ code: 'brick-order-differs', severity: 'info' }]);
    expect(refusals).toEqual([]);
    expect(steps(w, changed(w, 'v', { bricks: bricks(3, 2, 1), state: 'stopped' }))).toEqual([
      'volume-stop:v',
    ]);
  });
});

describe('a new volume', () => {
  const wanted = (path: string, more: Partial<DesiredVolume> = {}): DesiredVolume => ({
    name: volumeName('new'),
    state: 'started',
    layout: { kind: 'replicate', replica: 3, arbiter: 0 },
    transport: 'tcp',
    bricks: [1, 2, 3].map((n) => ({ node: nodeName(`node0${String(n)}`), path: brickPath(path) })),
    options: options({ 'network.ping-timeout': '20' }),
    optionsMode: 'merge',
    rebalance: 'auto',
    protect: false,
    position,
    optionPositions: new Map(),
    ...more,
  });
  const against = (w: World, path: string): readonly string[] => {
    const desired = { ...w.desired, volumes: [wanted(path)] };
    const { plan } = compile(desired, w.view());
    return blockers(plan, desired, w.view()).flatMap((f) => f.evidence);
  };

  it('is created, given its options, started', () => {
    const w = world();
    expect(steps(w, { ...w.desired, volumes: [...w.desired.volumes, wanted('/bricks/d1/new')] })).toEqual([
      'volume-create:new',
      'volume-options:new',
      'volume-start:new',
    ]);
    expect(against(w, '/bricks/d1/new')).toEqual([]);
  });

  it('is refused where a parent is missing, a brick is inside a brick, or on the root file system', () => {
    const w = world();
    expect(against(w, '/nowhere/at/all').join()).toContain('/nowhere/at does not exist');
    expect(against(w, '/bricks/d1/v/inside').join()).toContain('lies inside /bricks/d1/v');
    for (const node of w.nodes) node.paths.set('/srv', directory('/srv', '/', 1));
    expect(against(w, '/srv/new').join()).toContain('root file system');
  });

  it.each([
    [
      'carries a mark',
      { entries: ['data'], volumeId: '11111111-0000-4000-8000-000000000000' },
      'carries the volume-id 11111111',
    ],
    ['holds something', { entries: ['data'] }, 'is not empty: it holds data'],
    ['could not be listed', { entries: undefined }, 'could not be listed'],
    ['is empty', { entries: [] }, ''],
  ])('on a directory that %s', (_name, found, says) => {
    const w = world();
    for (const node of w.nodes)
      node.paths.set('/bricks/d1/new', { ...directory('/bricks/d1/new', '/bricks/d1', 7), ...found });
    const said = against(w, '/bricks/d1/new').join();
    if (says === '') expect(said).toBe('');
    else expect(said).toContain(says);
  });
});

describe('ports', () => {
  it('that are all taken keep a volume from starting', () => {
    const w = world({ volumes: [{ name: 'v', status: 'stopped' }] });
    const node = w.node('node02');
    node.daemonConfig = { ...node.daemonConfig, maxPort: 49151 };
    const desired = changed(w, 'v', { state: 'started' });
    const { plan } = compile(desired, w.view());
    expect(
      blockers(plan, desired, w.view())
        .flatMap((f) => f.evidence)
        .join(),
    ).toContain('node02 has 0 ports left');
  });
});

describe('a brick that is gone', () => {
  it('is started as glusterd would, on the port that glusterd holds', () => {
    const w = world();
    const node = w.node('node02');
    const gone = node.processes.find((p) => p.brick !== undefined);
    node.processes.splice(
      node.processes.findIndex((p) => p === gone),
      1,
    );
    const { plan } = compile(w.desired, w.view());
    expect(plan.steps.map((s) => s.id)).toEqual(['brick-start:node02:/bricks/d1/v']);
    expect(blockers(plan, w.desired, w.view())).toEqual([]);
    const calls = plan.steps.flatMap((s) => actionNamed(s.action).calls(s.args, w.view()));
    expect(calls).toMatchObject([{ node: 'node02', op: { kind: 'launch-brick' } }]);
    expect(brickProcess).toBeTypeOf('function');
  });
});

describe('a brick that is gone, and its volfile is broken', () => {
  it('is not started: neither alone, nor with the others by force', () => {
    const w = world();
    const node = w.node('node02');
    node.processes = node.processes.filter((p) => p.role !== 'brick');
    believeBrick(node, 'v', { status: 'Stopped', registered: false });
    node.brokenVolfiles.set('vols/v/v.node02.bricks-d1-v.vol', 'is empty');
    expect(steps(w, w.desired).filter((id) => id.startsWith('brick-start'))).toEqual([]);
    expect(
      brickStart.requires({ volume: 'v', node: 'node02', path: '/bricks/d1/v' }, w.view(), w.desired),
    ).toEqual([expect.stringMatching(/its volfile .* is empty$/)]);
    expect(forceProblems('v', w.view())).toEqual([expect.stringMatching(/its volfile .* is empty$/)]);
  });
});

describe('the basis of a plan', () => {
  it('names what moved, node by node and key by key, and nothing else', () => {
    const w = world();
    const before = compile(w.desired, w.view()).plan.basis;
    expect(compareBasis(before, compile(w.desired, w.view()).plan.basis)).toEqual([]);
    edit(w.node('node02'), 'vols/v/info', (text) => text.replace(/^version=.*$/m, 'version=9'));
    const moved = compareBasis(before, compile(w.desired, w.view()).plan.basis);
    expect(moved).toHaveLength(1);
    expect(moved[0]).toMatch(/^node02: volume\/v was "version \d+, .*", is "version 9, /);
  });
});

describe('whatever the file asks for', () => {
  it(
    'every step belongs to a known action, is described in words, ' +
      'and comes after steps of the same plan',
    () => {
      const state = fc.constantFrom('started' as const, 'stopped' as const, 'absent' as const);
      const status = fc.constantFrom('started' as const, 'stopped' as const, 'created' as const);
      fc.assert(
        fc.property(fc.array(fc.tuple(state, status), { minLength: 1, maxLength: 5 }), (volumes) => {
          const w = world({ volumes: volumes.map(([, s], i) => ({ name: `v${String(i)}`, status: s })) });
          const desired = {
            ...w.desired,
            volumes: w.desired.volumes.map((v, i) => ({ ...v, state: volumes[i]?.[0] ?? 'started' })),
          };
          const { plan } = compile(desired, w.view());
          const ids = plan.steps.map((s) => s.id);
          expect(new Set(ids).size).toBe(ids.length);
          plan.steps.forEach((s, i) => {
            expect(s.summary).not.toBe('');
            expect(s.after.every((id) => ids.indexOf(id) < i && ids.includes(id))).toBe(true);
            expect(s.undo === null).toBe(s.action === 'volume-delete');
          });
        }),
        { numRuns: 60 },
      );
    },
  );
});
