/** Sets that leave a volume, as actions have them in their arguments, and glusterd names their bricks. */
import { type NodeName, volumeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { placesIn } from '../view/replica-count.ts';
import type { View } from '../view/view.ts';
import { volumeNodes } from './common.ts';

export type RemoveArgs = {
  readonly volume: string;
  /** The sets that leave, each by its bricks: "node07:/bricks/d1/v". */
  readonly sets: readonly (readonly string[])[];
};

export const volumeIn = (view: View, { volume }: Pick<RemoveArgs, 'volume'>): StoreVolume | undefined =>
  view.volumes.get(volumeName(volume))?.best;

/** As glusterd has them. */
export const leavingIn = (
  { sets }: RemoveArgs,
  volume: StoreVolume | undefined,
  view: View,
): readonly StoreBrick[] =>
  volume?.bricks.filter((b) => sets.flat().includes(`${view.ownerOf(b) ?? b.hostname}:${b.path}`)) ?? [];

/** Of the volume, without those that are gone with bricks that leave. */
export function nodesLeft(args: RemoveArgs, view: View): readonly NodeName[] {
  const gone = new Set(placesIn(args.sets).map(({ node }) => node));
  return volumeNodes(args, view).filter((node) => !view.leftOut.has(node) || !gone.has(node));
}

export const names = (bricks: readonly StoreBrick[]): readonly string[] =>
  bricks.map((b) => `${b.hostname}:${b.path}`);

export const setsText = ({ sets }: RemoveArgs): string =>
  `${sets.length === 1 ? 'set' : `${String(sets.length)} sets`} ${sets.map((s) => s.join(' ')).join(', ')}`;
