/** Worlds that give `transaction-unfinished`. */
import { broken, type FindingCase, on, OWNER } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a controller that died',
    world: broken((w) => {
      for (const n of w.nodes)
        n.transactions = [
          { id: OWNER.transaction, state: n.node === 'node01' ? 'committed' : 'committing', owner: OWNER },
        ];
    }),
    subject: 'cluster',
    nodes: ['node02', 'node03'],
    says: ['ann@laptop', 'committing'],
  },
  {
    name: 'owed',
    world: on('node01', (n) => {
      n.transactions = [{ id: OWNER.transaction, state: 'owed', owner: OWNER }];
    }),
    subject: 'cluster',
    nodes: ['node01'],
  },
];
