/**
 * Whose store can be weighed against the others: who still has its identity, its peers and its volumes. Owns
 * that question; what is wrong with the rest is for `findings/` to say.
 */
import { grouped } from '../core/text.ts';
import { type NodeName, type PeerUuid, volumeName, type VolumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { memoized, poolIn } from './pool.ts';
import type { View } from './view.ts';

/** Uuids that others list for a node and that are no node's own. */
export function formerUuids(view: View, facts: NodeFacts): ReadonlyMap<PeerUuid, readonly NodeName[]> {
  const all = [...poolIn(view).listedAs(facts.node)];
  return new Map(
    all
      .map(([uuid, by]): [PeerUuid, readonly NodeName[]] => [uuid, by.filter((n) => n !== facts.node)])
      .filter(([uuid, by]) => uuid !== facts.store.uuid && by.length > 0 && view.nodeOf(uuid) === undefined),
  );
}

/** Part of its store could not be read, so that nothing can be concluded from what of it is not there. */
export const isUnread = ({ store }: NodeFacts): boolean => store.unread.length > 0;

/** Neither peers nor volumes, while others count it as one of theirs and have volumes. */
export function isWiped(view: View, facts: NodeFacts): boolean {
  if (isUnread(facts) || facts.store.peers.length > 0 || facts.store.volumes.size > 0) return false;
  if (facts.store.problems.some((p) => p.path === '.' || /^(vols|peers)\//.test(p.path))) return false;
  const listing = [...poolIn(view).listedAs(facts.node).values()].flat();
  return listing.some((n) => (view.facts(n)?.store.volumes.size ?? 0) > 0);
}

/** Its glusterd.info gives another identity than the one the others know, or none. */
export const hasLostIdentity = (view: View, facts: NodeFacts): boolean =>
  !isUnread(facts) &&
  formerUuids(view, facts).size > 0 &&
  (facts.store.uuid === undefined ||
    ![...poolIn(view).listedAs(facts.node).keys()].includes(facts.store.uuid) ||
    !poolIn(view).isMember(facts.node));

const twins = memoized((view) => {
  const byUuid = grouped(
    view.nodes.filter((n) => n.store.uuid !== undefined),
    (n) => n.store.uuid ?? '',
  );
  return byUuid.filter((group) => group.length > 1);
});

/** Groups of nodes that carry one uuid. */
export const twinsIn = (view: View): readonly (readonly NodeFacts[])[] => twins(view);

const untrustedStores = memoized(
  (view) =>
    new Set(
      view.nodes.filter(
        (n) =>
          !n.store.exists ||
          isUnread(n) ||
          n.version === undefined ||
          isWiped(view, n) ||
          hasLostIdentity(view, n) ||
          twins(view).some((group) => group.includes(n)) ||
          n.store.problems.some((p) => p.path === '.' || p.path === 'glusterd.info'),
      ),
    ),
);

/** What a node's store says about the pool must not be weighed: something deeper is wrong with it. */
export const hasUntrustedStore = (view: View, facts: NodeFacts): boolean => untrustedStores(view).has(facts);

const trustedMembersOf = memoized((view) => poolIn(view).members.filter((n) => !hasUntrustedStore(view, n)));

/** Members whose stores can be compared. */
export const trustedMembers = (view: View): readonly NodeFacts[] => trustedMembersOf(view);

export const hasBrokenFiles = (facts: NodeFacts, volume: VolumeName): boolean =>
  facts.store.problems.some((p) => p.path === `vols/${volume}` || p.path.startsWith(`vols/${volume}/`));

/** Whole on no node, and damaged on some: nobody can say what it was. */
export const isUnreadable = (view: View, volume: string): boolean =>
  !view.volumes.has(volumeName(volume)) && view.nodes.some((n) => hasBrokenFiles(n, volumeName(volume)));

/** Some volume is unreadable: what seems to belong to none may belong to it. */
export const someVolumeIsUnreadable = (view: View): boolean =>
  view.nodes.some((n) =>
    n.store.problems.some((p) => {
      const name = /^vols\/([^/]+)\//.exec(p.path)?.[1];
      return name !== undefined && isUnreadable(view, name);
    }),
  );

/** Started as it is, it would be another node, or make itself one. */
export const isLost = (view: View, facts: NodeFacts): boolean =>
  isWiped(view, facts) ||
  hasLostIdentity(view, facts) ||
  facts.store.problems.some((p) => p.path === 'glusterd.info');
