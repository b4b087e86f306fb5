/** Whether a node can be away: what its volumes are without it, by layout, quorum, heals and tasks. */
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../../src/model/desired.ts';
import { nodeName } from '../../../src/model/names.ts';
import { absenceProblems } from '../../../src/view/absence.ts';
import { believeVolume, edit, type VolumeSpec, world, type World, type WorldNode } from '../../worlds.ts';

const replica = (n: number, arbiter: 0 | 1 = 0): Layout => ({ kind: 'replicate', replica: n, arbiter });
const disperse = (n: number, redundancy: number): Layout => ({ kind: 'disperse', disperse: n, redundancy });
const PATH = '/bricks/d1/v';

const made = (spec: Partial<VolumeSpec>, nodes = 3): World =>
  world({ nodes, volumes: [{ name: 'v', ...spec }] });

const down = (n: WorldNode): void => {
  n.processes = n.processes.filter((p) => p.role !== 'brick');
};

function without(w: World, node = 'node02'): readonly string[] {
  return absenceProblems(nodeName(node), w.view()).map(
    ({ kind, message, evidence }) => `${kind}: ${[message, ...evidence].join('; ')}`,
  );
}

describe('a node that can be away', () => {
  it.each<[string, World]>([
    ['replica 3', made({})],
    ['replica 3 with an arbiter', made({ layout: replica(3, 1) })],
    ['replica 2, whose clients need no quorum', made({ layout: replica(2) }, 2)],
    ['disperse with two in reserve', made({ layout: disperse(6, 2) }, 6)],
    ['a volume that is stopped', made({ status: 'stopped', layout: { kind: 'distribute' } })],
    ['server quorum that the others keep', made({ options: { 'cluster.server-quorum-type': 'server' } })],
  ])('%s', (_name, w) => {
    expect(without(w)).toEqual([]);
  });

  it('is one that has no brick of the volume', () => {
    const bricks = ['node01:/bricks/d1/v'];
    expect(without(made({ layout: { kind: 'distribute' }, bricks }), 'node03')).toEqual([]);
  });
});

describe('a node that its volumes cannot do without', () => {
  it.each<[string, World, RegExp]>([
    ['distribute', made({ layout: { kind: 'distribute' } }), /^quorum: .*files that no other brick has$/],
    ['disperse with one in reserve', made({ layout: disperse(3, 1) }), /^quorum: .*so that 1 more may fail$/],
    [
      'replica 2 with quorum, without its first brick',
      made({ layout: replica(2), options: { 'cluster.quorum-type': 'auto' } }, 2),
      /^quorum: .*quorum-type is auto/,
    ],
    [
      'a fixed count',
      made({ options: { 'cluster.quorum-type': 'fixed', 'cluster.quorum-count': '3' } }),
      /^quorum: .*quorum-type is fixed, cluster.quorum-count 3$/,
    ],
    [
      'server quorum',
      made({ layout: replica(2), options: { 'cluster.server-quorum-type': 'server' } }, 2),
      /^quorum: server quorum is lost without node01/,
    ],
  ])('%s', (_name, w, said) => {
    expect(without(w, 'node01').filter((line) => said.test(line))).toHaveLength(1);
  });

  it('a replica 2 with quorum can do without its second brick', () => {
    const w = made({ layout: replica(2), options: { 'cluster.quorum-type': 'auto' } }, 2);
    expect(without(w, 'node02')).toEqual([]);
  });

  it('another member of the set is down', () => {
    const w = made({});
    down(w.node('node03'));
    expect(without(w)).toEqual([
      `heal: whether heals are pending in set 1 of volume v is not known; node03:${PATH} is down: what it ` +
        'lacks is not known',
      `quorum: clients of volume v cannot do without node02:${PATH}; set 1 of volume v: 1 of 3 bricks ` +
        'would be up; cluster.quorum-type is auto: more than half are needed, or half with the first',
    ]);
  });

  it('another member of the set is drained, though its brick is up again', () => {
    const w = made({});
    w.node('node03').drained = { who: '', when: '', why: '' };
    expect(without(w)).toMatchObject([
      expect.stringMatching(/^quorum: .*1 of 3 bricks would be up/) as unknown,
    ]);
  });

  it('only a member of the same set counts', () => {
    const bricks = [1, 2, 3, 4, 5, 6].map((n) => `node0${String(n)}:/bricks/d1/v`);
    const w = made({ layout: replica(3), bricks }, 6);
    down(w.node('node05'));
    expect(without(w, 'node02')).toEqual([]);
    expect(without(w, 'node04')).not.toEqual([]);
  });
});

describe('a set is whole only where every member says so', () => {
  const heal = (w: World, count: number | undefined): void => {
    const at = w.node('node03').paths.get(PATH);
    if (at !== undefined) at.pendingHeals = count;
  };
  it.each<[string, (w: World) => void, string]>([
    [
      'heals wait on another brick',
      (w) => {
        heal(w, 7);
      },
      `node03:${PATH} waits for heals: 7`,
    ],
    [
      'heals could not be counted',
      (w) => {
        heal(w, undefined);
      },
      `the heals that wait on node03:${PATH} could not be counted`,
    ],
    [
      'a node was not read',
      (w) => {
        w.node('node03').unreachable = true;
      },
      `nothing is known of node03:${PATH}`,
    ],
    [
      'nobody heals on a node',
      (w) => {
        believeVolume(w.node('node03'), 'v', (v) => ({ ...v, selfHealOnline: false }));
      },
      'the self-heal daemon on node03 does not run',
    ],
    [
      'healing is switched off',
      (w) => {
        for (const n of w.nodes) edit(n, 'vols/v/info', (text) => `${text}cluster.self-heal-daemon=off\n`);
      },
      'the self-heal daemon of volume v is switched off',
    ],
  ])('%s', (_name, change, said) => {
    const w = made({});
    change(w);
    expect(without(w).filter((line) => line.startsWith('heal: ') && line.includes(said))).toHaveLength(1);
  });

  it('a task is not over', () => {
    const w = made({});
    edit(w.node('node01'), 'vols/v/bricks/node01:-bricks-d1-v', (t) =>
      t.replace('decommissioned=0', 'decommissioned=1'),
    );
    expect(without(w, 'node01')).toContainEqual(
      expect.stringMatching(/^task: a remove-brick of volume v/) as unknown,
    );
  });
});
