/** Worlds that give `brick-unread`: such a brick is neither missing nor unmarked, and not started. */
import { NO_ANSWER } from '../../../../src/model/observed.ts';
import { setMemory } from '../../../worlds.ts';
import { BRICK, broken, type FindingCase, killBrick, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a mount that died, and the brick on it',
    world: on('node02', (n) => {
      killBrick(n);
      n.paths.delete(BRICK);
      n.unreadPaths.set(BRICK, 'Transport endpoint is not connected');
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: [`${BRICK}: Transport endpoint is not connected`],
    recovery: [],
  },
  {
    name: 'a disk that hangs, and glusterd that waits for it and is not restarted',
    world: on('node02', (n) => {
      n.paths.delete(BRICK);
      n.unreadPaths.set(BRICK, NO_ANSWER);
      setMemory(n, 'hung');
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    also: ['glusterd-hung'],
    recovery: [],
  },
  {
    name: 'no getfattr',
    world: on('node02', (n) => {
      Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false });
      for (const path of n.paths.keys()) n.unreadPaths.set(path, 'getfattr is not installed');
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['getfattr is not installed'],
    recovery: [],
  },
  {
    name: 'a path that the file wants as a brick',
    world: broken((w) => {
      const [volume] = w.desired.volumes;
      if (volume === undefined) throw new Error('no volume');
      const [, brick] = volume.bricks;
      if (brick === undefined) throw new Error('no brick');
      const path = `${BRICK}-more` as typeof brick.path;
      const more = { ...volume, name: 'more' as typeof volume.name, bricks: [{ ...brick, path }] };
      w.desired = { ...w.desired, volumes: [volume, more] };
      w.node('node02').unreadPaths.set(path, 'Input/output error');
    }),
    subject: `brick/node02:${BRICK}-more`,
    nodes: ['node02'],
    recovery: [],
  },
];
