/** Worlds that give `node-left-out`. */
import { broken, type FindingCase, leaveOut } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'one node that is gone',
    world: broken((w) => {
      leaveOut(w, 3);
    }),
    subject: 'node/node03',
    nodes: ['node03'],
    severity: 'warning',
    says: ['node01: gluster get-state: node03 Disconnected', 'nothing is known of it'],
  },
];
