/** Worlds that give `brick-not-mounted`. */
import { directory } from '../../../worlds.ts';
import { BRICK, type FindingCase, killBrick, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
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
    name: 'no directory at all',
    world: on('node02', (n) => {
      killBrick(n);
      n.paths.delete(BRICK);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
];
