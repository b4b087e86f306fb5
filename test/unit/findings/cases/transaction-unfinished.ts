/** Worlds that give `transaction-unfinished`. */
import { broken, type FindingCase, on, OWNER } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a controller that died',
    world: broken((w) => {
      for (const n of w.nodes)
        n.transactions = [
          { id: OWNER.transaction, state: n.node === 'node01' ? 'prepared' : 'committing', owner: OWNER },
        ];
    }),
    subject: 'cluster',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'error',
    says: ['ann@laptop', 'committing'],
  },
  {
    name: 'complete, and a node that was lost right then has not closed its journal',
    world: broken((w) => {
      for (const n of w.nodes)
        n.transactions = [
          { id: OWNER.transaction, state: n.node === 'node01' ? 'committed' : 'committing', owner: OWNER },
        ];
    }),
    subject: 'cluster',
    nodes: ['node02', 'node03'],
    severity: 'info',
    says: ['ann@laptop', 'is complete', 'node02 and node03'],
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
