/** What keeps copies from being added, by the observation of every node. */
import { describe, expect, it } from 'vitest';
import { volumeAddCopies } from '../../../src/actions/volume-add-copies.ts';
import type { Layout } from '../../../src/model/desired.ts';
import { believeVolume, directory, edit, type World, world } from '../../worlds.ts';

const TWO: Layout = { kind: 'replicate', replica: 2, arbiter: 0 };
const THREE: Layout = { kind: 'replicate', replica: 3, arbiter: 0 };
const OLD = [1, 2].map((n) => `node0${String(n)}:/bricks/d1/v`);
const args = {
  volume: 'v',
  from: TWO,
  to: THREE,
  sets: [['node03:/bricks/d1/v']],
  clientIoThreads: null,
} as const;
const GB = 1024 ** 3;

function replica2(options = {}): World {
  const w = world({ volumes: [{ name: 'v', layout: TWO, bricks: OLD, options }] });
  w.node('node03').paths.set('/bricks/d1', directory('/bricks/d1', '/bricks/d1', 7));
  return w;
}
const problems = (w: World, change: Partial<typeof args> | object = {}): string =>
  volumeAddCopies.requires({ ...args, ...change }, w.view(), w.desired).join('\n');

function pending(w: World, node: string, heals: number | undefined): void {
  const { paths } = w.node(node);
  const at = paths.get('/bricks/d1/v');
  if (at !== undefined) paths.set(at.path, { ...at, pendingHeals: heals });
}

function room(w: World, node: string, path: string, totalBytes: number, freeBytes: number): void {
  const { filesystems } = w.node(node);
  filesystems.set(path, { ...filesystems.get(path), readOnly: false, totalBytes, freeBytes } as never);
}

describe('copies are not added', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['where all is well', () => undefined, /^$/],
    [
      'while a task of the volume is not over',
      (w) => {
        for (const node of w.nodes)
          edit(node, 'vols/v/bricks/node02:-bricks-d1-v', (text) =>
            text.replace('decommissioned=0', 'decommissioned=1'),
          );
      },
      /of volume v is not over/,
    ],
    [
      'while a process moves files',
      (w) =>
        void w.node('node02').processes.push({
          pid: 4000,
          startTicks: 5,
          state: 'S',
          role: 'client',
          brick: undefined,
          ports: [],
          cgroup: '',
          argv: ['/usr/sbin/glusterfs', '--volfile-id', 'rebalance/v'],
        }),
      /^node02 still moves files of v$/,
    ],
    [
      'while a member is down: what the others lack of it is not known',
      (w) => {
        w.node('node02').processes = w.node('node02').processes.filter((p) => p.role !== 'brick');
      },
      /^whether heals are pending in set 1 of volume v is not known; node02:.bricks.d1.v is down/,
    ],
    [
      'while heals are pending: a new member would get them from the wrong one',
      (w) => {
        pending(w, 'node02', 4);
      },
      /^set 1 of volume v: node02:.bricks.d1.v waits for heals: 4$/,
    ],
    [
      'where heals could not be counted',
      (w) => {
        pending(w, 'node01', undefined);
      },
      /the heals that wait on node01:.bricks.d1.v could not be counted/,
    ],
    [
      'on a node that is out of service',
      (w) => {
        w.node('node03').drained = { who: 'ann', when: '2026-01-01T00:00:00Z', why: 'disk' };
      },
      /^node03 is drained/,
    ],
    [
      'while a node of the volume is out of service',
      (w) => {
        w.node('node02').drained = { who: 'ann', when: '2026-01-01T00:00:00Z', why: 'disk' };
      },
      /^node02 is drained/,
    ],
    [
      'on a directory that is not empty',
      (w) =>
        void w
          .node('node03')
          .paths.set('/bricks/d1/v', { ...directory('/bricks/d1/v', '/bricks/d1', 7), entries: ['old'] }),
      /^node03:.bricks.d1.v is not empty: it holds old$/,
    ],
    [
      'on a node without a port',
      (w) => {
        const node = w.node('node03');
        node.daemonConfig = { ...node.daemonConfig, maxPort: node.daemonConfig.basePort - 1 };
      },
      /^node03 has 0 ports left/,
    ],
    [
      'where there is no room for what the set has',
      (w) => {
        room(w, 'node01', '/bricks/d1/v', 100 * GB, 40 * GB);
        room(w, 'node02', '/bricks/d1/v', 100 * GB, 30 * GB);
        room(w, 'node03', '/bricks/d1', 60 * GB, 60 * GB);
      },
      /^there is room for 63.8 GB at node03:.bricks.d1.v, and 64.4 GB have to be copied there/,
    ],
  ])('%s', (_when, make, says) => {
    const w = replica2();
    make(w);
    expect(problems(w)).toMatch(says);
  });

  it('where the self-heal daemon is switched off', () => {
    expect(problems(replica2({ 'cluster.self-heal-daemon': 'off' }))).toMatch(/is switched off/);
  });

  it('where the volume is not started: nothing would heal', () => {
    const w = replica2();
    for (const node of w.nodes) edit(node, 'vols/v/info', (text) => text.replace('status=1', 'status=2'));
    expect(problems(w)).toBe('volume v is not started: nothing would heal');
  });

  it.each([
    ['where it has another layout by then', { from: THREE, to: TWO }],
    ['where it has another number of sets by then', { sets: [...args.sets, ...args.sets] }],
  ])('%s', (_when, change) => {
    expect(problems(replica2(), change)).toBe('volume v is not what the change was made for');
  });

  it('to a node that has a member of the set', () => {
    const twice = { sets: [['node02:/bricks/d2/v']] };
    expect(problems(replica2(), twice)).toContain('node02 would have two bricks of set 1 of volume v');
  });
});

it('an arbiter needs no room for what the set has', () => {
  const w = replica2();
  room(w, 'node01', '/bricks/d1/v', 100 * GB, 40 * GB);
  room(w, 'node03', '/bricks/d1', 20 * GB, 20 * GB);
  expect(problems(w)).toContain('there is room for');
  expect(problems(w, { to: { ...THREE, arbiter: 1 } })).toBe('');
});

describe('the first copies of a distribute volume', () => {
  const first = { from: { kind: 'distribute' }, to: TWO, sets: [['node02:/bricks/d1/v']] };
  const single = (options = {}): World => {
    const bricks = OLD.slice(0, 1);
    const w = world({ volumes: [{ name: 'v', layout: { kind: 'distribute' }, bricks, options }] });
    w.node('node02').paths.set('/bricks/d1', directory('/bricks/d1', '/bricks/d1', 7));
    return w;
  };

  it('need no heals that bricks still remember: they are of copies that are gone', () => {
    const w = single();
    for (const node of w.nodes) believeVolume(node, 'v', (v) => ({ ...v, selfHealOnline: true }));
    pending(w, 'node01', 4);
    expect(problems(w, first)).toBe('');
  });

  it('need no self-heal daemon that runs: there is none yet', () => {
    const w = single();
    for (const node of w.nodes) believeVolume(node, 'v', (v) => ({ ...v, selfHealOnline: false }));
    expect(problems(w, first)).toBe('');
  });

  it('need all bricks up', () => {
    const w = single();
    w.node('node01').processes = w.node('node01').processes.filter((p) => p.role !== 'brick');
    expect(problems(w, first)).toMatch(/; node01:.bricks.d1.v is down$/);
  });

  it('need one that may run', () => {
    expect(problems(single({ 'cluster.self-heal-daemon': 'off' }), first)).toMatch(/is switched off$/);
  });
});
