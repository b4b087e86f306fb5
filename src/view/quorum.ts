/**
 * Server quorum: glusterd stops the bricks of volumes that follow it as soon as it sees too few of its peers.
 * Owns how many glusterds may be away together before another one does that (glusterd-server-quorum.c).
 */
import type { NodeName, VolumeName } from '../model/names.ts';
import { glusterdProcess } from './settled.ts';
import { memberNodes, poolIn } from './pool.ts';
import type { NodeFacts } from '../model/observed.ts';
import { stateOf, type View } from './view.ts';

const TYPE = 'cluster.server-quorum-type';
const RATIO = 'cluster.server-quorum-ratio';

/** Started volumes whose bricks go when server quorum is lost. */
export const followers = (view: View): readonly VolumeName[] =>
  [...view.volumes.values()]
    .filter((v) =>
      [...v.copies.values()].some((c) => c.status === 'started' && c.options.get(TYPE) === 'server'),
    )
    .map((v) => v.name);

/** As glusterd_get_quorum_cluster_counts counts it: the ratio rounded up, else more than half. */
export function neededForQuorum(view: View): number {
  const count = memberNodes(view).length + strangersIn(view);
  const ratios = poolIn(view).members.flatMap(
    (n) => stateOf(n)?.globalOptions.get(RATIO) ?? n.store.options.get(RATIO) ?? [],
  );
  const percent = Math.max(0, ...ratios.map((r) => Number.parseFloat(r)).filter((r) => Number.isFinite(r)));
  return percent > 0 ? Math.ceil((count * percent) / 100) : Math.floor(count / 2) + 1;
}

const strangersIn = (view: View): number => view.strangers.size;

/** Itself, and the peers that it is connected to. */
export const seenBy = (facts: NodeFacts): number =>
  1 + (stateOf(facts)?.peers.filter((p) => p.connected).length ?? 0);

/**
 * On purpose: it is so as long as too few are seen. glusterd may go on saying it after that, and then means
 * nothing by it.
 */
export const isStoppedByQuorum = (facts: NodeFacts, volume: VolumeName, view: View): boolean =>
  stateOf(facts)?.volumes.get(volume)?.quorumStatus === 'does_not_meet' &&
  seenBy(facts) < neededForQuorum(view);

/**
 * Of the nodes whose glusterd is to be away for a while: groups, one after the other, so small that no other
 * loses quorum.
 */
export interface Waves {
  readonly waves: readonly (readonly NodeName[])[];
  /** All of them are frozen first, so that none sees the others go. */
  readonly isFrozen: boolean;
}

/** Or why it cannot be done without some glusterd stopping its bricks. */
export function wavesOf(view: View, nodes: readonly NodeName[]): Waves | string {
  const together = { waves: [nodes], isFrozen: false };
  const volumes = followers(view);
  if (volumes.length === 0 || nodes.length === 0) return together;
  const running = poolIn(view).members.filter((n) => glusterdProcess(n) !== undefined);
  const stopping = nodes.filter((n) => running.some((r) => r.node === n));
  const watching = running.filter((r) => !nodes.includes(r.node));
  const spare = running.length - neededForQuorum(view);
  // Quorum is lost already, and their bricks with it; or nobody is away whom anybody sees.
  if (spare < 0 || stopping.length === 0 || running.length === 1) return together;
  // Who starts while its peers refuse to be dialled counts them as lost, and stops its own bricks (seen on
  // 10.3).
  if (watching.length === 0)
    return (
      `server quorum: with glusterd stopped on all of ${stopping.join(', ')}, ` +
      `each would stop the bricks of ${volumes.join(', ')} when it starts`
    );
  if (spare === 0)
    return (
      `server quorum: without ${stopping.join(', ')}, ` +
      `glusterd on ${watching.map((w) => w.node).join(', ')} would stop the bricks of ` +
      volumes.join(', ')
    );
  if (nodes.length <= spare) return together;
  const waves = Array.from({ length: Math.ceil(nodes.length / spare) }, (_, i) =>
    nodes.slice(i * spare, (i + 1) * spare),
  );
  return { waves, isFrozen: true };
}

/** Why these cannot all be stopped and started, in words; empty: they can. */
export function quorumProblems(nodes: readonly NodeName[], view: View): readonly string[] {
  const planned = wavesOf(view, nodes);
  return typeof planned === 'string' ? [planned] : [];
}
