/** Steps that give a volume the bricks of the file. Owns their order, and what is said of files meanwhile. */
import { volumeAddBricks } from '../actions/volume-add-bricks.ts';
import type { DesiredVolume, RebalanceMode } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import type { BrickChange } from './compare-bricks.ts';

type Maker = (after: readonly string[]) => Step;

const REASON: { readonly [mode in RebalanceMode]: string } = {
  auto: 'the file has further sets; a rebalance follows',
  fixLayout: 'the file has further sets; a fix of the layout follows',
  none: 'the file has further sets, and says rebalance: none; directories that are there do not use them',
};

/** After the options, so that a value which is refused takes no bricks back. */
export const brickMakers = (
  { name: volume, rebalance }: DesiredVolume,
  changes: readonly BrickChange[],
  view: View,
): readonly Maker[] =>
  changes.flatMap((change): readonly Maker[] => {
    if (change.kind !== 'grow' && change.kind !== 'move') return [];
    const added = change.kind === 'grow' ? change.sets : change.added.map((brick) => [brick]);
    const sets = added.map((set) => set.map(brickOf));
    const reason = change.kind === 'grow' ? REASON[rebalance] : 'the file has these in the place of others';
    return [(after) => volumeAddBricks.step({ volume, sets }, view, { reason, after })];
  });

function brickOf(name: string): { readonly node: string; readonly path: string } {
  const colon = name.indexOf(':/');
  return { node: name.slice(0, colon), path: name.slice(colon + 1) };
}
