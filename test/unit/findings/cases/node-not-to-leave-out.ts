/** Worlds that give `node-not-to-leave-out`. */
import { edit, world } from '../../../worlds.ts';
import { broken, type FindingCase, INFO, leaveOut, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'one node that a peer is connected to',
    world: broken((w) => {
      leaveOut(w, 3, true);
    }),
    subject: 'node/node03',
    nodes: ['node03'],
    also: ['node-left-out'],
    says: ['node03 is alive: the glusterd of node01 is connected to it', 'node02'],
  },
  {
    name: 'half of a pool of two',
    world: () => {
      const w = world({ nodes: 2 });
      leaveOut(w, 2);
      return w;
    },
    subject: 'cluster',
    nodes: ['node02'],
    also: ['node-left-out'],
    says: ['only 1 member of 2 would be left, which is no majority'],
  },
  {
    name: 'half of a pool of four',
    world: () => {
      const w = world({ nodes: 4 });
      leaveOut(w, 3);
      leaveOut(w, 4);
      return w;
    },
    subject: 'cluster',
    nodes: ['node03', 'node04'],
    also: ['node-left-out', 'node-left-out'],
    says: ['only 2 members of 4 would be left'],
  },
  {
    name: 'one more than server quorum allows',
    world: broken((w) => {
      for (const n of w.nodes) {
        edit(n, INFO, replace('brick-0=', 'cluster.server-quorum-type=server\nbrick-0='));
        edit(n, 'options', (text) => `cluster.server-quorum-ratio=100%\n${text}`);
      }
      leaveOut(w, 3);
    }),
    subject: 'cluster',
    nodes: ['node03'],
    also: ['node-left-out', 'volume-memory-disk-mismatch', 'volume-memory-disk-mismatch'],
    says: ['server quorum is lost: glusterd runs on 2 members, and 3 are needed'],
  },
];
