/**
 * Bricks of the file that take the place of others, as steps. Owns their order: one at a time, each in a
 * transaction of its own, when nothing of the volume is healed.
 */
import { brickReplace } from '../actions/brick-replace.ts';
import { absenceFinding } from '../findings/shared/absence.ts';
import { splitPlace, type VolumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Step } from '../model/plan.ts';
import { healsUnderWay, type Place, replaceProblems } from '../view/replacement.ts';
import type { View } from '../view/view.ts';
import { setsOf } from '../view/whole.ts';
import type { Replacement } from './compare-bricks.ts';

/** What is to be done when all else is. */
export interface Owed {
  readonly steps: readonly Step[];
  /** Against the first of them, besides what the action itself says. */
  readonly findings: readonly Finding[];
  /** What the first of them waits for: it passes by itself. */
  readonly waits: readonly string[];
}

export const NOTHING_OWED: Owed = { steps: [], findings: [], waits: [] };

const AGAIN = 'repair that ("glusterctl doctor FILE"), then run the same command';

const placeOf = (brick: string): Place => {
  const { host = '', path = '' } = splitPlace(brick) ?? {};
  return { node: host, path };
};

export function replacementSteps(
  volume: StoreVolume,
  replacements: readonly Replacement[],
  view: View,
): Owed {
  const args = replacements.map(({ from, to }) => argsOf(volume.name, placeOf(from), placeOf(to)));
  const [first] = args;
  if (first === undefined) return NOTHING_OWED;
  const sets = setsOf(volume).length;
  const steps = args.map((each, i) => {
    const { set = 0 } = replacements[i] ?? {};
    const where = `set ${String(set)} of ${String(sets)}`;
    const reason = `${where}: the file has the new one; it is healed from the others`;
    return brickReplace.step(each, view, { reason, after: [] });
  });
  const [{ subject, nodes } = { subject: '', nodes: [] }] = steps;
  const findings = replaceProblems(first, view).map((problem) => ({
    ...absenceFinding(problem, nodes, AGAIN),
    subject,
  }));
  return { steps, findings, waits: findings.length > 0 ? [] : healsUnderWay(first, view) };
}

const argsOf = (
  volume: VolumeName,
  { node, path }: Place,
  to: Place,
): {
  readonly volume: string;
  readonly from: { node: string; path: string };
  readonly to: { node: string; path: string };
} => ({
  volume,
  from: { node, path },
  to: { node: to.node, path: to.path },
});
