/** Nodes that `--without` leaves out: what is unread is not well. */
import { stateOf } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';

export const nodeLeftOut = defineFinding({
  code: 'node-left-out',
  explain: {
    title: 'A node that is left out',
    meaning:
      'The command was given "--without NODE": the node was not contacted, so nothing is known of it. ' +
      'Its bricks do not serve, as far as anybody knows.',
    cause: 'The node is gone, and the others shall be repaired or changed before it is back.',
    looksAt: 'The command line, and what the glusterds of the other nodes say of their peer.',
    repair:
      'None: bring the node back. Its glusterd then takes over what was changed meanwhile, ' +
      'and doctor without the flag shows what it did not take over.',
    risk:
      'Until then every replica set with a brick there has one copy less. ' +
      'A node that comes back with a store of its own making is seen only then.',
    byHand: [
      'Bring the node back.',
      'glusterctl doctor FILE',
      'glusterctl recover FILE, if it shows anything of the node',
    ],
  },
  detect: (view) =>
    [...view.leftOut].map(([node, uuid]) => ({
      severity: 'warning',
      subject: `node/${node}`,
      nodes: [node],
      message: `${node} is left out: it was not contacted, and nothing is known of it`,
      evidence: view.nodes.flatMap((facts) => {
        const peer = uuid === undefined ? undefined : stateOf(facts)?.peers.find((p) => p.uuid === uuid);
        if (peer === undefined) return [];
        const words = peer.connected ? 'Connected' : 'Disconnected';
        return [witness(facts.node, 'gluster get-state', `${node} ${words}`)];
      }),
      remedy: `bring ${node} back, then "glusterctl doctor FILE"`,
    })),
});
