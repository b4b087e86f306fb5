/**
 * Peers files that a node had before a transaction and has lost since: glusterd writes all of them again for
 * each peer that comes, and loses those for which the disk has no room (seen on 10.3). Owns which are put
 * back.
 */
import type { NodeFacts } from '../../model/observed.ts';
import type { View } from '../../view/view.ts';
import type { Before } from '../journal.ts';

/** Relative to the store. One that others have let go of meanwhile is not among them. */
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
