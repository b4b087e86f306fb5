/** What keeps a set from being taken out as lost: glusterd takes out whatever is named. */
import { describe, expect, it } from 'vitest';
import { volumeRemoveLost } from '../../../src/actions/volume-remove-lost.ts';
import { edit, type World, world } from '../../worlds.ts';

const BRICKS = ['node01:/bricks/d1/v', 'node02:/bricks/d1/v', 'node03:/bricks/d1/v'];
const args = { volume: 'v', sets: [['node03:/bricks/d1/v']] };

const endBrick = (w: World, node: string): void => {
  w.node(node).processes = w.node(node).processes.filter((p) => p.role !== 'brick');
};
/** The disk of node03 is gone. */
function lost(): World {
  const w = world({ volumes: [{ name: 'v', layout: { kind: 'distribute' }, bricks: BRICKS }] });
  endBrick(w, 'node03');
  w.node('node03').paths.delete('/bricks/d1/v');
  return w;
}

describe('no set is taken out as lost', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['but one whose disk is gone', () => undefined, /^$/],
    [
      'while its brick could be started',
      (w) => {
        const { paths } = w.node('node03');
        const [own, other] = ['/bricks/d1/v', w.node('node02').paths.get('/bricks/d1/v')];
        if (other !== undefined) paths.set(own, other);
      },
      /^node03:.bricks.d1.v is not lost: its files can be carried away$/,
    ],
    [
      'while it is not known whether its disk is gone',
      (w) => {
        w.node('node03').unreadPaths.set('/bricks/d1/v', 'getfattr: not found');
      },
      /^node03:.bricks.d1.v cannot be read: unmount it/,
    ],
    [
      'that a node has no volume of: it may serve the brick all the same',
      (w) => {
        const { files } = w.node('node03');
        for (const file of [...files.keys()]) if (file.startsWith('vols/v/')) files.delete(file);
      },
      /^node03:.bricks.d1.v cannot be read/,
    ],
    [
      'while another brick is down',
      (w) => {
        endBrick(w, 'node01');
      },
      /^node01:.bricks.d1.v is down$/,
    ],
    [
      'of a volume that is stopped',
      (w) => {
        for (const n of w.nodes) edit(n, 'vols/v/info', (t) => t.replace('status=1', 'status=2'));
      },
      /^volume v is not started/,
    ],
    [
      'while other bricks leave',
      (w) => {
        for (const n of w.nodes)
          edit(n, 'vols/v/bricks/node02:-bricks-d1-v', (t) =>
            t.replace('decommissioned=0', 'decommissioned=1'),
          );
      },
      /of volume v is not over/,
    ],
    [
      'while a node of the volume is out of service',
      (w) => {
        w.node('node02').drained = { who: 'ann', when: '2026-01-01T00:00:00Z', why: 'disk' };
      },
      /node02 is drained/,
    ],
  ])('%s', (_when, make, says) => {
    const w = lost();
    make(w);
    expect(volumeRemoveLost.requires(args, w.view(), w.desired).join('\n')).toMatch(says);
  });

  it('where it is all that the volume has', () => {
    const w = lost();
    const all = { ...args, sets: BRICKS.map((b) => [b]) };
    expect(volumeRemoveLost.requires(all, w.view(), w.desired).join()).toMatch(/would have no brick left/);
  });
});

it('each of its bricks has to be allowed by name', () => {
  const sets = [['node02:/bricks/d1/v', 'node03:/bricks/d1/v']];
  expect(volumeRemoveLost.destroys({ ...args, sets }, lost().view())).toEqual([
    'brick/node02:/bricks/d1/v',
    'brick/node03:/bricks/d1/v',
  ]);
});
