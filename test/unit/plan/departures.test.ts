/**
 * A node that the file wants absent: what keeps it in the pool, and when it goes. Each case breaks one thing
 * of a pool of four, whose fourth node has no brick.
 */
import { describe, expect, it } from 'vitest';
import { nodeDetach } from '../../../src/actions/node-detach.ts';
import { peerAttach } from '../../../src/actions/peer.ts';
import { withoutInert } from '../../../src/observe/inert.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { type NodeName, nodeName } from '../../../src/model/names.ts';
import { compile } from '../../../src/plan/compile.ts';
import { blockers, missed } from '../../../src/plan/gate.ts';
import { coordinatorOf } from '../../../src/view/pool.ts';
import { makeView, type View } from '../../../src/view/view.ts';
import {
  believe,
  edit,
  nodeUuid,
  removeTree,
  setMemory,
  type VolumeSpec,
  world,
  type World,
} from '../../worlds.ts';

const ON_THREE = ['node01', 'node02', 'node03'].map((node) => `${node}:/bricks/d1/v`);
const ABSENT: readonly NodeName[] = [nodeName('node04')];

const four = (more: readonly VolumeSpec[] = []): World =>
  world({ nodes: 4, volumes: [{ name: 'v', bricks: ON_THREE }, ...more] });

const fileOf = (w: World, absent = ABSENT, volumes: readonly string[] = ['v']): Desired => ({
  ...w.desired,
  nodes: w.desired.nodes.map((n) => (absent.includes(n.name) ? { ...n, isAbsent: true } : n)),
  volumes: w.desired.volumes.filter((v) => volumes.includes(v.name)),
});
const viewOf = (w: World, absent = ABSENT): View =>
  makeView(withoutInert({ ...w.observed(), leaving: new Set(absent) }, fileOf(w, absent)));

interface Said {
  readonly steps: readonly string[];
  readonly blocked: readonly string[];
  readonly waits: readonly string[];
}

function said(w: World, desired = fileOf(w), absent = ABSENT): Said {
  const view = viewOf(w, absent);
  const { plan, waits } = compile(desired, view);
  const blocked = blockers(plan, desired, view).map((f) => `${f.code}: ${f.evidence.join('; ')}`);
  return { steps: [...plan.steps, ...(plan.later ?? [])].map((s) => s.id), blocked, waits };
}

const part = (w: World, one: number, other: number): void => {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    believe(w.node(`node0${String(from)}`), (state) => ({
      ...state,
      peers: state.peers.map((p) => (p.uuid === nodeUuid(to) ? { ...p, connected: false } : p)),
    }));
};
/** Off, and everybody has seen it. */
const lose = (w: World, number: number): void => {
  w.node(`node0${String(number)}`).leftOut = true;
  for (const n of w.nodes) if (n.uuid !== nodeUuid(number)) part(w, w.nodes.indexOf(n) + 1, number);
};

const GOES: Said = { steps: ['node-detach:node04'], blocked: [], waits: [] };

describe('is detached', () => {
  it('where it lives and has no brick', () => {
    expect(said(four())).toEqual(GOES);
  });
  it('where it is lost and left out', () => {
    const w = four();
    lose(w, 4);
    expect(said(w)).toEqual(GOES);
  });
  it('after another that is lost and goes too, each in its turn', () => {
    const w = world({ nodes: 5, volumes: [{ name: 'v', bricks: ON_THREE }] });
    lose(w, 5);
    const both = [nodeName('node04'), nodeName('node05')];
    expect(said(w, fileOf(w, both), both)).toEqual({
      steps: ['node-detach:node05', 'node-detach:node04'],
      blocked: [],
      waits: [],
    });
  });
});

describe('stays', () => {
  it.each<[string, VolumeSpec]>([
    ['that the file does not name', { name: 'other', bricks: ['node04:/bricks/d1/other'] }],
    ['that is stopped', { name: 'other', bricks: ['node04:/bricks/d1/other'], status: 'stopped' }],
  ])('while it has a brick of a volume %s', (_name, volume) => {
    const { steps, blocked } = said(four([volume]));
    expect(steps).toEqual([]);
    expect(blocked).toEqual(['node-has-bricks: node04:/bricks/d1/other is a brick of volume other']);
  });
  it('while any store still has such a brick', () => {
    const w = four([{ name: 'other', bricks: ['node03:/bricks/d1/other'] }]);
    const { files } = w.node('node02');
    const [from, to] = [3, 4].map((n) => `vols/other/bricks/node0${String(n)}:-bricks-d1-other`);
    const text = files
      .get(from ?? '')
      ?.replaceAll('node03', 'node04')
      .replaceAll(nodeUuid(3), nodeUuid(4));
    files.delete(from ?? '');
    files.set(to ?? '', text ?? '');
    edit(w.node('node02'), 'vols/other/info', (info) => info.replaceAll('node03:', 'node04:'));
    expect(said(w).blocked).toContain('node-has-bricks: node04:/bricks/d1/other is a brick of volume other');
  });
  it('while a snapshot has a brick on it', () => {
    const w = four();
    w.node('node01').files.set('snaps/s1/9f/bricks/node04:-run-gluster-snaps-9f-brick1', 'hostname=node04\n');
    expect(said(w).blocked).toContain(
      'node-has-bricks: node04:-run-gluster-snaps-9f-brick1 is a brick of snapshot s1',
    );
  });
  it('until a volume of the file has moved its brick, and is not detached before', () => {
    const w = world({
      nodes: 4,
      volumes: [{ name: 'v', bricks: [...ON_THREE.slice(0, 2), 'node04:/bricks/d1/v'] }],
    });
    const [v] = fileOf(w).volumes;
    const bricks = v?.bricks.map((b) => (b.node === 'node04' ? { ...b, node: nodeName('node03') } : b)) ?? [];
    const desired = { ...fileOf(w), volumes: v === undefined ? [] : [{ ...v, bricks }] };
    const { plan } = compile(desired, viewOf(w));
    expect(plan.steps.map((s) => s.action)).toEqual(['brick-replace']);
    expect(plan.later?.map((s) => s.id)).toEqual(['node-detach:node04']);
  });
  it('while a volume that the file deletes has a brick on it, whose marks are still to go', () => {
    const w = four([{ name: 'other', bricks: ['node04:/bricks/d1/other'], status: 'stopped' }]);
    const file = fileOf(w, ABSENT, ['v', 'other']);
    const volumes = file.volumes.map((v) => (v.name === 'other' ? { ...v, state: 'absent' as const } : v));
    const { steps, blocked } = said(w, { ...file, volumes });
    expect(steps).toEqual(['volume-delete:other']);
    expect(blocked).toEqual(['node-has-bricks: node04:/bricks/d1/other is a brick of volume other']);
  });
  it('while anything of a volume of the file is healed', () => {
    const w = four();
    const at = w.node('node01').paths.get('/bricks/d1/v');
    if (at !== undefined) at.pendingHeals = 3;
    expect(said(w).waits).toEqual(['set 1 of volume v: node01:/bricks/d1/v waits for heals: 3']);
  });
});

/** What the action itself says, also under the lock. */
const refusals = (w: World, absent = ABSENT, isGone = false): readonly string[] =>
  nodeDetach.requires({ node: 'node04', uuid: nodeUuid(4), isGone }, viewOf(w, absent), fileOf(w, absent));

describe('is refused right before', () => {
  it.each<[string, (w: World) => void, RegExp]>([
    [
      'another member has lost the connection to a third',
      (w) => {
        part(w, 2, 3);
      },
      /node02 has no connection to node03/,
    ],
    [
      'a member does not hear it',
      (w) => {
        part(w, 3, 4);
      },
      /node03 has no connection to node04/,
    ],
    [
      'its own glusterd is down',
      (w) => {
        setMemory(w.node('node04'), 'down');
      },
      /glusterd on node04 does not answer/,
    ],
    [
      'the glusterd of another member is down',
      (w) => {
        setMemory(w.node('node02'), 'down');
      },
      /glusterd on node02 does not answer/,
    ],
    [
      'another node is left out and would not hear of it',
      (w) => {
        lose(w, 3);
      },
      /node03 is left out: it would go on taking node04 for its peer/,
    ],
  ])('%s', (_name, breaks, says) => {
    const w = four();
    expect(refusals(w)).toEqual([]);
    breaks(w);
    expect(refusals(w).join('\n')).toMatch(says);
  });
  it('it has a brick by then', () => {
    const w = four([{ name: 'other', bricks: ['node04:/bricks/d1/other'] }]);
    expect(refusals(w)).toEqual(['node04:/bricks/d1/other is a brick of volume other']);
  });
  it('nobody would be left', () => {
    const all = ['node01', 'node02', 'node03', 'node04'].map(nodeName);
    expect(refusals(four(), all)).toEqual([
      'node04 is the last member of the pool: nothing would be left of it',
    ]);
  });
});

describe('another one joins the pool', () => {
  const joins = (absent: readonly NodeName[]): readonly string[] => {
    const w = four();
    lose(w, 4);
    const view = viewOf(w, absent);
    return missed(peerAttach.step({ node: 'node05' }, view, { reason: '', after: [] }), view);
  };
  it('though one that is lost does not hear of it, where that one is to go', () => {
    expect(joins(ABSENT)).toEqual([]);
  });
  it('only where no other is away', () => {
    expect(joins([])).toEqual(['node04 is left out, and this step needs it']);
  });
});

describe('one that is absent already', () => {
  /** The others have forgotten it. */
  const forgotten = (): World => {
    const w = four();
    for (const n of w.nodes.filter((each) => each.node !== 'node04')) {
      n.files.delete(`peers/${nodeUuid(4)}`);
      believe(n, (state) => ({ ...state, peers: state.peers.filter((p) => p.uuid !== nodeUuid(4)) }));
    }
    return w;
  };
  const empty = (w: World): World => {
    const n = w.node('node04');
    for (const tree of ['peers', 'vols']) removeTree(n, tree);
    believe(n, (state) => ({ ...state, peers: [], volumes: new Map() }));
    return w;
  };

  it.each<[string, (w: World) => void]>([
    ['lives', () => undefined],
    [
      'cannot be reached',
      (w) => {
        w.node('node04').unreachable = true;
      },
    ],
    [
      'is left out',
      (w) => {
        w.node('node04').leftOut = true;
      },
    ],
  ])('is none of the cluster: it %s', (_name, change) => {
    const w = empty(forgotten());
    change(w);
    const view = viewOf(w);
    expect(view.facts(nodeName('node04'))).toBeUndefined();
    expect([...view.failed, ...view.leftOut]).toEqual([]);
    expect(said(w)).toEqual({ steps: [], blocked: [], waits: [] });
  });
  it('is not read past while a member lists it, and cannot be reached', () => {
    const w = four();
    w.node('node04').unreachable = true;
    expect([...viewOf(w).failed.keys()]).toEqual(['node04']);
  });
  it('is not read past while it takes the others for its peers', () => {
    expect(viewOf(forgotten()).facts(nodeName('node04'))).toBeDefined();
  });
});

it('commands are given on a member that stays, where there is one', () => {
  expect(coordinatorOf(viewOf(four(), [nodeName('node01')]))).toBe('node02');
  const all = ['node01', 'node02', 'node03', 'node04'].map(nodeName);
  expect(coordinatorOf(viewOf(four(), all))).toBe('node01');
});

it('two nodes without volumes: the one that is left counts as the pool', () => {
  const w = world({ nodes: 2, volumes: [] });
  for (const n of w.nodes) {
    removeTree(n, 'peers');
    believe(n, (state) => ({ ...state, peers: [] }));
  }
  const view = makeView({ ...w.observed(), leaving: new Set([nodeName('node01')]) });
  expect(nodeDetach.standing({ node: 'node01', uuid: nodeUuid(1), isGone: false }, view)).toBe('done');
  expect(coordinatorOf(view)).toBe('node02');
});
