/** Bricks that glusterd has stopped on purpose, because it sees too few of its peers. */
import { listed } from '../core/text.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import { trustedBricks } from '../view/brick.ts';
import { isStoppedByQuorum, neededForQuorum, seenBy } from '../view/quorum.ts';
import { brickProcesses, type View } from '../view/view.ts';
import { defineFinding, type Found, onOneNode, witness } from './finding.ts';

export const serverQuorumLost = defineFinding({
  code: 'server-quorum-lost',
  explain: {
    title: 'Server quorum is lost',
    meaning:
      'The volume has cluster.server-quorum-type=server. ' +
      'glusterd of the node sees fewer peers than the quorum asks for, ' +
      'and has stopped the bricks of the volume on its node, ' +
      'so that a part of the cluster that is cut off does not go on alone.',
    cause: 'glusterd of other nodes is down, or the network keeps them apart.',
    looksAt: "quorum_status in glusterd's memory, and how many peers it is connected to.",
    repair:
      'The peers are brought back, where that is possible; ' +
      'glusterd then starts the bricks itself. They are never started by hand: ' +
      'they would serve a minority.',
    risk: 'A brick started by hand without quorum may take writes that the majority does not have.',
    byHand: ['Start glusterd on the nodes that are missing, or repair the network.', 'gluster peer status'],
  },
  detect: (view) => [...stopped(view)].map(([node, volumes]) => found(view, node, volumes)),
  effectOf: [
    { codes: ['glusterd-down', 'glusterd-hung'], when: (effect, cause) => !onOneNode(effect, cause) },
    { codes: ['peer-disconnected'], when: onOneNode },
  ],
  needsDecision: true,
});

function stopped(view: View): ReadonlyMap<NodeName, readonly VolumeName[]> {
  const byNode = new Map<NodeName, VolumeName[]>();
  for (const { facts, volume, brick } of trustedBricks(view)) {
    if (volume.status !== 'started' || !isStoppedByQuorum(facts, volume.name, view)) continue;
    if (brickProcesses(facts, volume.name, brick.path).length > 0) continue;
    const names = byNode.get(facts.node) ?? [];
    if (!names.includes(volume.name)) byNode.set(facts.node, [...names, volume.name]);
  }
  return byNode;
}

function found(view: View, node: NodeName, volumes: readonly VolumeName[]): Found {
  const facts = view.facts(node);
  const seen = facts === undefined ? 0 : seenBy(facts);
  return {
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message: `glusterd on ${node} has stopped its bricks of ${listed(volumes)}: server quorum is lost`,
    evidence: [
      ...volumes.map((v) => witness(node, 'gluster get-state', `${v}: quorum_status: does_not_meet`)),
      witness(
        node,
        'gluster get-state',
        `${String(seen)} of ${String(neededForQuorum(view))} glusterds that are needed`,
      ),
    ],
    remedy: 'bring the missing peers back; glusterd then starts these bricks itself',
  };
}
