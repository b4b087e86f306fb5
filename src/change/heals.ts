/**
 * Heals that stand still while they are waited for: they are begun again. A self-heal daemon that has not
 * heard of a new brick does nothing for it until `cluster.heal-timeout`, ten minutes. Owns when that is done,
 * also right after bricks were left to be filled; changes no volume.
 */
import type { Cluster } from '../model/cluster.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { NodeLink } from '../model/node-link.ts';
import { bricksOf, isOnline, isUnfilled, pendingHeals } from '../view/brick.ts';
import { coordinatorOf } from '../view/pool.ts';
import type { View } from '../view/view.ts';
import { isHealingOff } from '../view/whole.ts';

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
        (sum, local) => sum + (pendingHeals(local) ?? 0) + (isUnfilled(local, view) ? 1 : 0),
        0,
      );
      return entries > 0 && bricks.every(isOnline) ? [[name, entries] as const] : [];
    }),
  );

/** Daemons meet a new brick within seconds, and refuse until then. */
const MEET_MAX_MS = 60_000;
const ASK_AGAIN_MS = 1_000;

/** Has the heals of volumes begun; returns those whose heal could not be begun within the limit. */
export async function beginHeals(
  volumes: readonly VolumeName[],
  view: View,
  { links, clock }: Pick<Cluster, 'links' | 'clock'>,
  signal: AbortSignal,
): Promise<readonly VolumeName[]> {
  // Where a daemon is out of sight or switched off, glusterd would refuse to the end.
  const isComplete = view.leftOut.size === 0 && view.failed.size === 0;
  const healing = volumes.filter((name) => {
    const volume = view.volumes.get(name)?.best;
    return isComplete && volume !== undefined && !isHealingOff(volume);
  });
  const coordinator = coordinatorOf(view);
  const link = coordinator === undefined ? undefined : links.get(coordinator);
  if (link === undefined) return healing;
  const until = clock.now() + MEET_MAX_MS;
  const isBegun = async (name: VolumeName): Promise<boolean> => {
    for (;;) {
      const begun = await link.beginHeal(name, signal);
      if (begun.ok) return true;
      if (signal.aborted || clock.now() >= until) return false;
      await clock.sleep(ASK_AGAIN_MS, signal).catch(() => undefined);
    }
  };
  const begun = await Promise.all(healing.map(isBegun));
  return healing.filter((_, i) => begun[i] === false);
}
