/** Worlds that give `heal-pending`. */
import { BRICK, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'three files',
    world: on('node02', (n) => {
      Object.assign(n.paths.get(BRICK) ?? {}, { pendingHeals: 3 });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'info',
  },
  {
    name: 'a list that could not be read: it is not taken for an empty one',
    world: on('node02', (n) => {
      Object.assign(n.paths.get(BRICK) ?? {}, { pendingHeals: undefined });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'warning',
    says: ['is not known'],
  },
];
