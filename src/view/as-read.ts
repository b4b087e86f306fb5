/**
 * What a command for a volume was decided on: the lines of its `info` on the node that is to run it. The node
 * compares them right before. Pure.
 */
import type { NodeName, VolumeName } from '../model/names.ts';
import type { StoreExpectation } from '../model/op.ts';
import type { View } from './view.ts';

/** By which lines a volume counts as unchanged. */
export type Watched = Pick<StoreExpectation, 'keys' | 'isAllBut'>;

/** Undefined: that node has no such volume to compare. */
export function asRead(
  view: View,
  node: NodeName,
  volume: VolumeName,
  watched: Watched,
): StoreExpectation | undefined {
  const copy = view.volumes.get(volume)?.copies.get(node);
  return copy && { volume, ...watched, lines: watchedLines(watched, copy.signature.split('\n')) };
}

/** Sorted. */
export const watchedLines = ({ keys, isAllBut }: Watched, lines: readonly string[]): readonly string[] => {
  const skipped = ['', 'version'];
  return lines
    .filter((line) => {
      const key = line.split('=', 1)[0] ?? '';
      return !skipped.includes(key) && keys.includes(key) !== isAllBut;
    })
    .sort();
};
