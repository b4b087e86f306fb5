/**
 * By which name each member of a pool is called, the same from whichever node one begins. Owns that choice
 * among the names that its peers and its bricks know it by; a node's own word does not count.
 */
import { isLoopbackAddress } from '../core/address.ts';
import type { PeerUuid } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';

/** Names of a member, the best first. None: nobody names it. */
export function poolNames(
  nodes: readonly NodeFacts[],
  isUsable: (host: string) => boolean,
): ReadonlyMap<PeerUuid, readonly string[]> {
  const said = namesSaid(nodes);
  return new Map(
    [...said].map(([uuid, names]) => {
      const owner = nodes.find((n) => n.store.uuid === uuid);
      const rank = (name: string): Rank => [
        leadsThere(name, owner, nodes) ? 0 : 1,
        isAddress(name) ? 1 : 0,
        -(names.get(name) ?? 0),
      ];
      return [uuid, [...names.keys()].filter(isUsable).sort((a, b) => byRank([rank(a), a], [rank(b), b]))];
    }),
  );
}

/** The lowest is best: does not lead there, is an address, how many say so. */
type Rank = readonly number[];

function byRank([a, nameA]: readonly [Rank, string], [b, nameB]: readonly [Rank, string]): number {
  const at = a.findIndex((n, i) => n !== b[i]);
  return at === -1 ? (nameA < nameB ? -1 : 1) : (a[at] ?? 0) - (b[at] ?? 0);
}

const isAddress = (host: string): boolean => /^[\d.]+$|:/.test(host);

/** Uuid → name → how many peers and volumes call it so. */
function namesSaid(nodes: readonly NodeFacts[]): ReadonlyMap<PeerUuid, ReadonlyMap<string, number>> {
  const said = new Map<PeerUuid, Map<string, number>>();
  const say = (uuid: PeerUuid | undefined, name: string): void => {
    if (uuid === undefined) return;
    const names = said.get(uuid) ?? new Map<string, number>();
    said.set(uuid, names.set(name, (names.get(name) ?? 0) + 1));
  };
  for (const { store } of nodes) {
    for (const { uuid, hostnames } of store.peers) for (const host of hostnames) say(uuid, host);
    for (const { bricks } of store.volumes.values())
      for (const { ownerUuid, hostname } of bricks) say(ownerUuid, hostname);
  }
  return said;
}

/** On every node that was asked, the name leads to an address of its owner. */
const leadsThere = (name: string, owner: NodeFacts | undefined, nodes: readonly NodeFacts[]): boolean =>
  owner !== undefined &&
  nodes.every((node) => {
    const found = node.resolves.get(name);
    if (found === undefined) return true;
    return found.some((a) => (node === owner && isLoopbackAddress(a)) || owner.addresses.includes(a));
  });
