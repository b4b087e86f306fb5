/**
 * What follows when sets have come: files are moved, or new ones use all sets. Owns when, and what has to be
 * so first; the wait is the change's.
 */
import { taskIds, volumeRebalance } from '../actions/volume-rebalance.ts';
import { volumeOptions } from '../actions/volume-options.ts';
import { listed } from '../core/text.ts';
import { isOn } from '../model/option-value.ts';
import type { DesiredVolume } from '../model/desired.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Step } from '../model/plan.ts';
import {
  isInUse,
  isLookupOptimized,
  LOOKUP_OPTIMIZE,
  moversOf,
  type OwedRebalance,
  owedRebalance,
  rebalanceParts,
  stalledOn,
} from '../view/rebalance.ts';
import type { View } from '../view/view.ts';
import { setsOf } from '../view/whole.ts';
import type { BrickChange } from './compare-bricks.ts';
import { fullOptionName } from './options.ts';
import { NOTHING_OWED, type Owed } from './replacements.ts';

export interface Spread {
  /** Comes before the bricks. */
  readonly makers: readonly ((after: readonly string[]) => Step)[];
  /** Options that those set. */
  readonly options: ReadonlyMap<string, string>;
  readonly owed: Owed;
  /** Nodes that move files now: no brick comes or goes until that is over. */
  readonly isMoving: boolean;
  /** No other change can be made before it: the last one has to be begun again. */
  readonly isStalled: boolean;
  readonly refusals: readonly Finding[];
  /** Against what comes later, said before anything begins. */
  readonly findings?: readonly Finding[];
}

const NOTHING: Spread = {
  makers: [],
  options: new Map(),
  owed: NOTHING_OWED,
  isMoving: false,
  isStalled: false,
  refusals: [],
};

interface Context {
  readonly view: View;
  readonly known: ReadonlySet<string> | undefined;
}

export function spreadOf(
  wanted: DesiredVolume,
  current: StoreVolume,
  changes: readonly BrickChange[],
  { view, known }: Context,
): Spread {
  const movers = moversOf(wanted.name, view);
  if (wanted.state !== 'started' || (wanted.rebalance === 'none' && movers.length > 0)) return NOTHING;
  // One that is stopped is started first.
  const started: StoreVolume = { ...current, status: 'started' };
  const next = owedRebalance(started, wanted.rebalance, view) ?? toCome(wanted, current, changes, view);
  const isFull = next?.kind === 'rebalance' || (movers.length > 0 && wanted.rebalance === 'auto');
  const said = [...wanted.options].find(([name]) => fullOptionName(name, known) === LOOKUP_OPTIMIZE)?.[1];
  if (isFull && said !== undefined && isOn(said) !== false)
    return { ...NOTHING, refusals: [optimizedRefusal(wanted, said)] };
  const isToSet = next?.kind === 'rebalance' && said === undefined && isLookupOptimized(current);
  return {
    makers: isToSet ? [(after) => lookupStep(wanted, view, after)] : [],
    options: new Map(isToSet ? [[LOOKUP_OPTIMIZE, 'off']] : []),
    owed: {
      steps: next === undefined ? [] : [rebalanceStep(wanted, next, view)],
      findings: [],
      waits: movers.length === 0 ? [] : [`${listed(movers)}: files of volume ${wanted.name} are moved`],
    },
    isMoving: movers.length > 0,
    isStalled: stalledOn(current, view).length > 0,
    refusals: [],
  };
}

/**
 * Where no client has been yet, all sets are used from the first one on. Of files in the root of what was
 * a volume of one set, no brick says later that they have not been moved.
 */
function toCome(
  { rebalance, isRebalanceForeseen }: DesiredVolume,
  current: StoreVolume,
  changes: readonly BrickChange[],
  view: View,
): OwedRebalance | undefined {
  const isFirst = isRebalanceForeseen === true && rebalanceParts(current, view).length === 0;
  const hasGrown = isFirst && setsOf(current).length > 1;
  if (rebalance === 'none' || !(hasGrown || changes.some(({ kind }) => kind === 'grow'))) return undefined;
  if (!isInUse(current, view)) return undefined;
  return {
    kind: rebalance === 'auto' ? 'rebalance' : 'fix-layout',
    why: 'the file has further sets, and directories that are there do not use them',
  };
}

const rebalanceStep = ({ name }: DesiredVolume, { kind, why }: OwedRebalance, view: View): Step =>
  volumeRebalance.step({ volume: name, kind, earlier: taskIds(name, view) }, view, {
    reason: why,
    after: [],
  });

export const lookupStep = ({ name }: DesiredVolume, view: View, after: readonly string[]): Step =>
  volumeOptions.step({ volume: name, set: { [LOOKUP_OPTIMIZE]: 'off' }, reset: [] }, view, {
    reason:
      'while files are moved, and often after it, clients with this option miss files by their names; ' +
      'it stays off',
    after,
    key: `${name}/${LOOKUP_OPTIMIZE}`,
  });

export const optimizedRefusal = ({ name, rebalance }: DesiredVolume, said: string): Finding => ({
  code: 'rebalance-needs-lookup-optimize-off',
  severity: 'error',
  subject: `volume/${name}`,
  nodes: [],
  message: `volume ${name} cannot be rebalanced while the file says ${LOOKUP_OPTIMIZE}: ${said}`,
  evidence: [`rebalance: ${rebalance}`, `options: ${LOOKUP_OPTIMIZE}: ${said}`],
  remedy: `take the option out of the file, or say "rebalance: fixLayout" or "rebalance: none"`,
});

/** Replacements come first, but for a rebalance that broke off: it keeps all others from beginning. */
export function inTurn(replacements: Owed, { owed, isStalled }: Spread): Owed {
  if (owed.waits.length > 0)
    return { steps: [...replacements.steps, ...owed.steps], findings: [], waits: owed.waits };
  if (replacements.steps.length === 0 || isStalled)
    return { ...owed, steps: [...owed.steps, ...replacements.steps] };
  return { ...replacements, steps: [...replacements.steps, ...owed.steps] };
}
