/** Steps that give a volume the bricks of the file. Owns their order, and what is said of files meanwhile. */
import { volumeAddBricks } from '../actions/volume-add-bricks.ts';
import type { DesiredVolume } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import type { BrickChange } from './compare-bricks.ts';

type Maker = (after: readonly string[]) => Step;

/** After the options, so that a value which is refused takes no bricks back. */
export const brickMakers = (
  { name: volume }: DesiredVolume,
  changes: readonly BrickChange[],
  view: View,
): readonly Maker[] =>
  changes.flatMap((change): readonly Maker[] => {
    if (change.kind !== 'grow') return [];
    const sets = change.sets.map((set) => set.map(brickOf));
    const reason =
      'the file has further sets; directories that are there use them after a rebalance: ' +
      `gluster volume set ${volume} cluster.lookup-optimize off, gluster volume rebalance ${volume} start`;
    return [(after) => volumeAddBricks.step({ volume, sets }, view, { reason, after })];
  });

function brickOf(name: string): { readonly node: string; readonly path: string } {
  const colon = name.indexOf(':/');
  return { node: name.slice(0, colon), path: name.slice(colon + 1) };
}
