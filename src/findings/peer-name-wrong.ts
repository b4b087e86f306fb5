/**
 * A peers file whose first name leads nowhere, or of which any name leads to another machine than the peer.
 */
import { isLoopbackAddress } from '../core/address.ts';
import type { NodeFacts, StorePeer } from '../model/observed.ts';
import { PEER_IN_CLUSTER } from '../model/observed.ts';
import { peerEntry } from '../view/pool.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';

export const peerNameWrong = defineFinding({
  code: 'peer-name-wrong',
  explain: {
    title: 'A peer is stored under a wrong name',
    meaning:
      'A node calls its peer by the first name in its peers file, and knows bricks by all of its names. ' +
      'One does not resolve, or leads to the node itself or to a third one. ' +
      'The peer is then Disconnected from this side, commands go to the wrong node and hang, ' +
      'or glusterd does not find its own bricks.',
    cause:
      'The peer was probed from an address whose reverse name is stored, as "localhost", ' +
      'or a name was given to another machine since. glusterd adds the right name as a second one, ' +
      'never tries it, and gives the wrong one to all other nodes.',
    looksAt:
      'The names in every file in peers/, resolved on the node that has it, ' +
      'against the addresses of the peer.',
    repair:
      'The name by which the others know the peer is written, and the wrong one removed, ' +
      'while glusterd is stopped on every node that has it: one that runs would give it to the others again.',
    risk: 'None: it reaches the peer under that name.',
    byHand: [
      'Stop glusterd on all nodes that have the wrong name, before it is started on any.',
      'Write hostname1=NAME, as the others have it, into /var/lib/glusterd/peers/UUID; remove other names.',
      'Start glusterd.',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter((n) => !hasUntrustedStore(view, n))
      .flatMap((facts) => wrongNames(view, facts).map((w) => found(view, facts, w))),
  repair: (finding, context) =>
    nodesOf(finding, context.view).flatMap((facts) => renamed(facts, finding.message, context)),
});

interface WrongName {
  readonly peer: StorePeer;
  readonly other: NodeFacts;
  readonly name: string;
  readonly addresses: readonly string[];
}

/** Of each peer that was read: its first name that this node resolves otherwise than its addresses say. */
const wrongNames = (view: View, facts: NodeFacts): readonly WrongName[] =>
  facts.store.peers.flatMap((peer) => {
    const node = view.nodeOf(peer.uuid);
    const other = node === undefined ? undefined : view.facts(node);
    if (other === undefined || other === facts || hasUntrustedStore(view, other)) return [];
    const wrong = peer.hostnames.flatMap((name, i) => {
      const addresses = facts.resolves.get(name);
      if (addresses === undefined || isItsOwn(view, name, other)) return [];
      // One that leads nowhere harms only where glusterd dials it.
      if (addresses.length === 0 && i > 0) return [];
      const isWrong = !leadsTo(addresses, other) && isElsewhere(addresses, view);
      return isWrong ? [{ peer, other, name, addresses }] : [];
    });
    return wrong.slice(0, 1);
  });

/** The name of the node, or of a host of its bricks: where it leads is a matter of name resolution. */
const isItsOwn = (view: View, name: string, other: NodeFacts): boolean =>
  name === other.node ||
  [...view.volumes.values()].some((v) =>
    v.best.bricks.some((b) => b.hostname === name && view.ownerOf(b) === other.node),
  );

const leadsTo = (addresses: readonly string[], other: NodeFacts): boolean =>
  addresses.some((a) => !isLoopbackAddress(a) && other.addresses.includes(a));

/** Nowhere, or to a machine that is known; what is not may be translated on the way. */
const isElsewhere = (addresses: readonly string[], view: View): boolean =>
  addresses.every((a) => isLoopbackAddress(a) || view.nodes.some((n) => n.addresses.includes(a)));

/** A name of the peer that leads to it from here: as others have it, or as the file of the cluster does. */
function rightName(view: View, facts: NodeFacts, { other, name }: WrongName): string | undefined {
  const known = [
    ...view.nodes
      .filter((n) => n !== facts)
      .flatMap((n) => peerEntry(view, n.node, other.store.uuid)?.hostnames[0] ?? []),
    other.node,
  ];
  return known.find((k) => k !== name && leadsTo(facts.resolves.get(k) ?? [], other));
}

function found(view: View, facts: NodeFacts, wrong: WrongName): Found {
  const { peer, other, name, addresses } = wrong;
  const { node } = facts;
  const right = rightName(view, facts, wrong);
  const third = view.nodes.find((n) => n !== other && leadsTo(addresses, n));
  return {
    severity: 'error',
    subject: `peer/${other.node}`,
    nodes: [node],
    message:
      `${node} has its peer ${other.node} under the name ${name}, which ` +
      (addresses.length === 0
        ? 'does not resolve there'
        : third === undefined || third === facts
          ? 'leads to itself'
          : `leads to ${third.node}`),
    evidence: [
      witness(
        node,
        `peers/${peer.file}`,
        peer.hostnames.map((h, i) => `hostname${String(i + 1)}=${h}`).join(', '),
      ),
      witness(node, `getent ahosts ${name}`, addresses.length === 0 ? 'nothing' : addresses.join(' ')),
      witness(other.node, 'own addresses', other.addresses.filter((a) => !isLoopbackAddress(a)).join(' ')),
    ],
    remedy:
      right === undefined
        ? `make a name of ${other.node} resolve on ${node}, then "glusterctl recover FILE"`
        : `"glusterctl recover FILE" writes hostname1=${right}`,
  };
}

function renamed(facts: NodeFacts, reason: string, { view }: RepairContext): readonly Remedy[] {
  return wrongNames(view, facts).flatMap((wrong) => {
    const right = rightName(view, facts, wrong);
    const { uuid } = wrong.other.store;
    if (right === undefined || uuid === undefined) return [];
    const kept = wrong.peer.hostnames.filter((h) => leadsTo(facts.resolves.get(h) ?? [], wrong.other));
    const names = [...new Set([right, ...kept])].map((name, i) => `hostname${String(i + 1)}=${name}`);
    const lines = [`uuid=${uuid}`, `state=${String(PEER_IN_CLUSTER)}`, ...names];
    return [editOf(facts, { kind: 'write', path: `peers/${wrong.peer.file}`, lines }, reason)];
  });
}
