/**
 * The copies of a volume on the members whose stores can be compared, and which of them are the same. Owns
 * what has to be equal on every node; which copy is right is for `findings/` to say.
 */
import type { VolumeName } from '../model/names.ts';
import type { NodeFacts, StoreVolume } from '../model/observed.ts';
import { memoized } from './pool.ts';
import { hasBrokenFiles, trustedMembers } from './trust.ts';
import type { View, VolumeView } from './view.ts';

export type Copy = readonly [facts: NodeFacts, volume: StoreVolume];

/** Trusted members, without those whose files of this volume cannot be read. */
export const comparable = (view: View, volume: VolumeName): readonly NodeFacts[] =>
  trustedMembers(view).filter((n) => !hasBrokenFiles(n, volume));

const copiesByName = memoized(
  (view) => new Map([...view.volumes].map(([name, volume]) => [name, findCopies(view, volume)])),
);

/** Copies on comparable members, in the order of the cluster file. Every volume kind asks: found once. */
export const copiesOf = (view: View, volume: VolumeView): readonly Copy[] =>
  copiesByName(view).get(volume.name) ?? [];

const findCopies = (view: View, volume: VolumeView): readonly Copy[] =>
  comparable(view, volume.name).flatMap((n) => {
    const copy = volume.copies.get(n.node);
    return copy === undefined ? [] : [[n, copy] as const];
  });

/** The same name stands for two volumes: comparing their contents would say nothing more. */
export function isConflicted(view: View, volume: VolumeView): boolean {
  const copies = copiesOf(view, volume);
  return copies.some(([, copy]) => copy.id !== copies[0]?.[1].id);
}

/**
 * Equal in all that has to be equal on every node. Compares in place: a thousand copies of a thousand volumes
 * come by here.
 */
export const isSame = (a: StoreVolume, b: StoreVolume): boolean =>
  a === b ||
  (a.signature === b.signature &&
    a.bricks.every((brick, i) => {
      const other = b.bricks[i];
      return (
        other !== undefined &&
        brick.file === other.file &&
        brick.ownerUuid === other.ownerUuid &&
        brick.hostname === other.hostname &&
        brick.path === other.path &&
        brick.decommissioned === other.decommissioned &&
        brick.brickId === other.brickId
      );
    }));

/** Copies that are the same together, most of them first. */
export const sidesOf = (copies: readonly Copy[]): readonly (readonly Copy[])[] => {
  const sides: Copy[][] = [];
  for (const copy of copies) {
    const side = sides.find((s) => s[0] !== undefined && isSame(s[0][1], copy[1]));
    if (side === undefined) sides.push([copy]);
    else side.push(copy);
  }
  return sides.sort((a, b) => b.length - a.length);
};
