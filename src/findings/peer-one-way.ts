/** Members that are not listed by all the others, though some list them. */
import { listed } from '../core/text.ts';
import { type NodeName, nodeName } from '../model/names.ts';
import { PEER_IN_CLUSTER, PEER_REJECTED, type NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { peerEntry, poolIn } from '../view/pool.ts';
import { missingOwners } from '../view/start-blockers.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { peerLines } from './shared/peer-files.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';
import { type Returning, returning } from './shared/returning.ts';

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
      'A node that no member lists any more is put back the same way, on all of them, ' +
      'and takes what is newer from them first. It is left to a person where the file wants it absent, ' +
      'or where the others would take a volume, or a version of one, from it.',
    risk: 'Bringing a node back in merges its volumes by version number: a later version wins on all nodes.',
    byHand: [
      'If it is a member: on the node that lacks it, stop glusterd, write peers/<uuid> (uuid=, ' +
        'state=3, hostname1=), start glusterd.',
      'Before that, compare version= in vols/*/info with the others: the highest wins on all nodes.',
      'If it was detached for good, and no volume has a brick there: on that node, stop glusterd and clear ' +
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
  const { objections } = ofReturn(view, missing);
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
      remedy: objections.length === 0 ? WRITTEN : byPerson(missing.node, objections),
    },
  ];
}

const WRITTEN = 'the missing peers file has to be written: "glusterctl recover FILE"';

const byPerson = (node: NodeName, objections: readonly string[]): string =>
  `${objections.join('; ')}: if ${node} was detached for good, and no volume has a brick there, ` +
  'clear its store; if it shall be a member, decide which copy is right, and make the others equal first';

/** Of a member that somebody lists, who lacks it is the odd one; it takes nothing and gives nothing. */
function ofReturn(view: View, missing: NodeFacts): Returning {
  const isListed = view.nodes.some(
    (n) => n !== missing && peerEntry(view, n.node, missing.store.uuid) !== undefined,
  );
  return isListed && poolIn(view).isMember(missing.node)
    ? { objections: [], behind: [] }
    : returning(view, missing);
}

/**
 * Whoever lacks a peers file gets it. One that no member lists first takes from them what it has missed, so
 * that they meet with equal volumes.
 */
function writeMissingFiles(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const missing = view.facts(nodeName(finding.subject.slice('peer/'.length)));
  const uuid = missing?.store.uuid;
  if (missing === undefined || uuid === undefined) return [];
  const { objections, behind } = ofReturn(view, missing);
  if (objections.length > 0) return [];
  const written = nodesOf(finding, view).flatMap((facts) => {
    const lines = peerLines(view, facts.node, uuid);
    const reason = `${facts.node} does not know ${missing.node}`;
    return lines === undefined
      ? []
      : [editOf(facts, { kind: 'write', path: `peers/${uuid}`, lines }, reason)];
  });
  const copied = behind.map(({ volume, from }) =>
    editOf(missing, { kind: 'copy-volume', volume, from }, finding.message),
  );
  return [...written, ...copied];
}
