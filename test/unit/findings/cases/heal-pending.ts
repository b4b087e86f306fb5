/** Worlds that give `heal-pending`. */
import { world } from '../../../worlds.ts';
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
  {
    name: 'a new brick of a disperse set, for which no brick counts a heal',
    world: () => {
      const w = world({ volumes: [{ name: 'v', layout: { kind: 'disperse', disperse: 3, redundancy: 1 } }] });
      for (const n of w.nodes)
        Object.assign(n.paths.get(BRICK) ?? {}, n.node === 'node02' ? {} : { ecVersion: 4 });
      return w;
    },
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'info',
    says: ['is new, and nothing was healed to it yet'],
  },
];
