/** Steps that give a volume the bricks of the file. Owns their order, and what is said of files meanwhile. */
import { volumeAddBricks } from '../actions/volume-add-bricks.ts';
import type { DesiredVolume, RebalanceMode } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { isInUse } from '../view/rebalance.ts';
import type { BrickChange } from './compare-bricks.ts';

type Maker = (after: readonly string[]) => Step;

const FOLLOWS: { readonly [mode in RebalanceMode]: string } = {
  auto: '; a rebalance follows',
  fixLayout: '; a fix of the layout follows',
  none: ', and says rebalance: none; directories that are there do not use them',
};

/** Where no client has been, there is nothing to move; a volume that is stopped has to be started first. */
function reasonToGrow({ name, rebalance, state }: DesiredVolume, view: View): string {
  const stored = view.volumes.get(name)?.best;
  if (stored === undefined || !isInUse(stored, view)) return 'the file has further sets';
  const when = state === 'stopped' && rebalance !== 'none' ? ' when it is started' : '';
  return `the file has further sets${FOLLOWS[rebalance]}${when}`;
}

/** After the options, so that a value which is refused takes no bricks back. */
export const brickMakers = (
  wanted: DesiredVolume,
  changes: readonly BrickChange[],
  view: View,
): readonly Maker[] =>
  changes.flatMap((change): readonly Maker[] => {
    if (change.kind !== 'grow' && change.kind !== 'move') return [];
    const added = change.kind === 'grow' ? change.sets : change.added.map((brick) => [brick]);
    const sets = added.map((set) => set.map(brickOf));
    const reason =
      change.kind === 'grow' ? reasonToGrow(wanted, view) : 'the file has these in the place of others';
    return [(after) => volumeAddBricks.step({ volume: wanted.name, sets }, view, { reason, after })];
  });

function brickOf(name: string): { readonly node: string; readonly path: string } {
  const colon = name.indexOf(':/');
  return { node: name.slice(0, colon), path: name.slice(colon + 1) };
}
