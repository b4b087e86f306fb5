/** Worlds that give `peer-state-stuck`, and what `recover` would do. */
import { believePeer, nodeUuid } from '../../../worlds.ts';
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'half way in',
    world: on('node01', (n) => {
      believePeer(n, nodeUuid(3), { state: 'Accepted peer request' });
    }),
    subject: 'peer/node03',
    nodes: ['node01'],
    severity: 'error',
    recovery: [`on node01, glusterd stopped: write peers/${nodeUuid(3)}`],
  },
];
