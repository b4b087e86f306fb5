/** Worlds that give `lock-held`. */
import { broken, type FindingCase, OWNER } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'by a live transaction, which is not unfinished',
    world: broken((w) => {
      for (const n of w.nodes) {
        n.lock = { held: true, pid: 55, owner: OWNER };
        n.transactions = [{ id: OWNER.transaction, state: 'committing', owner: OWNER }];
      }
    }),
    subject: 'cluster',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'info',
    says: ['ann@laptop'],
  },
];
