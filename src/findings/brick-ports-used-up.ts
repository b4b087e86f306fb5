/** A range of ports with none left for a brick that is to run. */
import type { NodeFacts } from '../model/observed.ts';
import { trustedBricks } from '../view/brick.ts';
import { isDrained } from '../view/drained.ts';
import { lacksBrickPort, rangeOf, whoHasBrickPorts } from '../view/ports.ts';
import { brickProcesses, servedByMultiplex } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const brickPortsUsedUp = defineFinding({
  code: 'brick-ports-used-up',
  explain: {
    title: 'No port is left for a brick',
    meaning:
      'glusterd gives each brick that it starts a free port of its range, and none is free. ' +
      'The brick does not start. "volume start force" says "success" all the same; glusterd.log says ' +
      '"All the ports in the range are exhausted, can\'t start brick".',
    cause:
      'The range between base-port and max-port in glusterd.vol was narrowed, often for a firewall, ' +
      'to fewer ports than there are bricks; or other services listen within it.',
    looksAt: 'base-port and max-port in glusterd.vol, and the ports on which processes of the node listen.',
    repair:
      'A brick is started with the port that glusterd still holds for it, where nobody else has it. ' +
      "Else none: this tool does not end what is not gluster's, and changes no firewall.",
    risk: 'None to data. Clients do without the brick.',
    byHand: [
      'ss -ltnp',
      'Raise max-port in /etc/glusterfs/glusterd.vol, and open the ports in the firewall.',
      'systemctl restart glusterd',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter((facts) => facts.memory.kind === 'up' && !isDrained(facts) && lacksBrickPort(facts))
      .filter((facts) =>
        trustedBricks(view).some(
          ({ facts: { node }, volume, brick }) =>
            node === facts.node &&
            volume.status === 'started' &&
            brickProcesses(facts, volume.name, brick.path).length === 0 &&
            servedByMultiplex(facts, brick, volume.name) === undefined,
        ),
      )
      .map(found),
  needsDecision: true,
});

function found(facts: NodeFacts): Found {
  const { node } = facts;
  return {
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message: `no port ${rangeOf(facts)} is free on ${node} for a brick that is to run`,
    evidence: [
      witness(node, 'glusterd.vol', `bricks listen ${rangeOf(facts)}`),
      witness(node, '/proc/net/tcp', whoHasBrickPorts(facts)),
    ],
    remedy:
      `raise max-port in glusterd.vol of ${node} and restart its glusterd, or free one of its ports, ` +
      'then "glusterctl recover FILE"',
  };
}
