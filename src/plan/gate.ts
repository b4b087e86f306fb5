/**
 * What keeps a plan from being applied: findings that no step of it repairs or that forbid every change, and
 * steps that a person has to allow. Owns that judgement.
 */
import { actionNamed } from '../actions/index.ts';
import { FINDINGS, kindOf } from '../findings/index.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import type { VolumeName } from '../model/names.ts';
import { PLANNER_CODES } from './codes.ts';
import { type View, volumeOfSubject } from '../view/view.ts';

/** What forbids every change, also finishing an unfinished transaction. */
export const forbidding = (desired: Desired, view: View): readonly Finding[] =>
  FINDINGS.filter((kind) => kind.forbidsChange === true).flatMap(({ code, detect }) =>
    detect(view, desired).map((found) => ({ code, ...found })),
  );

/**
 * Errors that stand in the way of this plan, beside what forbids every change. Those about volumes that the
 * file does not name do not.
 */
export function blockers(plan: Plan, desired: Desired, view: View): readonly Finding[] {
  const named = namedIn(desired);
  return plan.findings.filter((f) => {
    if (f.severity !== 'error' || kindOf(f)?.forbidsChange === true || isRepairedBy(plan, f)) return false;
    const volume = volumeOfSubject(view, f.subject);
    return volume === undefined || named.has(volume);
  });
}

/**
 * What has to be repaired before the cluster can be as the file says: what blocks the plan, and nodes that
 * hold a volume of the file differently, though no error comes of it yet.
 */
export function inTheWay(plan: Plan, desired: Desired, view: View): readonly Finding[] {
  const named = namedIn(desired);
  const isDisagreement = (f: Finding): boolean =>
    f.severity === 'warning' &&
    kindOf(f)?.isDisagreement === true &&
    named.has(volumeOfSubject(view, f.subject) ?? '');
  return [...blockers(plan, desired, view), ...plan.findings.filter(isDisagreement)];
}

const namedIn = ({ volumes }: Desired): ReadonlySet<string> => new Set(volumes.map((v) => v.name));

function isRepairedBy(plan: Plan, finding: Finding): boolean {
  const kind = kindOf(finding);
  // What no repair takes away is no obstacle to what comes before the step that does.
  const steps = kind?.repair === undefined ? [...plan.steps, ...(plan.later ?? [])] : plan.steps;
  const subjectsOf = ({ action, args, subject }: Step): readonly string[] => [
    subject,
    ...(actionNamed(action).takesOut?.(args) ?? []),
  ];
  return steps.some(
    (s) => kind?.repairedBy?.includes(s.action) === true && subjectsOf(s).includes(finding.subject),
  );
}

const PLANNERS_DECISIONS: ReadonlySet<string> = new Set(
  PLANNER_CODES.flatMap((c) => (c.needsDecision === true ? [c.code] : [])),
);

/** Nothing that `recover` could do: a person has to decide, or to bring something back. */
export const needDecision = (findings: readonly Finding[]): boolean =>
  findings.every((f) => kindOf(f)?.needsDecision === true || PLANNERS_DECISIONS.has(f.code));

const OF_FILE: ReadonlySet<string> = new Set(
  PLANNER_CODES.flatMap((c) => (c.isOfFile === true ? [c.code] : [])),
);

/** Whatever is repaired or allowed, the cluster cannot become what the file says. */
export const isOfFile = ({ code }: Finding): boolean => OF_FILE.has(code);

/** Without what is left for later passes. */
export function withoutLater(plan: Plan, later: readonly Step[]): Plan {
  const ids = new Set(later.map((s) => s.id));
  // What is said of a volume counts, whatever comes for it later.
  const subjects = new Set(later.map((s) => s.subject).filter((s) => !s.startsWith('volume/')));
  return {
    ...plan,
    steps: plan.steps.filter((s) => !ids.has(s.id)),
    findings: plan.findings.filter((f) => !subjects.has(f.subject)),
  };
}

/** Steps whose work goes on after the transaction. */
export const lastingSteps = ({ steps }: Plan): readonly Step[] =>
  steps.filter(({ action }) => actionNamed(action).outlasts !== undefined);

/** Volumes of which steps leave bricks to be filled by heals. */
export const filledVolumes = ({ steps }: Plan): readonly VolumeName[] => [
  ...new Set(
    steps.flatMap(({ action, args }) => {
      const { fillsBricks, volumes } = actionNamed(action);
      return fillsBricks === true ? volumes(args) : [];
    }),
  ),
];

/** How often one run begins such work. */
export const triesMax = ({ action }: Step): number => actionNamed(action).outlasts ?? 1;

/** A step that destroys what no flag names. */
export interface Unallowed {
  readonly step: Step;
  readonly subject: string;
}

/** As the action judges a step, whatever a saved plan says of its risk. */
export const unallowed = (plan: Plan, view: View, allowed: readonly string[]): readonly Unallowed[] =>
  plan.steps.flatMap((step) =>
    [...new Set(actionNamed(step.action).destroys(step.args, view))]
      .filter((subject) => !allowed.includes(subject))
      .map((subject) => ({ step, subject })),
  );

/** Why a step cannot be done without the nodes that are left out. */
export function missed(step: Step, view: View): readonly string[] {
  const away = [...view.leftOut.keys()];
  const { needsEveryMember: every } = actionNamed(step.action);
  const needed =
    every === undefined
      ? step.nodes.filter((n) => away.includes(n))
      : away.filter((n) => every === 'all' || !view.leaving.has(n));
  return needed.map((node) => `${node} is left out, and this step needs it`);
}

/** What the observation says against a step, before anything is changed. */
export function notPossible(step: Step, view: View, desired: Desired, remedy: string): readonly Finding[] {
  return refused(step, remedy, [
    ...missed(step, view),
    ...actionNamed(step.action).requires(step.args, view, desired),
  ]);
}

/** A step and the evidence against it, as a finding; none where there is no evidence. */
export function refused(step: Step, remedy: string, evidence: readonly string[]): readonly Finding[] {
  if (evidence.length === 0) return [];
  const { subject, nodes, summary } = step;
  const message = `"${summary}" is not possible as things are`;
  return [{ code: 'step-not-possible', severity: 'error', subject, nodes, message, evidence, remedy }];
}
