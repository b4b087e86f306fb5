/** The content of a peers file, as another member has it. */
import type { NodeName, PeerUuid } from '../../model/names.ts';
import { PEER_IN_CLUSTER } from '../../model/observed.ts';
import { peerEntry } from '../../view/pool.ts';
import type { View } from '../../view/view.ts';

/** As another member than `without` has it, or as the name of the node gives it. */
export function peerLines(view: View, without: NodeName, uuid: PeerUuid): readonly string[] | undefined {
  const node = view.nodeOf(uuid);
  const elsewhere = view.nodes
    .filter((n) => n.node !== without && n.node !== node)
    .map((n) => peerEntry(view, n.node, uuid)?.hostnames ?? [])
    .find((hostnames) => hostnames.length > 0);
  const hostnames = elsewhere ?? (node === undefined ? [] : [node]);
  if (hostnames.length === 0) return undefined;
  return [
    `uuid=${uuid}`,
    `state=${String(PEER_IN_CLUSTER)}`,
    ...hostnames.map((h, i) => `hostname${String(i + 1)}=${h}`),
  ];
}
