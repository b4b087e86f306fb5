/**
 * Nodes that shall be absent, and are: nobody lists them and they list nobody, so nothing of them is read,
 * locked or waited for. Owns that judgement; a node that still has peers or volumes is kept.
 */
import { absentNodes, type Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeFacts, NodeReading, Observed } from '../model/observed.ts';

/**
 * The observation without them, but for those that are `kept`. Where no other node was read, nothing is known
 * of who lists whom.
 */
export function withoutInert(
  observed: Observed,
  desired: Desired,
  isKept: (reading: NodeReading) => boolean = () => false,
): Observed {
  const { nodes } = observed;
  const leaving = absentNodes(desired);
  if (leaving.size === 0) return observed;
  const addresses = new Map(desired.nodes.map((n) => [n.name, n.address]));
  const read = [...nodes.values()].flatMap((r) => (r.kind === 'read' ? [r.facts] : []));
  const isInert = (node: NodeName, reading: NodeReading): boolean => {
    const own = reading.kind === 'read' ? reading.facts : undefined;
    const others = read.filter((facts) => facts.node !== node && !leaving.has(facts.node));
    if (others.length === 0) return false;
    if (own !== undefined && own.store.peers.length + own.store.volumes.size > 0) return false;
    const names = [node, addresses.get(node) ?? node, ...others.flatMap((o) => o.resolves.get(node) ?? [])];
    return !others.some((o) => lists(o, own, new Set(names)));
  };
  const kept = [...nodes].filter(
    ([node, reading]) => !leaving.has(node) || isKept(reading) || !isInert(node, reading),
  );
  return { ...observed, nodes: new Map(kept) };
}

/** By its uuid, or by a name or an address of it. */
const lists = (by: NodeFacts, node: NodeFacts | undefined, names: ReadonlySet<string>): boolean =>
  by.store.peers.some(
    ({ uuid, hostnames }) =>
      (uuid !== undefined && uuid === node?.store.uuid) ||
      hostnames.some((host) => [host, ...(by.resolves.get(host) ?? [])].some((name) => names.has(name))),
  );
