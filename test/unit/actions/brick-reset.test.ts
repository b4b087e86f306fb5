/** What keeps a brick from being reset right before it would be: each guard, and what it says. */
import { expect, it } from 'vitest';
import { brickReset } from '../../../src/actions/brick-reset.ts';
import { believePeer, directory, edit, nodeUuid, world, type World } from '../../worlds.ts';
import { BRICK, brickFile, killBrick, leaveOut } from '../findings/case.ts';

type Args = Parameters<typeof brickReset.requires>[0];

const args: Args = { volume: 'v', node: 'node02', path: BRICK, isSaid: false };
const EMPTY = { volumeId: undefined, gfid: false, entries: [] };

function exchanged(change: (w: World) => void = () => undefined): World {
  const w = world({ volumes: [{ name: 'v' }] });
  killBrick(w.node('node02'));
  Object.assign(w.node('node02').paths.get(BRICK) ?? {}, EMPTY);
  change(w);
  return w;
}
const problems = (w: World, more: Partial<Args> = {}): readonly string[] =>
  brickReset.requires({ ...args, ...more }, w.view(), w.desired);
const onRoot = (w: World): void => {
  for (const path of ['/bricks/d1', BRICK]) w.node('node02').paths.set(path, directory(path, '/', 1));
  Object.assign(w.node('node02').paths.get(BRICK) ?? {}, EMPTY);
};

it('nothing does, where the disk is new and the others are whole', () => {
  expect(problems(exchanged())).toEqual([]);
});

it.each<[string, RegExp, (w: World) => void]>([
  [
    'a file in the directory',
    /not the empty directory of a new disk/,
    (w) => {
      Object.assign(w.node('node02').paths.get(BRICK) ?? {}, { entries: ['letters'] });
    },
  ],
  ['a mount that is not proved', /is mounted is not known/, onRoot],
  ['the root file system', /is on the root file system/, onRoot],
  [
    'a process',
    /still serves .*: gluster volume reset-brick v node02:\/bricks\/d1\/v start/,
    (w) => {
      const other = world({ volumes: [{ name: 'v' }] }).node('node02');
      w.node('node02').processes.push(...other.processes.filter((p) => p.role === 'brick'));
    },
  ],
  [
    'another member that is down',
    /is down: what it lacks is not known/,
    (w) => {
      killBrick(w.node('node03'));
    },
  ],
  [
    'a file system that is read-only',
    /mounted read-only/,
    (w) => {
      const fs = { path: BRICK, freeBytes: 1e9, totalBytes: 2e9, freeInodes: 1e5, readOnly: true };
      w.node('node02').filesystems.set(BRICK, fs);
    },
  ],
  [
    'bricks that are being removed',
    /is not over/,
    (w) => {
      for (const n of w.nodes)
        edit(n, brickFile(1), (text) => text.replace('decommissioned=0', 'decommissioned=1'));
    },
  ],
])('%s', (_name, says, change) => {
  expect(problems(exchanged(change)).join('\n')).toMatch(says);
});

it('a heal that is under way in another set', () => {
  const bricks = [1, 2, 3, 4, 5, 6].map((i) => `node0${String(i)}:${BRICK}`);
  const w = world({
    nodes: 6,
    volumes: [{ name: 'v', layout: { kind: 'replicate', replica: 3, arbiter: 0 }, bricks }],
  });
  killBrick(w.node('node02'));
  Object.assign(w.node('node02').paths.get(BRICK) ?? {}, EMPTY);
  expect(problems(w)).toEqual([]);
  Object.assign(w.node('node05').paths.get(BRICK) ?? {}, { pendingHeals: 3 });
  expect(problems(w).join()).toContain('waits for heals: 3');
});

it('what a person says proves the mount, and nothing else', () => {
  expect(problems(exchanged(onRoot), { isSaid: true })).toEqual([
    `node02:${BRICK} is on the root file system: mount its own, or set policy.allowBricksOnRootPartition`,
  ]);
});

it('a node that is not there', () => {
  const w = exchanged((made) => {
    leaveOut(made, 2);
    believePeer(made.node('node01'), nodeUuid(2), { connected: false });
  });
  expect(problems(w)).toEqual([`node02:${BRICK} is not a brick of v on that node`]);
});

it('is no call where the directory is no longer empty', () => {
  const w = exchanged();
  expect(brickReset.calls(args, w.view())).toHaveLength(1);
  Object.assign(w.node('node02').paths.get(BRICK) ?? {}, { entries: ['letters'] });
  expect(brickReset.calls(args, w.view())).toEqual([]);
});
