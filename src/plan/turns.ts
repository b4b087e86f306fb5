/**
 * What comes first where one edit changes the bricks of a volume in several ways: the copies, then bricks
 * that are replaced, then whole sets. Owns that order. Each is planned again when the one before is done.
 */
import type { DesiredVolume } from '../model/desired.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Step } from '../model/plan.ts';
import { removalOf } from '../view/removal.ts';
import type { View } from '../view/view.ts';
import { brickMakers } from './brick-changes.ts';
import type { BrickChange } from './compare-bricks.ts';
import { copiesOwed } from './copies.ts';
import { type Spread, spreadOf } from './rebalance.ts';
import { replacementSteps } from './replacements.ts';
import { shrinkOf } from './shrink.ts';

interface Context {
  readonly view: View;
  readonly known: ReadonlySet<string> | undefined;
}

interface Turns {
  readonly now: readonly BrickChange[];
  /** Foreseen, and said before anything begins. */
  readonly later: readonly BrickChange[];
}

const TURN: { readonly [kind in BrickChange['kind']]: number } = {
  moreCopies: 0,
  fewerCopies: 0,
  replace: 1,
  grow: 2,
  shrink: 2,
  move: 2,
};

/** Bricks that are on their way out come before all else. */
export function turnsOf(changes: readonly BrickChange[], current: StoreVolume, view: View): Turns {
  const turns = changes.map(({ kind }) => TURN[kind]);
  const turn = removalOf(current, view) === undefined ? Math.min(...turns) : Math.max(...turns);
  const isNow = ({ kind }: BrickChange): boolean => TURN[kind] === turn;
  return { now: changes.filter(isNow), later: changes.filter((change) => !isNow(change)) };
}

export const setsSpread = (
  wanted: DesiredVolume,
  current: StoreVolume,
  changes: readonly BrickChange[],
  context: Context,
): Spread => shrinkOf(wanted, current, changes, context) ?? spreadOf(wanted, current, changes, context);

/** The steps of later turns, as far as they can be foreseen, and what speaks against them. */
export function laterSteps(
  wanted: DesiredVolume,
  current: StoreVolume,
  later: readonly BrickChange[],
  context: Context,
): { readonly steps: readonly Step[]; readonly refusals: readonly Finding[] } {
  if (later.length === 0) return { steps: [], refusals: [] };
  const replacements = later.flatMap((change) => (change.kind === 'replace' ? change.replacements : []));
  const sets = later.filter(({ kind }) => TURN[kind] === TURN.grow);
  const spread = sets.length === 0 ? undefined : setsSpread(wanted, current, sets, context);
  const makers = [...(spread?.makers ?? []), ...brickMakers(wanted, sets, context.view)];
  return {
    steps: [
      ...copiesOwed(wanted, later, context).steps,
      ...replacementSteps(current, replacements, context.view).steps,
      ...makers.map((make) => make([])),
      ...(spread?.owed.steps ?? []),
    ],
    refusals: spread?.refusals ?? [],
  };
}
