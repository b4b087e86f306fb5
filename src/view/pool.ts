/**
 * The pool as all nodes together list it, and what follows from it: members, host names, who lists whom.
 * Owns that count; a node's own list alone is worth little when it was wiped or detached.
 */
import { isLoopbackAddress } from '../core/address.ts';
import type { NodeName, PeerUuid } from '../model/names.ts';
import type { NodeFacts, StorePeer } from '../model/observed.ts';
import { stateOf, type View } from './view.ts';

/** The pool as a whole: nobody's own word alone, for the word of a wiped or detached node is worth little. */
export interface Pool {
  /** The node from which the pool is counted: most others know it and it knows them. */
  readonly root: NodeName | undefined;
  readonly members: readonly NodeFacts[];
  readonly isMember: (node: NodeName) => boolean;
  /** Node of the file that a host name or address means, as far as any node's resolver or interfaces know. */
  readonly nodeOfHost: (host: string) => NodeName | undefined;
  /** Uuids under which others list a node, each with those who list it. */
  readonly listedAs: (node: NodeName) => ReadonlyMap<PeerUuid, readonly NodeName[]>;
}

/**
 * Answers a question once a view: with a thousand nodes, asking again for every volume would be the dearest
 * thing of all.
 */
export function memoized<T>(make: (view: View) => T): (view: View) => T {
  return (view) => {
    if (!view.answers.has(make)) view.answers.set(make, make(view));
    return view.answers.get(make) as T;
  };
}

export const poolIn = memoized(makePool);

function makePool(view: View): Pool {
  const nodeOfHost = hostLookup(view);
  const listed = new Map<NodeName, Map<PeerUuid, NodeName[]>>();
  for (const facts of view.nodes)
    for (const peer of facts.store.peers) {
      if (peer.uuid === undefined) continue;
      const node = view.nodeOf(peer.uuid) ?? peer.hostnames.map(nodeOfHost).find((n) => n !== undefined);
      if (node === undefined) continue;
      const of = listed.get(node) ?? new Map<PeerUuid, NodeName[]>();
      listed.set(node, of);
      const by = of.get(peer.uuid);
      if (by === undefined) of.set(peer.uuid, [facts.node]);
      else by.push(facts.node);
    }
  const root = findRoot(view);
  const reached = reach(view, root);
  return {
    root: root?.node,
    members: view.nodes.filter((n) => reached.has(n.node)),
    isMember: (node) => reached.has(node),
    nodeOfHost,
    listedAs: (node) => listed.get(node) ?? new Map<PeerUuid, readonly NodeName[]>(),
  };
}

function hostLookup(view: View): (host: string) => NodeName | undefined {
  const byAddress = new Map<string, NodeName>();
  for (const facts of view.nodes)
    for (const address of facts.addresses)
      if (!isLoopbackAddress(address)) byAddress.set(address, facts.node);
  const byHost = new Map<string, NodeName>(view.nodes.map((n) => [n.node, n.node]));
  for (const facts of view.nodes)
    for (const [host, addresses] of facts.resolves) {
      if (byHost.has(host)) continue;
      const node = addresses.map((a) => byAddress.get(a)).find((n) => n !== undefined);
      if (node !== undefined) byHost.set(host, node);
    }
  return (host) => byHost.get(host) ?? byAddress.get(host);
}

const peersByUuid = memoized(
  (view) => new Map(view.nodes.map((n) => [n.node, new Map(n.store.peers.map((p) => [p.uuid, p]))])),
);

/** A node's peers file of that uuid. */
export const peerEntry = (view: View, node: NodeName, uuid: PeerUuid | undefined): StorePeer | undefined =>
  uuid === undefined ? undefined : peersByUuid(view).get(node)?.get(uuid);

function findRoot(view: View): NodeFacts | undefined {
  const mutual = (facts: NodeFacts): number =>
    facts.store.peers.filter((p) => {
      const node = view.nodeOf(p.uuid);
      return node !== undefined && peerEntry(view, node, facts.store.uuid) !== undefined;
    }).length;
  let best: { readonly facts: NodeFacts; readonly weight: number } | undefined;
  for (const facts of view.nodes) {
    const bricks = facts.store.volumes.size > 0 ? 2 : 0;
    const stays = view.leaving.has(facts.node) ? 0 : 0.5;
    const weight = mutual(facts) * 10 + bricks + (facts.memory.kind === 'up' ? 1 : 0) + stays;
    if (best === undefined || weight > best.weight) best = { facts, weight };
  }
  return best?.facts;
}

/**
 * Whoever is listed by a member is a member; to list members is not enough (a node detached by force still
 * does).
 */
function reach(view: View, root: NodeFacts | undefined): ReadonlySet<NodeName> {
  const reached = new Set<NodeName>();
  const waiting = root === undefined ? [] : [root];
  for (let facts = waiting.pop(); facts !== undefined; facts = waiting.pop()) {
    if (reached.has(facts.node)) continue;
    reached.add(facts.node);
    for (const peer of facts.store.peers) {
      const node = view.nodeOf(peer.uuid);
      const next = node === undefined || reached.has(node) ? undefined : view.facts(node);
      if (next !== undefined) waiting.push(next);
    }
  }
  return reached;
}

/** The pool as one node's store has it: itself and its peers. Empty for a node that was never in one. */
export const poolOf = (facts: NodeFacts): ReadonlySet<PeerUuid> =>
  new Set([
    ...(facts.store.uuid === undefined ? [] : [facts.store.uuid]),
    ...facts.store.peers.flatMap((p) => (p.uuid === undefined ? [] : [p.uuid])),
  ]);

/** No peers and no volumes: glusterd accepts it into any pool. */
export const isFresh = (facts: NodeFacts): boolean =>
  facts.store.peers.length === 0 && facts.store.volumes.size === 0;

/** Members of the pool, in file order, whether their glusterd answers or not. */
export const memberNodes = (view: View): readonly NodeName[] => poolIn(view).members.map((n) => n.node);

/**
 * The node on which `gluster` commands are given: the first member, in file order, whose glusterd answers;
 * one that is to leave only where no other does.
 */
export const coordinatorOf = (view: View): NodeName | undefined => {
  const answering = poolIn(view).members.filter((n) => n.memory.kind === 'up');
  return (answering.find((n) => !view.leaving.has(n.node)) ?? answering[0])?.node;
};

/** This glusterd has a connection to the other. */
export const isConnectedTo = (facts: NodeFacts, other: NodeFacts): boolean =>
  stateOf(facts)?.peers.some((p) => p.uuid === other.store.uuid && p.connected) ?? false;

/** Nodes whose glusterd is connected to a node that is left out: it lives, and takes part in commands. */
export const connectedToLeftOut = (view: View, node: NodeName): readonly NodeFacts[] => {
  const uuid = view.leftOut.get(node);
  return view.nodes.filter((n) => stateOf(n)?.peers.some((p) => p.uuid === uuid && p.connected) === true);
};

/**
 * Pairs of which one end has heard the other and not yet the other way round: a glusterd that has just
 * started calls its peers immediately, and they call back within three seconds.
 */
export const halfConnected = (view: View): readonly { readonly node: NodeName; readonly other: NodeName }[] =>
  view.nodes.flatMap((facts) =>
    (stateOf(facts)?.peers ?? []).flatMap((peer) => {
      const node = peer.connected ? undefined : view.nodeOf(peer.uuid);
      const other = node === undefined ? undefined : view.facts(node);
      return other !== undefined && isConnectedTo(other, facts)
        ? [{ node: facts.node, other: other.node }]
        : [];
    }),
  );

const ARRIVED: ReadonlySet<string> = new Set(['Peer in Cluster', 'Peer Rejected']);

/** Neither in the pool nor refused by it: glusterd leaves it out of every command, without a word. */
export const isHalfWay = ({ state }: { readonly state: string }): boolean => !ARRIVED.has(state);

/** Peers that are connected and half way into the pool: a probe, or a handshake, that is under way. */
export const halfJoined = (view: View): readonly { readonly node: NodeName; readonly other: NodeName }[] =>
  view.nodes.flatMap((facts) =>
    (stateOf(facts)?.peers ?? []).flatMap((peer) => {
      const other = peer.connected && isHalfWay(peer) ? view.nodeOf(peer.uuid) : undefined;
      return other === undefined ? [] : [{ node: facts.node, other }];
    }),
  );
