/**
 * What keeps a plan from being applied: findings that no step of it mends, and steps that need a person's
 * word. Owns that judgement.
 */
import { actionNamed } from '../actions/index.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { type View, volumeOfSubject } from '../view/view.ts';

/** Findings that a step of the same subject takes away. */
const REPAIRED_BY_PLAN: ReadonlySet<string> = new Set([
  'brick-offline',
  'brick-pidfile-stale',
  'brick-not-adopted',
]);

/** Errors that stand in the way; those about volumes that the file does not name do not. */
export function blockers(plan: Plan, desired: Desired, view: View): readonly Finding[] {
  const mended = new Set(plan.steps.map((s) => s.subject));
  const named = new Set<string>(desired.volumes.map((v) => v.name));
  return plan.findings.filter((f) => {
    if (f.severity !== 'error' || (REPAIRED_BY_PLAN.has(f.code) && mended.has(f.subject))) return false;
    const volume = volumeOfSubject(view, f.subject);
    return volume === undefined || named.has(volume);
  });
}

export const destructiveSteps = (plan: Plan, allowed: readonly string[]): readonly Step[] =>
  plan.steps.filter((s) => s.risk === 'destructive' && !allowed.includes(s.subject));

/** What our own look says against a step, before anything is changed. */
export function notPossible(step: Step, view: View, desired: Desired, remedy: string): readonly Finding[] {
  const evidence = actionNamed(step.action).requires(step.args, view, desired);
  if (evidence.length === 0) return [];
  const { subject, nodes, summary } = step;
  const message = `"${summary}" is not possible as things are`;
  return [{ code: 'step-not-possible', severity: 'error', subject, nodes, message, evidence, remedy }];
}
