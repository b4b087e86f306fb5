/**
 * The version that a volume put back must carry where a node may hold a higher one: glusterd lets the highest
 * win, so a node that committed, and returns when the others are back at the old version, would give them the
 * change again. Pure.
 */
import { actionNamed } from '../../actions/index.ts';
import { definitionIn } from '../../model/definition.ts';
import { nodeName, type NodeName, type VolumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { View } from '../../view/view.ts';
import type { Before } from '../journal.ts';

/** No command of ours raises a version by more; each counts for its undo as well. */
const RAISED_PER_STEP_MAX = 2;

/** Nodes that may have committed and are out of sight; one that is left out may be back, and take part. */
export function unseenIn(view: View, { stores, journal }: Before): readonly NodeName[] {
  const members = [...stores.keys(), ...Object.keys(journal.plan.basis).map(nodeName)];
  return [...new Set([...members, ...view.leftOut.keys()])].filter((node) => view.facts(node) === undefined);
}

/** Nodes that have the volume otherwise than it was, and no before-image to put back. */
const unkeptOn = (view: View, { stores }: Before, volume: VolumeName): readonly NodeFacts[] => {
  const words = (store: NodeFacts['store']): string => JSON.stringify(definitionIn(store, volume));
  const were = new Set([...stores.values()].map(words));
  return view.nodes.filter((n) => !stores.has(n.node) && !were.has(words(n.store)));
};

/**
 * Defined where only versions differ: the highest, because a glusterd whose store took no write may remember
 * it, and would give it to those that were put below it.
 */
export function levelVersion(view: View, { stores }: Before, volume: VolumeName): number | undefined {
  const versions = new Set<number>();
  for (const [node, image] of stores) {
    const is = view.facts(node)?.store.volumes.get(volume);
    if (is === undefined || is.signature !== image.volumes.get(volume)?.signature) return undefined;
    versions.add(is.version);
  }
  return versions.size > 1 ? Math.max(...versions) : undefined;
}

/** Of the stores that have the volume. */
export const versionsIn = (view: View, volume: VolumeName): ReadonlySet<number> =>
  new Set(view.nodes.flatMap((n) => n.store.volumes.get(volume)?.version ?? []));

/** That all of them carry, as after an earlier rollback that had to raise it. */
export function commonVersion(view: View, volume: VolumeName): number | undefined {
  const versions = versionsIn(view, volume);
  return versions.size === 1 ? Math.max(...versions) : undefined;
}

/** Undefined: every node is at hand, and the version of the image is right. */
export function raisedVersion(view: View, before: Before, volume: VolumeName): number | undefined {
  const unkept = unkeptOn(view, before, volume);
  if (unkept.length === 0 && unseenIn(view, before).length === 0) return undefined;
  const were = [...before.stores.values()].flatMap((s) => s.volumes.get(volume)?.version ?? []);
  if (were.length === 0) return undefined;
  const steps = before.journal.plan.steps.filter((s) =>
    actionNamed(s.action).volumes(s.args).includes(volume),
  );
  const versionsOf = (nodes: readonly NodeFacts[]): readonly number[] =>
    nodes.flatMap((n) => n.store.volumes.get(volume)?.version ?? []);
  const own = view.nodes.filter((n) => before.stores.has(n.node));
  const bound = Math.max(Math.max(...were) + RAISED_PER_STEP_MAX * steps.length, ...versionsOf(unkept));
  const [first, ...rest] = new Set(versionsOf(own));
  const isRaised = rest.length === 0 && versionsOf(own).length === own.length;
  if (first !== undefined && isRaised && first > bound) return first;
  return Math.max(bound, ...versionsOf(own)) + 2;
}
