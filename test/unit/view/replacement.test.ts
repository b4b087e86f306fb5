/** Whether a brick may take the place of another: members, quorum, heals and places, by layout. */
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../../src/model/desired.ts';
import { brickReplace } from '../../../src/actions/brick-replace.ts';
import { healsUnderWay, replaceProblems, resetProblems } from '../../../src/view/replacement.ts';
import {
  believePeer,
  directory,
  edit,
  type VolumeSpec,
  world,
  type World,
  type WorldNode,
} from '../../worlds.ts';

const PATH = '/bricks/d1/v';
const replica = (n: number, arbiter: 0 | 1 = 0): Layout => ({ kind: 'replicate', replica: n, arbiter });
const disperse = (n: number, redundancy: number): Layout => ({ kind: 'disperse', disperse: n, redundancy });
const bricks = (n: number): readonly string[] =>
  Array.from({ length: n }, (_, i) => `node0${String(i + 1)}:${PATH}`);
const made = (count: number, layout: Layout, more: Partial<VolumeSpec> = {}): World =>
  world({ nodes: count + 1, volumes: [{ name: 'v', layout, bricks: bricks(count), ...more }] });

const down = (n: WorldNode): void => {
  n.processes = n.processes.filter((p) => p.role !== 'brick');
};
const pending = (n: WorldNode, count: number | undefined): void => {
  const at = n.paths.get(PATH);
  if (at !== undefined) at.pendingHeals = count;
};

const args = (to: number, path = '/bricks/d1/new'): Parameters<typeof replaceProblems>[0] => ({
  volume: 'v',
  from: { node: 'node01', path: PATH },
  to: { node: `node0${String(to)}`, path },
});
const kinds = (w: World, to = w.nodes.length): readonly string[] =>
  replaceProblems(args(to), w.view()).map((p) => p.kind);

describe('a brick that can be replaced', () => {
  it.each<[string, () => World]>([
    ['of replica 3', () => made(3, replica(3))],
    ['of replica 2, its other copy whole', () => made(2, replica(2))],
    ['of replica 3 with an arbiter', () => made(3, replica(3, 1))],
    ['of disperse, all of whose other members are needed', () => made(3, disperse(3, 1))],
    [
      'that is down, though others remember files for it',
      () => {
        const w = made(3, replica(3));
        down(w.node('node01'));
        pending(w.node('node02'), 7);
        return w;
      },
    ],
    [
      'of a node that is left out',
      () => {
        const w = made(3, replica(3));
        w.node('node01').leftOut = true;
        return w;
      },
    ],
  ])('%s', (_name, make) => {
    expect(kinds(make())).toEqual([]);
  });

  it('may go to another path on its own node', () => {
    expect(kinds(made(3, replica(3)), 1)).toEqual([]);
  });
});

describe('a brick that cannot be replaced', () => {
  const broken =
    (count: number, layout: Layout, change: (w: World) => void): (() => World) =>
    () => {
      const w = made(count, layout);
      change(w);
      return w;
    };
  it.each<[string, () => World, readonly string[]]>([
    [
      'of replica 2 whose other copy is down',
      broken(2, replica(2), (w) => {
        down(w.node('node02'));
      }),
      ['heal', 'quorum'],
    ],
    [
      'of disperse without enough others',
      broken(3, disperse(3, 1), (w) => {
        down(w.node('node02'));
      }),
      ['heal', 'quorum'],
    ],
    [
      'whose heals could not be counted',
      broken(3, replica(3), (w) => {
        pending(w.node('node01'), undefined);
      }),
      ['source'],
    ],
    [
      'while bricks of its volume are removed',
      broken(3, replica(3), (w) => {
        edit(w.node('node01'), 'vols/v/bricks/node01:-bricks-d1-v', (text) =>
          text.replace('decommissioned=0', 'decommissioned=1'),
        );
      }),
      ['task'],
    ],
    ['of a distribute volume', () => made(3, { kind: 'distribute' }), ['quorum']],
    ['of a volume that is stopped', () => made(3, replica(3), { status: 'stopped' }), ['place']],
  ])('%s', (_name, make, expected) => {
    expect(kinds(make())).toEqual(expected);
  });

  const GB = 1e9;
  const room = (w: World, node: string, path: string, totalBytes: number, freeBytes: number): void => {
    const { filesystems } = w.node(node);
    filesystems.set(path, { path, readOnly: false, totalBytes, freeBytes, freeInodes: 1e6 });
  };
  const full = (w: World): void => {
    for (const node of ['node01', 'node02', 'node03']) room(w, node, PATH, 100 * GB, 60 * GB);
  };

  it.each<[string, Layout, number, readonly string[]]>([
    ['where its set has more than the new disk takes', replica(3), 30, ['room']],
    ['where the new disk has room', replica(3), 60, []],
    ['of an arbiter, which gets names alone', replica(3, 1), 30, []],
  ])('%s', (_name, layout, freeGb, expected) => {
    const w = made(3, layout);
    full(w);
    room(w, 'node04', '/bricks/d1', freeGb * GB, freeGb * GB);
    w.node('node04').paths.set('/bricks/d1', directory('/bricks/d1', '/bricks/d1', 7));
    const from = {
      node: layout.kind === 'replicate' && layout.arbiter === 1 ? 'node03' : 'node01',
      path: PATH,
    };
    expect(replaceProblems({ ...args(4), from }, w.view()).map((p) => p.kind)).toEqual(expected);
  });

  it('where nearly full disks are as large as the new one, whatever their file systems keep', () => {
    const w = made(3, replica(3));
    for (const node of ['node01', 'node02', 'node03']) room(w, node, PATH, 100 * GB, 4 * GB);
    room(w, 'node01', PATH, 100 * GB, 94 * GB);
    expect(resetProblems({ ...args(1, PATH) }, w.view())).toEqual([]);
  });

  it('where nothing says what is used by the brick alone', () => {
    const w = made(3, replica(3));
    full(w);
    for (const node of ['node02', 'node03'])
      Object.assign(w.node(node).paths.get(PATH) ?? {}, { mountPoint: '/bricks' });
    room(w, 'node01', PATH, 30 * GB, 30 * GB);
    expect(resetProblems({ ...args(1, PATH) }, w.view())).toEqual([]);
  });

  it('whose own new disk is smaller than what the others have', () => {
    const w = made(3, replica(3));
    full(w);
    room(w, 'node01', PATH, 30 * GB, 30 * GB);
    expect(resetProblems({ ...args(1, PATH) }, w.view()).map((p) => p.kind)).toEqual(['room']);
  });

  it('by a second member on one node', () => {
    expect(kinds(made(3, replica(3)), 2)).toEqual(['place']);
  });
});

it('heals that go on are waited for, in every set, and not those for a brick that is down', () => {
  const w = world({ nodes: 6, volumes: [{ name: 'v', layout: replica(3), bricks: bricks(6) }] });
  expect(healsUnderWay(args(1), w.view())).toEqual([]);
  pending(w.node('node01'), 2);
  expect(healsUnderWay(args(1), w.view())).toEqual([`set 1 of volume v: node01:${PATH} waits for heals: 2`]);
  pending(w.node('node01'), 0);
  pending(w.node('node05'), 3);
  expect(healsUnderWay(args(1), w.view())).toEqual([`set 2 of volume v: node05:${PATH} waits for heals: 3`]);
  down(w.node('node04'));
  expect(healsUnderWay(args(1), w.view())).toEqual([]);
});

describe('as a step', () => {
  it('ends the process first, because glusterd cannot stop one that somebody else has started', () => {
    const calls = brickReplace.calls(args(4), made(3, replica(3)).view());
    const kinds = [...JSON.stringify(calls).matchAll(/"kind":"(end-process|gluster)"/g)].map(
      ([, kind]) => kind,
    );
    expect(kinds).toEqual(['end-process', 'gluster']);
  });

  it('needs the node of the new brick in the pool', () => {
    const w = made(3, replica(3));
    const { desired } = w;
    const problems = (): readonly string[] => brickReplace.requires(args(4), w.view(), desired);
    expect(problems()).not.toContain('node04 is not in the pool');
    const four = w.node('node04');
    for (const n of w.nodes) {
      const gone = n === four ? w.nodes.map((other) => other.uuid) : [four.uuid];
      for (const uuid of gone) {
        n.files.delete(`peers/${uuid}`);
        believePeer(n, uuid, undefined);
      }
    }
    expect(problems()).toContain('node04 is not in the pool');
  });
});
