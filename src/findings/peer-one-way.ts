/** Members that are not listed by all the others, though some list them. */
import { listed } from '../core/text.ts';
import { nodeName } from '../model/names.ts';
import { PEER_IN_CLUSTER, PEER_REJECTED, type NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { peerEntry, poolIn } from '../view/pool.ts';
import { missingOwners } from '../view/start-blockers.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { peerLines } from './shared/peer-files.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';

export const peerOneWay = defineFinding({
  code: 'peer-one-way',
  explain: {
    title: 'A peer that not all know',
    meaning:
      'Some nodes list a node as their peer, others of the same pool do not. ' +
      'Those who do not refuse its connections, so it is left out of their changes.',
    cause:
      'A lost peers/ file, a probe or a detach that did not reach everybody, ' +
      'or a detach by force while the node was away.',
    looksAt: 'The peers/ files of all nodes: each must list all others.',
    repair:
      'The missing peers file is written while glusterd is stopped on the node that lacks it. ' +
      'A node that no member lists is left to a person.',
    risk: 'Bringing a node back in merges its volumes by version number: check what it has first.',
    byHand: [
      'If it is a member: on the node that lacks it, stop glusterd, write peers/<uuid> (uuid=, ' +
        'state=3, hostname1=), start glusterd.',
      'If it was detached: on that node, stop glusterd and its bricks and clear ' +
        '/var/lib/glusterd before it is used again.',
    ],
  },
  detect: (view) => view.nodes.filter((n) => !hasUntrustedStore(view, n)).flatMap((n) => found(view, n)),
  repair: writeMissingFiles,
});

const isSettled = (state: number): boolean => state === PEER_IN_CLUSTER || state === PEER_REJECTED;

function found(view: View, missing: NodeFacts): readonly Found[] {
  const { uuid } = missing.store;
  const others = view.nodes.filter((n) => n !== missing && !hasUntrustedStore(view, n));
  const listing = others.filter((n) => isSettled(peerEntry(view, n.node, uuid)?.state ?? -1));
  const isExpected = (n: NodeFacts): boolean =>
    (listing.length > 0 && poolIn(view).isMember(n.node)) ||
    isSettled(peerEntry(view, missing.node, n.store.uuid)?.state ?? -1);
  const lacking = others.filter(
    (n) =>
      isExpected(n) &&
      peerEntry(view, n.node, uuid) === undefined &&
      // Then it may be the one that the file described.
      !n.store.peers.some((p) => p.uuid === undefined),
  );
  const down = lacking.filter((n) => n.memory.kind === 'down' && missingOwners(view, n).includes(missing));
  const stuck =
    down.length === 0
      ? ''
      : `; glusterd on ${listed(down.map((n) => n.node))} is down, and does not start without it`;
  // Where nobody lists it and it lists others, it is the odd one; where it is listed, those who lack it are.
  if (lacking.length === 0) return [];
  return [
    {
      severity: 'error',
      subject: `peer/${missing.node}`,
      nodes: lacking.map((n) => n.node),
      message:
        (listing.length > 0
          ? `${listed(lacking.map((n) => n.node))} ${lacking.length === 1 ? 'does' : 'do'} not know ` +
            `${missing.node}, which ${listed(listing.map((n) => n.node))} ` +
            `${listing.length === 1 ? 'lists' : 'list'} as a peer`
          : `${missing.node} takes ${listed(lacking.map((n) => n.node))} for its ` +
            `${lacking.length === 1 ? 'peer' : 'peers'}, but is not known there`) + stuck,
      evidence: [
        ...listing.map((n) =>
          witness(
            n.node,
            `peers/${uuid ?? ''}`,
            `state=${String(peerEntry(view, n.node, uuid)?.state)} ${missing.node}`,
          ),
        ),
        ...lacking.flatMap((n) => [
          witness(n.node, `peers/${uuid ?? ''}`, 'does not exist'),
          ...(peerEntry(view, missing.node, n.store.uuid) !== undefined
            ? [witness(missing.node, `peers/${n.store.uuid ?? ''}`, `is ${n.node}`)]
            : []),
        ]),
      ],
      remedy:
        listing.length > 0
          ? 'the missing peers file has to be written: "glusterctl recover FILE"'
          : `if ${missing.node} was detached, clear its store; ` +
            'if it shall be a member, clear its store and probe it',
    },
  ];
}

/** The members that lack a peers file get it; a node that nobody lists is a person's decision. */
function writeMissingFiles(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const missing = view.facts(nodeName(finding.subject.slice('peer/'.length)));
  const uuid = missing?.store.uuid;
  if (missing === undefined || uuid === undefined) return [];
  const isListed = view.nodes.some((n) => n !== missing && peerEntry(view, n.node, uuid) !== undefined);
  if (!isListed || !poolIn(view).isMember(missing.node)) return [];
  return nodesOf(finding, view).flatMap((facts) => {
    const lines = peerLines(view, facts.node, uuid);
    const reason = `${facts.node} does not know ${missing.node}`;
    return lines === undefined
      ? []
      : [editOf(facts, { kind: 'write', path: `peers/${uuid}`, lines }, reason)];
  });
}
