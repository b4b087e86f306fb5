/** Worlds that give `brick-volume-id-foreign`. */
import { volumeId } from '../../../worlds.ts';
import { BRICK, type FindingCase, killBrick, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'the wrong disk',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: volumeId(7) });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
];
