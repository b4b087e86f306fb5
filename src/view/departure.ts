/**
 * Whether a node can be taken out of the pool as things are. Pure, over one view. glusterd refuses it for a
 * brick of a volume that others hold too; a volume that is whole on the node it takes along, unasked.
 */
import type { NodeName, PeerUuid } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { memberNodes } from './pool.ts';
import { stateOf, type View } from './view.ts';

export interface Departing {
  readonly node: NodeName;
  readonly uuid: PeerUuid;
  /** It is left out, and glusterd sees it nowhere. */
  readonly isGone: boolean;
}

/** A brick that keeps a node in the pool. */
export interface KeptBrick {
  readonly place: string;
  /** Volume or snapshot, in words. */
  readonly of: string;
  /** Of a volume, and none of a snapshot. */
  readonly volume?: string;
}

/** Nodes that shall be absent and are members. */
export const departing = (view: View): readonly Departing[] =>
  [...view.leaving].flatMap((node): readonly Departing[] => {
    const gone = view.leftOut.get(node);
    if (gone !== undefined) return [{ node, uuid: gone, isGone: true }];
    const uuid = view.facts(node)?.store.uuid;
    return uuid !== undefined && memberNodes(view).includes(node) ? [{ node, uuid, isGone: false }] : [];
  });

/** Bricks that any store has on it, of volumes and of snapshots. */
export function bricksOn({ node, uuid }: Omit<Departing, 'isGone'>, view: View): readonly KeptBrick[] {
  const kept = new Map<string, KeptBrick>();
  for (const { name, copies } of view.volumes.values())
    for (const { bricks } of copies.values())
      for (const brick of bricks) {
        if (brick.ownerUuid !== uuid && view.ownerOf(brick) !== node) continue;
        const place = `${node}:${brick.path}`;
        kept.set(`${name} ${place}`, { place, of: `volume ${name}`, volume: name });
      }
  const hosts = new Set<string>([node, ...namesOf(uuid, view)]);
  for (const facts of view.nodes)
    for (const path of facts.store.files.keys()) {
      const [, snapshot = '', host = '', brick = ''] = SNAPSHOT_BRICK.exec(path) ?? [];
      if (!hosts.has(host)) continue;
      kept.set(path, { place: `${node}:${brick}`, of: `snapshot ${snapshot}` });
    }
  return [...kept.values()];
}

const SNAPSHOT_BRICK = /^snaps\/([^/]+)\/[^/]+\/bricks\/([^:]+):(.+)$/;

const namesOf = (uuid: PeerUuid, view: View): readonly string[] =>
  view.nodes.flatMap((n) => n.store.peers.flatMap((p) => (p.uuid === uuid ? p.hostnames : [])));

/** Members that stay, whether others go too or not. */
export const staying = ({ node }: Pick<Departing, 'node'>, view: View): readonly NodeFacts[] =>
  memberNodes(view).flatMap((n) => (n === node ? [] : (view.facts(n) ?? [])));

/**
 * Why it cannot be detached, but for its bricks. Whoever does not hear of it goes on listing it, and brings
 * it back. Server quorum is never nearer for it: all that stay are there.
 */
export function departureProblems(departing: Departing, view: View): readonly string[] {
  const { node, uuid, isGone } = departing;
  const rest = staying(departing, view);
  if (!rest.some((n) => !view.leaving.has(n.node)))
    return [`${node} is the last member of the pool: nothing would be left of it`];
  const goingToo = new Set([...view.leaving].flatMap((n) => view.leftOut.get(n) ?? []));
  return [
    ...[...view.leftOut]
      .filter(([name, of]) => name !== node && of !== undefined && !view.leaving.has(name))
      .map(([name]) => `${name} is left out: it would go on taking ${node} for its peer`),
    ...rest.flatMap((facts) => {
      const state = stateOf(facts);
      if (state === undefined) return [`glusterd on ${facts.node} does not answer`];
      return state.peers
        .filter((p) => p.uuid === undefined || (p.uuid !== uuid && !goingToo.has(p.uuid)))
        .filter((p) => !p.connected || p.state !== 'Peer in Cluster')
        .map((p) => `${facts.node} has no connection to ${p.hostnames[0] ?? p.uuid ?? 'a peer'}`);
    }),
    ...(isGone ? [] : unheard(departing, rest, view)),
  ];
}

/** One that lives has to learn of it: it keeps its peers otherwise, and would call itself a member. */
function unheard({ node, uuid }: Departing, rest: readonly NodeFacts[], view: View): readonly string[] {
  if (view.facts(node)?.memory.kind !== 'up')
    return [`glusterd on ${node} does not answer: start it, or, where ${node} is lost, "--without ${node}"`];
  return rest
    .filter((n) => stateOf(n)?.peers.some((p) => p.uuid === uuid && p.connected) !== true)
    .map((n) => `${n.node} has no connection to ${node}`);
}
