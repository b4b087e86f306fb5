/**
 * Whether a brick that is to leave is gone, with its disk or its node. Pure, over one view: what cannot be
 * seen is not gone.
 */
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { brickFitness, isOnline } from './brick.ts';
import type { View } from './view.ts';
import { memberOf } from './whole.ts';

/** `left`: its files can be read, or will be when it is started. */
export type Loss = 'gone' | 'left' | 'unread';

/** A disk that cannot be read is not known to be gone: a program may be missing, or a mount may hang. */
export function lossOf(volume: StoreVolume, brick: StoreBrick, view: View): Loss {
  const owner = view.ownerOf(brick);
  if (owner !== undefined && view.leftOut.has(owner)) return 'gone';
  const local = memberOf(volume, brick, view);
  if (local === undefined) return 'unread';
  const fitness = brickFitness(local);
  if (isOnline(local) || fitness === 'fit') return 'left';
  return fitness === 'unread' ? 'unread' : 'gone';
}
