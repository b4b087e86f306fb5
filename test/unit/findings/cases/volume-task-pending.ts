/** Worlds that give `volume-task-pending`. */
import { broken, type FindingCase, leaving } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a removal that waits for its commit',
    world: broken((w) => {
      leaving(w, { status: 3 });
    }),
    subject: 'volume/v',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'info',
    also: ['remove-brick-uncommitted'],
    says: ['remove-brick'],
  },
];
