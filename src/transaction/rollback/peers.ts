/**
 * Peers files that a node had before a transaction and has lost since, or has by it and no command takes
 * away. Owns which are put back, and what goes.
 */
import type { PeerUuid } from '../../model/names.ts';
import { type NodeFacts, PEER_IN_CLUSTER } from '../../model/observed.ts';
import { bricksOn } from '../../view/departure.ts';
import type { View } from '../../view/view.ts';
import type { Before } from '../journal.ts';

/**
 * glusterd writes all of them again for each peer that comes, and loses those for which the disk has no room
 * (seen on 10.3). Relative to the store. One that others have let go of meanwhile is not among them.
 */
export const peersLost = ({ node, store }: NodeFacts, { stores }: Before, view: View): readonly string[] =>
  (stores.get(node)?.peers ?? []).flatMap(({ uuid, file }) => {
    const isThere = uuid === undefined || store.peers.some((p) => p.uuid === uuid);
    return isThere || !isMember(uuid, node, view) ? [] : [`peers/${file}`];
  });

/** In the word of another node: that peer's own, or that of one that lists it. */
const isMember = (uuid: string, but: NodeFacts['node'], view: View): boolean =>
  view.nodes.some(
    ({ node, store }) =>
      node !== but &&
      (store.uuid === uuid ? store.peers.length > 0 : store.peers.some((p) => p.uuid === uuid)),
  );

/**
 * What nodes that joined by the transaction have left, on them and on others. One whose glusterd died in the
 * handshake stays half way: each end waits for the other, and `peer detach` gets no answer (seen on 10.3).
 * Nothing of one that is whole in the pool, by whomever, or that has a brick.
 */
export function joiningLeft(
  { node, store }: NodeFacts,
  { stores, journal }: Before,
  view: View,
): readonly string[] {
  const was = stores.get(node);
  if (was === undefined) return [];
  const isJoining = (n: NodeFacts): boolean =>
    journal.plan.steps.some((s) => s.subject === `peer/${n.node}`) && isHalfIn(n, view);
  const joining = new Set(view.nodes.filter(isJoining).map((n) => n.store.uuid));
  const isItself = joining.has(store.uuid);
  const isNew = (uuid: PeerUuid | undefined): boolean =>
    uuid !== undefined && (isItself || joining.has(uuid)) && !was.peers.some((p) => p.uuid === uuid);
  return [
    ...store.peers.filter(({ uuid }) => isNew(uuid)).map(({ file }) => `peers/${file}`),
    // It takes over every volume of the pool that it finds.
    ...(isItself ? [...store.volumes.keys()] : [])
      .filter((volume) => !was.volumes.has(volume))
      .map((volume) => `vols/${volume}`),
  ];
}

/** By the stores: some peers file of it, or for it, is none of a member, or only one end has one. */
function isHalfIn({ node, store: { uuid, peers } }: NodeFacts, view: View): boolean {
  if (uuid === undefined || bricksOn({ node, uuid }, view).length > 0) return false;
  const theirs = view.nodes.flatMap((n) =>
    n.store.peers.flatMap((p) => (p.uuid === uuid ? [{ by: n.store.uuid, state: p.state }] : [])),
  );
  return (
    [...peers, ...theirs].some(({ state }) => state !== PEER_IN_CLUSTER) ||
    peers.length !== theirs.length ||
    theirs.some(({ by }) => !peers.some((p) => p.uuid === by))
  );
}
