/** What an action refuses, or does not call done, where a brick path could not be read. */
import { describe, expect, it } from 'vitest';
import { brickClean } from '../../../src/actions/brick-clean.ts';
import { brickPathProblems } from '../../../src/actions/brick-path.ts';
import { brickPath, nodeName } from '../../../src/model/names.ts';
import { brickProcesses } from '../../../src/view/view.ts';
import { localBricks, siblingProblems } from '../../../src/view/brick.ts';
import { directory, world } from '../../worlds.ts';

const NEW = '/bricks/d1/new';
const EIO = 'Input/output error';

describe('a path that the file wants as a brick', () => {
  const problems = (unread: string | undefined): readonly string[] => {
    const w = world();
    if (unread !== undefined) w.node('node01').unreadPaths.set(unread, EIO);
    const brick = { node: nodeName('node01'), path: brickPath(NEW) };
    return brickPathProblems([brick], w.view(), w.desired.policy);
  };

  it.each([NEW, '/bricks/d1', '/bricks'])('is refused where %s could not be read', (path) => {
    expect(problems(path)).toEqual([`node01:${NEW} could not be read: ${EIO}`]);
  });

  it('is accepted where all was read', () => {
    expect(problems(undefined)).toEqual([]);
  });
});

describe("gluster's marks", () => {
  const args = { node: 'node01', path: NEW, volume: 'gone', existedBefore: true };
  const cleaned = (isUnread: boolean): readonly [calls: number, standing: string] => {
    const w = world();
    w.node('node01').paths.set(NEW, directory(NEW, '/bricks/d1', 2));
    if (isUnread) w.node('node01').unreadPaths.set(NEW, EIO);
    const view = w.view();
    return [brickClean.calls(args, view).length, brickClean.standing(args, view)];
  };

  it('are neither removed, nor seen to be gone, where they could not be read', () => {
    expect(cleaned(true)).toEqual([0, 'undone']);
    expect(cleaned(false)).toEqual([1, 'done']);
  });
});

it('a brick is not restarted while the heals of its set could not be counted', () => {
  const w = world();
  const problems = (): readonly string[] => {
    const view = w.view();
    const [first] = view.nodes;
    const [local] = first === undefined ? [] : localBricks(view, first);
    if (first === undefined || local === undefined) throw new Error('no brick');
    expect(brickProcesses(first, 'v', local.brick.path)).toHaveLength(1);
    return siblingProblems(local, view);
  };
  expect(problems()).toEqual([]);
  Object.assign(w.node('node02').paths.get('/bricks/d1/v') ?? {}, { pendingHeals: undefined });
  expect(problems()).toEqual(['whether files are still healed from node02:/bricks/d1/v is not known']);
});
