/**
 * Members that reject each other, and which of them compares with a stale checksum. Owns that judgement; why
 * they do is for `findings/` to say.
 */
import type { NodeName } from '../model/names.ts';
import { type NodeFacts, PEER_REJECTED } from '../model/observed.ts';
import { hasUntrustedStore, trustedMembers } from './trust.ts';
import { stateOf, type View } from './view.ts';

export interface Rejection {
  readonly by: NodeName;
  readonly peer: NodeName;
  readonly where: string;
}

export const rejections = (view: View): readonly Rejection[] =>
  trustedMembers(view).flatMap((facts) => rejectedBy(view, facts));

function rejectedBy(view: View, facts: NodeFacts): readonly Rejection[] {
  const state = stateOf(facts);
  const entries =
    state === undefined
      ? facts.store.peers
          .filter((p) => p.state === PEER_REJECTED)
          .map((p) => ({ uuid: p.uuid, where: `peers/${p.file}: state=6` }))
      : state.peers
          .filter((p) => p.state === 'Peer Rejected')
          .map((p) => ({ uuid: p.uuid, where: 'gluster get-state: Peer Rejected' }));
  return entries.flatMap(({ uuid, where }) => {
    const peer = view.nodeOf(uuid);
    const other = peer === undefined ? undefined : view.facts(peer);
    return peer === undefined || other === undefined || hasUntrustedStore(view, other)
      ? []
      : [{ by: facts.node, peer, where }];
  });
}

/**
 * Peers compare when they connect, and compare again when glusterd is started again. The one that the others
 * reject has the stale checksum; of two, nobody knows which.
 */
export function comparingStale(pairs: readonly Rejection[]): readonly NodeName[] {
  const nodes = [...new Set(pairs.flatMap((p) => [p.by, p.peer]))];
  const inAll = nodes.filter((n) => pairs.every((p) => p.by === n || p.peer === n));
  return nodes.length > 2 && inAll.length === 1 ? inAll : nodes;
}
