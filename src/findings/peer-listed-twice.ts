/** A node that others list under its uuid, and under one that is nobody's any more. */
import { listed } from '../core/text.ts';
import type { NodeName, PeerUuid } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { peerEntry, poolIn } from '../view/pool.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { editOf, type Remedy, type RepairContext } from './shared/remedy.ts';

export const peerListedTwice = defineFinding({
  code: 'peer-listed-twice',
  explain: {
    title: 'A node is listed twice',
    meaning:
      'A node stands in peers/ under the uuid that it has, and under another one that no node has. ' +
      'The second entry is never connected: commands such as "volume delete" hang or are refused, ' +
      'and it spreads to every node with the next change of a peer.',
    cause: 'The machine was installed again and probed under its old name, without a detach before.',
    looksAt:
      "Uuids in peers/ that are no node's own, and whose host name means a node " +
      'that is listed otherwise too.',
    repair:
      'The old file is removed everywhere, with all glusterds stopped together: ' +
      'cleaned on one alone, it comes back from the others. ' +
      'Where a brick still belongs to the old uuid, a person is asked.',
    risk: 'A brick that belongs to the old uuid has no owner any more.',
    byHand: [
      'Stop glusterd on all nodes; their bricks go on where KillMode=process.',
      'rm /var/lib/glusterd/peers/OLD-UUID, on all nodes',
      'Start glusterd on all nodes.',
    ],
  },
  detect: (view) => stale(view).map((entry) => found(view, entry)),
  repair: (finding, context) =>
    stale(context.view).flatMap((entry) =>
      finding.subject === `peer/${entry.node}` ? removedEverywhere(entry, finding.message, context) : [],
    ),
});

interface Stale {
  readonly uuid: PeerUuid;
  readonly node: NodeName;
  readonly listedBy: readonly NodeName[];
}

const stale = (view: View): readonly Stale[] =>
  [...view.strangers].flatMap(([uuid, { hostnames, listedBy }]) => {
    const node = hostnames.map((h) => poolIn(view).nodeOfHost(h)).find((n) => n !== undefined);
    const facts = node === undefined ? undefined : view.facts(node);
    const by = listedBy.filter((n) => n !== node);
    if (node === undefined || facts === undefined || hasUntrustedStore(view, facts) || by.length === 0)
      return [];
    // Else it has changed its uuid, which is another fault.
    const isKnown = view.nodes.some(
      (n) => n !== facts && peerEntry(view, n.node, facts.store.uuid) !== undefined,
    );
    return isKnown ? [{ uuid, node, listedBy }] : [];
  });

const bricksOf = (view: View, uuid: PeerUuid): readonly string[] =>
  [...view.volumes.values()].flatMap((v) =>
    v.best.bricks
      .filter((b) => b.ownerUuid === uuid)
      .map((b) => `${b.hostname}:${b.path} of volume ${v.name}`),
  );

function found(view: View, { uuid, node, listedBy }: Stale): Found {
  const bricks = bricksOf(view, uuid);
  return {
    severity: 'error',
    subject: `peer/${node}`,
    nodes: listedBy,
    message:
      `${listed(listedBy)} ${listedBy.length === 1 ? 'lists' : 'list'} ${node} twice: ` +
      `under its uuid, and under ${uuid}, which no node has`,
    evidence: [
      witness(node, 'glusterd.info', `UUID=${view.facts(node)?.store.uuid ?? ''}`),
      ...listedBy.map((n) => witness(n, `peers/${uuid}`, `is ${node}`)),
      ...bricks.map((b) => `brick ${b} belongs to ${uuid}`),
    ],
    remedy:
      bricks.length === 0
        ? '"glusterctl recover FILE" removes the old entry everywhere, with all glusterds stopped together'
        : `give the bricks of ${uuid} to another node first`,
  };
}

/** Also restarted where it is in memory alone: it would be sent to the others again. */
function removedEverywhere(
  { uuid, node }: Stale,
  reason: string,
  { view }: RepairContext,
): readonly Remedy[] {
  if (bricksOf(view, uuid).length > 0)
    return [
      {
        kind: 'question',
        subject: `peer/${node}`,
        question: `bricks still belong to the old uuid ${uuid} of ${node}: is it the same machine?`,
        flags: [`--prefer node/${node}=${uuid}`],
      },
    ];
  const knows = (facts: NodeFacts): boolean =>
    peerEntry(view, facts.node, uuid) !== undefined ||
    stateOf(facts)?.peers.some((p) => p.uuid === uuid) === true;
  return view.nodes
    .filter(knows)
    .map((facts) => editOf(facts, { kind: 'remove', path: `peers/${uuid}` }, reason));
}
