/** A node of the file without GlusterFS. */
import { defineFinding, witness } from './finding.ts';

export const glusterdMissing = defineFinding({
  code: 'glusterd-missing',
  explain: {
    title: 'GlusterFS is not installed',
    meaning: 'The node can be reached, but it has no glusterd. It can neither be a peer nor serve bricks.',
    cause: 'A new machine, or the package was removed.',
    looksAt: 'Whether the programs glusterd and gluster are found on the node.',
    repair: 'None by this tool: it installs no packages.',
    risk: 'None.',
    byHand: [
      'Install the package glusterfs-server in the version that the other nodes have, and start glusterd.',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter((n) => n.version === undefined && n.memory.kind === 'absent')
      .map((n) => ({
        severity: 'error' as const,
        subject: `node/${n.node}`,
        nodes: [n.node],
        message: `GlusterFS is not installed on ${n.node}`,
        evidence: [witness(n.node, 'PATH', 'has neither glusterd nor gluster')],
        remedy: `install glusterfs-server on ${n.node}, or take the node out of the file`,
      })),
});
