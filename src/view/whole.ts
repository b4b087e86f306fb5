/**
 * Whether all members of a replica or disperse set hold the same files. Pure, over one view. What cannot be
 * seen is unknown, and never counts as whole.
 */
import { isOn } from '../model/option-value.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { isOnline, isUnfilled, type LocalBrick, locate } from './brick.ts';
import { stateOf, type View } from './view.ts';

export interface BrickSet {
  readonly volume: StoreVolume;
  /** From 1, as a person counts. */
  readonly number: number;
  readonly bricks: readonly StoreBrick[];
}

/** `pending`, `unknown`: why, each a sentence. */
export type Wholeness =
  { readonly kind: 'whole' } | { readonly kind: 'pending' | 'unknown'; readonly problems: readonly string[] };

/** Members of a set; 1 for a distribute volume, whose bricks stand each for themselves. */
export const setSize = ({ layout }: Pick<StoreVolume, 'layout'>): number =>
  layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;

/** The sets of a volume, in glusterd's order. */
export function setsOf(volume: StoreVolume): readonly BrickSet[] {
  const size = setSize(volume);
  return Array.from({ length: Math.ceil(volume.bricks.length / size) }, (_, i) => ({
    volume,
    number: i + 1,
    bricks: volume.bricks.slice(i * size, (i + 1) * size),
  }));
}

export const memberOf = (volume: StoreVolume, brick: StoreBrick, view: View): LocalBrick | undefined =>
  locate({ volume: volume.name, node: view.ownerOf(brick) ?? '', path: brick.path }, view);

const placeOf = (brick: StoreBrick, view: View): string =>
  `${view.ownerOf(brick) ?? brick.hostname}:${brick.path}`;

/** Each set as a whole; `without`: these of its bricks are not asked, for they are to go. */
export function wholenessOf(
  { volume, bricks }: BrickSet,
  view: View,
  without: readonly StoreBrick[] = [],
): Wholeness {
  const asked = bricks.filter((b) => !without.some(({ file }) => file === b.file));
  const unknown = [
    ...(isHealingOff(volume) ? [`the self-heal daemon of volume ${volume.name} is switched off`] : []),
    ...asked.flatMap((brick) => unknownOf(volume, brick, view)),
  ];
  if (unknown.length > 0) return { kind: 'unknown', problems: [...new Set(unknown)] };
  const pending = asked.flatMap((brick) => {
    const local = memberOf(volume, brick, view);
    if (local !== undefined && isUnfilled(local, view))
      return [`${placeOf(brick, view)} is new, and nothing was healed to it yet`];
    const count = pendingOf(volume, brick, view) ?? 0;
    return count === 0 ? [] : [`${placeOf(brick, view)} waits for heals: ${String(count)}`];
  });
  return pending.length === 0 ? { kind: 'whole' } : { kind: 'pending', problems: pending };
}

const pendingOf = (volume: StoreVolume, brick: StoreBrick, view: View): number | undefined =>
  memberOf(volume, brick, view)?.facts.paths.get(brick.path)?.pendingHeals;

function unknownOf(volume: StoreVolume, brick: StoreBrick, view: View): readonly string[] {
  const place = placeOf(brick, view);
  const local = memberOf(volume, brick, view);
  if (local === undefined) return [`nothing is known of ${place}`];
  if (!isOnline(local)) return [`${place} is down: what it lacks is not known`];
  const heals = stateOf(local.facts)?.volumes.get(volume.name)?.selfHealOnline;
  if (heals === false) return [`the self-heal daemon on ${local.facts.node} does not run`];
  if (pendingOf(volume, brick, view) === undefined)
    return [`the heals that wait on ${place} could not be counted`];
  return [];
}

export const isHealingOff = ({ layout, options }: StoreVolume): boolean => {
  const name = layout.kind === 'disperse' ? 'cluster.disperse-self-heal-daemon' : 'cluster.self-heal-daemon';
  return isOn(options.get(name) ?? 'on') === false;
};
