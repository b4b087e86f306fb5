/** Worlds that give `brick-not-mounted`. */
import { directory, edit, setMemory } from '../../../worlds.ts';
import { BRICK, brickFile, type FindingCase, killBrick, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'not there, with a brick file of an old release: glusterd is down for it, and not started',
    world: on('node02', (n) => {
      edit(n, brickFile(2), replace(/^real_path=.*\n/m, ''));
      n.paths.delete(BRICK);
      killBrick(n);
      setMemory(n, 'down');
    }),
    also: ['glusterd-down'],
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    recovery: [],
  },
  {
    name: 'the empty directory below',
    world: on('node02', (n) => {
      killBrick(n);
      for (const path of ['/bricks/d1', BRICK]) n.paths.set(path, directory(path, '/', 1));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
  },
  {
    name: 'an empty directory where nothing is mounted, which a person may call new',
    world: on('node02', (n) => {
      killBrick(n);
      for (const path of ['/bricks/d1', BRICK]) n.paths.set(path, directory(path, '/', 1));
      Object.assign(n.paths.get(BRICK) ?? {}, { entries: [] });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: [
      'mount it on node02',
      `If its disk is new: glusterctl apply FILE --new-disk brick/node02:${BRICK}`,
    ],
  },
  {
    name: 'a new disk without a directory',
    world: on('node02', (n) => {
      killBrick(n);
      n.paths.delete(BRICK);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['its file system is mounted, and new', 'glusterctl apply FILE" resets the brick'],
    recovery: [],
  },
  {
    name: 'no directory at all',
    world: on('node02', (n) => {
      killBrick(n);
      n.paths.set('/bricks/d1', directory('/bricks/d1', '/', 1));
      n.paths.delete(BRICK);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['is its disk mounted?', 'mount it on node02'],
  },
];
