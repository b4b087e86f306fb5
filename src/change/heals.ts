/**
 * Heals that stand still while they are waited for: they are begun again. A self-heal daemon that has not
 * heard of a new brick does nothing for it until `cluster.heal-timeout`, ten minutes. Owns when that is done;
 * changes no volume.
 */
import type { VolumeName } from '../model/names.ts';
import type { NodeLink } from '../model/node-link.ts';
import type { NodeName } from '../model/names.ts';
import { bricksOf, isOnline } from '../view/brick.ts';
import { coordinatorOf } from '../view/pool.ts';
import type { View } from '../view/view.ts';

/** A daemon that has heard of the brick has begun by then. A large file may take longer: no harm is done. */
const STILL_MS = 20_000;

interface Pending {
  readonly entries: number;
  /** When there were fewer than before, or it was begun again. */
  readonly movedAt: number;
}

/** What was begun again, in words. One that cannot be begun is asked for again after as much time. */
export function stillHeals(
  links: ReadonlyMap<NodeName, NodeLink>,
  now: () => number,
): (view: View, signal?: AbortSignal) => Promise<readonly string[]> {
  const pending = new Map<VolumeName, Pending>();
  return async (view, signal) => {
    const said: string[] = [];
    for (const [name, entries] of pendingByVolume(view)) {
      const last = pending.get(name);
      const isStill = last !== undefined && entries >= last.entries && now() - last.movedAt >= STILL_MS;
      if (last === undefined || entries < last.entries || isStill)
        pending.set(name, { entries, movedAt: now() });
      if (!isStill) continue;
      const coordinator = coordinatorOf(view);
      const link = coordinator === undefined ? undefined : links.get(coordinator);
      const begun = await link?.beginHeal(name, signal);
      if (begun?.ok === true) said.push(`the heal of volume ${name} stood still, and was begun again`);
    }
    return said;
  };
}

/** Entries that wait on the bricks of a volume, where all of them are up: others heal nothing. */
const pendingByVolume = (view: View): ReadonlyMap<VolumeName, number> =>
  new Map(
    [...view.volumes.keys()].flatMap((name) => {
      const bricks = bricksOf(name, view);
      const entries = bricks.reduce(
        (sum, { facts, brick }) => sum + (facts.paths.get(brick.path)?.pendingHeals ?? 0),
        0,
      );
      return entries > 0 && bricks.every(isOnline) ? [[name, entries] as const] : [];
    }),
  );
