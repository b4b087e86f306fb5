/**
 * What in a node's store keeps its glusterd from starting (glusterd-store.c). Owns those rules; others decide
 * whether a node may be started.
 */
import type { NodeFacts } from '../model/observed.ts';
import { directoriesWithoutInfo } from '../model/store-directories.ts';
import { peerEntry } from './pool.ts';
import { hasUntrustedStore, isUnread } from './trust.ts';
import type { View } from './view.ts';

/** Files and directories with which glusterd does not start. */
export const startBlockers = (facts: NodeFacts): readonly string[] => [
  ...strayDirectories(facts),
  ...damagedIn(facts)
    .map((p) => p.path)
    .filter((p) => /^vols\/[^/]+\/(info|bricks\/.+)$/.test(p)),
];

/**
 * Members that own bricks and that this node's peers/ does not know: glusterd does not start without them.
 */
export function missingOwners(view: View, facts: NodeFacts): readonly NodeFacts[] {
  const hosts = new Set(facts.store.peers.flatMap((p) => p.hostnames));
  const missing = new Set<NodeFacts>();
  for (const volume of facts.store.volumes.values())
    for (const brick of volume.bricks) {
      if (brick.ownerUuid === facts.store.uuid || hosts.has(brick.hostname)) continue;
      const node = view.nodeOf(brick.ownerUuid);
      const owner = node === undefined ? undefined : view.facts(node);
      if (owner === undefined || peerEntry(view, facts.node, brick.ownerUuid) !== undefined) continue;
      if (!hasUntrustedStore(view, owner)) missing.add(owner);
    }
  return [...missing];
}

/** Directories below vols/ and snaps/ that have no info. Where part of the store is unread, none is known. */
export function strayDirectories(facts: NodeFacts): readonly string[] {
  return isUnread(facts) ? [] : directoriesWithoutInfo(facts.store);
}

/** What is not as glusterd writes it, beside leftover directories. Of an unread store, none is known. */
export function damagedIn(facts: NodeFacts): NodeFacts['store']['problems'] {
  if (isUnread(facts)) return [];
  const leftovers = new Set(strayDirectories(facts));
  return facts.store.problems.filter((p) => !leftovers.has(p.path));
}
