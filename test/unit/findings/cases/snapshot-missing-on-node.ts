/** Worlds that give `snapshot-missing-on-node`. */
import { idOf } from '../../../worlds.ts';
import { addFile, broken, type FindingCase } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'on one',
    world: broken((w) => {
      for (const n of w.nodes)
        if (n.node !== 'node02') addFile(n, 'snaps/s1/info', `snap-id=${idOf(6, 1)}\n`);
    }),
    subject: 'snapshot/s1',
    nodes: ['node02'],
  },
];
