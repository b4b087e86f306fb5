/** What `status` shows agrees with what `doctor` finds. */
import { expect, it } from 'vitest';
import { statusOf } from '../../../src/view/status.ts';
import { believeBrick, believePeer, nodeUuid, world, type World } from '../../worlds.ts';

const shown = (w: World): ReturnType<typeof statusOf> => statusOf(w.desired, w.view(), []);

it('a peer that is rejected is not counted as connected', () => {
  const w = world();
  believePeer(w.node('node01'), nodeUuid(3), { state: 'Peer Rejected' });
  expect(shown(w).nodes.map((n) => n.peers)).toEqual([
    '1/2 connected, 1 rejected',
    '2/2 connected',
    '2/2 connected',
  ]);
});

it('a brick that runs though glusterd does not know it is not shown as offline', () => {
  const w = world();
  believeBrick(w.node('node02'), 'v', { registered: false });
  const [volume] = shown(w).volumes;
  expect(volume?.bricks.map((b) => b.online)).toEqual([true, null, true]);
  expect(volume?.bricks[1]?.pid).not.toBeNull();
});
