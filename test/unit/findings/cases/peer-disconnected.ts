/** Worlds that give `peer-disconnected`. */
import { believePeer, nodeUuid } from '../../../worlds.ts';
import { broken, type FindingCase } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a blocked port: reported once',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node02') believePeer(n, nodeUuid(2), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node03', 'node02'],
  },
  {
    name: 'both ends say so',
    world: broken((w) => {
      believePeer(w.node('node01'), nodeUuid(2), { connected: false });
      believePeer(w.node('node02'), nodeUuid(1), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node02'],
  },
  {
    name: 'TLS on one side',
    world: broken((w) => {
      w.node('node02').files.set('secure-access', '');
      believePeer(w.node('node03'), nodeUuid(2), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node03', 'node02'],
    says: ['only some of them use TLS'],
  },
];
