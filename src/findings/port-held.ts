/** A port that glusterd needs to come up, and that somebody else listens on. */
import type { NodeFacts } from '../model/observed.ts';
import { heldFromGlusterd } from '../view/ports.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const portHeld = defineFinding({
  code: 'port-held',
  explain: {
    title: 'The port of glusterd is held by another process',
    meaning:
      'glusterd does not come up: it cannot listen on its port. Its log ends with "binding to  failed: ' +
      'Address already in use" and "creation of listener failed".',
    cause:
      'Another service has the port, such as a glusterd of a container or a proxy; ' +
      'or a child of the old glusterd inherited the socket and still lives.',
    looksAt: 'The sockets in /proc/net/tcp and tcp6 that listen, and whose they are by /proc/PID/fd.',
    repair:
      "None by this tool: it does not end what is not gluster's. " +
      'Until the port is free, no repair starts glusterd on the node.',
    risk: 'None to data. Every change of the cluster passes the node by.',
    byHand: [
      "ss -ltnp 'sport = :24007'",
      'Stop that service, or give it another port.',
      'systemctl reset-failed glusterd; systemctl start glusterd',
    ],
  },
  detect: (view) =>
    view.nodes.filter((n) => n.version !== undefined && n.memory.kind === 'down').flatMap(found),
  needsDecision: true,
});

function found(facts: NodeFacts): readonly Found[] {
  const { node, daemonConfig } = facts;
  const port = String(daemonConfig.listenPort);
  return heldFromGlusterd(facts).map((held) => ({
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message: `glusterd on ${node} cannot listen: ${held}`,
    evidence: [
      witness(node, 'glusterd.vol', `glusterd listens on port ${port}`),
      witness(node, '/proc/net/tcp', held),
    ],
    remedy: `stop that process on ${node}, or give it another port, then "glusterctl recover FILE"`,
  }));
}
