/** What counts as a new disk under the path of a brick, and which empty bricks nothing may start. */
import { describe, expect, it } from 'vitest';
import { forceProblems, isOnlyMarked, locate } from '../../../src/view/brick.ts';
import { type NewDisk, newDiskOf } from '../../../src/view/new-disk.ts';
import { directory, world, type World, type WorldNode } from '../../worlds.ts';
import { killBrick } from '../findings/case.ts';

const BRICK = '/bricks/d1/v';
const EMPTY = { volumeId: undefined, gfid: false, entries: [] };
type Brick = Parameters<typeof newDiskOf>[0];

const located = (w: World): readonly [Brick, ReturnType<World['view']>] => {
  const view = w.view();
  const local = locate({ volume: 'v', node: 'node02', path: BRICK }, view);
  if (local === undefined) throw new Error('no such brick');
  return [local, view];
};
const set = (n: WorldNode, change: object): void => {
  Object.assign(n.paths.get(BRICK) ?? {}, change);
};
const diskOf = (change: (n: WorldNode) => void, w = world()): NewDisk | undefined => {
  killBrick(w.node('node02'));
  change(w.node('node02'));
  return newDiskOf(...located(w));
};

describe('a directory of a brick', () => {
  it.each<[string, NewDisk | undefined, (n: WorldNode) => void]>([
    [
      'that is empty, where the file system is mounted',
      'proved',
      (n) => {
        set(n, EMPTY);
      },
    ],
    [
      'that glusterd has marked, and no process has filled',
      'proved',
      (n) => {
        set(n, { gfid: false, entries: ['.glusterfs'] });
      },
    ],
    [
      'that is not there, on the file system that is',
      'proved',
      (n) => {
        n.paths.delete(BRICK);
      },
    ],
    [
      'that is not there, below a mount point with nothing mounted',
      undefined,
      (n) => {
        n.paths.set('/bricks/d1', directory('/bricks/d1', '/', 1));
        n.paths.delete(BRICK);
      },
    ],
    [
      'that is empty, and lies on the root file system',
      'unproved',
      (n) => {
        for (const path of ['/bricks/d1', BRICK]) n.paths.set(path, directory(path, '/', 1));
        set(n, EMPTY);
      },
    ],
    [
      'that is empty, and is mounted itself',
      'unproved',
      (n) => {
        n.paths.set(BRICK, { ...directory(BRICK, BRICK, 99), ...EMPTY });
      },
    ],
    [
      'with a file',
      undefined,
      (n) => {
        set(n, { ...EMPTY, entries: ['letters'] });
      },
    ],
    [
      'with data behind names of gluster',
      undefined,
      (n) => {
        set(n, { ...EMPTY, hidden: '.glusterfs/00' });
      },
    ],
    [
      'that could not be listed',
      undefined,
      (n) => {
        set(n, { ...EMPTY, entries: undefined });
      },
    ],
    [
      'that was served, and lost its id alone',
      undefined,
      (n) => {
        set(n, { ...EMPTY, gfid: true });
      },
    ],
    [
      'of another volume',
      undefined,
      (n) => {
        set(n, { ...EMPTY, volumeId: 'b'.repeat(36) });
      },
    ],
    [
      'that could not be read',
      undefined,
      (n) => {
        n.unreadPaths.set(BRICK, 'Input/output error');
      },
    ],
    ['that is healthy', undefined, () => undefined],
  ])('%s: %s', (_name, expected, change) => {
    expect(diskOf(change)).toBe(expected);
  });

  it('of a volume that is not started is none: nothing would heal it', () => {
    const w = world({ volumes: [{ name: 'v', status: 'stopped' }] });
    expect(
      diskOf((n) => {
        set(n, EMPTY);
      }, w),
    ).toBeUndefined();
  });
});

describe('a brick that is marked and was never filled', () => {
  const marked = (...names: readonly string[]): World => {
    const w = world();
    for (const name of names) {
      killBrick(w.node(name));
      set(w.node(name), { gfid: false });
    }
    return w;
  };

  it('keeps every forced start away', () => {
    const w = marked('node02');
    expect(isOnlyMarked(...located(w))).toBe(true);
    expect(forceProblems('v', w.view()).join()).toContain('never filled');
  });

  it('is none where no brick of its set was ever served: that is a new volume', () => {
    const w = marked('node01', 'node02', 'node03');
    expect(isOnlyMarked(...located(w))).toBe(false);
    expect(forceProblems('v', w.view())).toEqual([]);
    expect(newDiskOf(...located(w))).toBeUndefined();
  });
});
