/** Worlds that give `brick-volume-id-missing`. */
import { BRICK, type FindingCase, killBrick, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a new disk',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false, entries: [] });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['reset-brick'],
  },
];
