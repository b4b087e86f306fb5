/** Worlds that give `volume-task-pending`. */
import { edit } from '../../../worlds.ts';
import { brickFile, broken, type FindingCase, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a removal that waits for its commit',
    world: broken((w) => {
      for (const n of w.nodes) edit(n, brickFile(3), replace('decommissioned=0', 'decommissioned=1'));
    }),
    subject: 'volume/v',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'info',
    says: ['remove-brick'],
  },
];
