/**
 * What takes a node out of service, and back. Pure. Refuses, as findings, a node that its volumes cannot do
 * without, or while anything is healed or moved.
 */
import {
  brickProcessesOn,
  downBricks,
  drainMark,
  fitBricks,
  nodeBricksStart,
  nodeBricksStop,
} from '../actions/drain.ts';
import { findAll } from '../findings/index.ts';
import { absenceFinding } from '../findings/shared/absence.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { DrainMark, NodeFacts } from '../model/observed.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { absenceProblems, healProblems } from '../view/absence.ts';
import type { View } from '../view/view.ts';
import { setsOf } from '../view/whole.ts';
import { basisOf } from './basis.ts';
import { notPossible } from './gate.ts';

/** What is wrong, by code and subject. */
export const faultsIn = (view: View, desired: Desired): ReadonlySet<string> =>
  new Set(
    findAll(view, desired)
      .filter((f) => f.severity === 'error')
      .map((f) => `${f.code} ${f.subject}`),
  );

const planOf = (
  desired: Desired,
  view: View,
  steps: readonly Step[],
  findings: readonly Finding[],
): Plan => ({
  formatVersion: 1,
  cluster: desired.cluster,
  changes: steps.length > 0,
  findings,
  steps,
  diffs: [],
  basis: basisOf(desired, view),
});

const AGAIN = 'wait for that, or repair it ("glusterctl doctor FILE"), then run the same command';

/** Empty where the node is drained already. */
export function drainPlan(desired: Desired, view: View, node: NodeName, mark: DrainMark): Plan {
  const facts = view.facts(node);
  if (facts === undefined) return planOf(desired, view, [], []);
  const marking = facts.drained === undefined ? [markStep(facts, { ...mark }, view, [])] : [];
  const running = brickProcessesOn(facts);
  const reason = running.map((p) => `${p.brick?.volume ?? ''}: ${p.brick?.path ?? ''}`).join(', ');
  const stopping =
    running.length === 0
      ? []
      : [nodeBricksStop.step({ node }, view, { reason, after: marking.map((s) => s.id) })];
  const steps = [...marking, ...stopping];
  return planOf(desired, view, steps, steps.length === 0 ? [] : guards(node, view));
}

const guards = (node: NodeName, view: View): readonly Finding[] =>
  absenceProblems(node, view).map((problem) => absenceFinding(problem, [node], AGAIN));

const markStep = (
  { node, drained }: NodeFacts,
  mark: DrainMark | null,
  view: View,
  after: readonly string[],
): Step =>
  drainMark.step(
    { node, mark: mark && { ...mark }, was: drained === undefined ? null : { ...drained } },
    view,
    {
      reason: mark === null ? 'its bricks are up, and nothing waits for heals' : 'it is to be worked on',
      after,
    },
  );

export interface Return {
  readonly plan: Plan;
  /** When it is done, the node is back in service. */
  readonly isLast: boolean;
  /** What the node has missed is still healed: the mark stays until then. */
  readonly waits: readonly string[];
}

/** First its bricks are started; the mark goes when they have got what they missed. */
export function undrainPlan(desired: Desired, view: View, node: NodeName): Return {
  const facts = view.facts(node);
  const nothing = { plan: planOf(desired, view, [], []), isLast: true, waits: [] };
  if (facts?.drained === undefined) return nothing;
  if (facts.memory.kind !== 'up' || downBricks(facts, view).length > 0) {
    const reason = `it was drained: ${facts.drained.why === '' ? 'no reason is given' : facts.drained.why}`;
    const step = nodeBricksStart.step({ node }, view, { reason, after: [] });
    const findings = notPossible(step, view, desired, AGAIN);
    return { plan: planOf(desired, view, [step], findings), isLast: false, waits: [] };
  }
  const waits = healing(facts, view);
  if (waits.length > 0) return { ...nothing, waits };
  return { ...nothing, plan: planOf(desired, view, [markStep(facts, null, view, [])], []) };
}

/** Of the sets whose brick here is fit; what is wrong with others is a finding, and no reason to wait. */
const healing = (facts: NodeFacts, view: View): readonly string[] => [
  ...new Set(
    fitBricks(facts, view).flatMap(({ volume, brick }) =>
      setsOf(volume)
        .filter((set) => set.bricks.includes(brick))
        .flatMap((set) => healProblems(set, view))
        .flatMap(({ message, evidence }) => `${message}: ${evidence.join('; ')}`),
    ),
  ),
];
