/**
 * The sum of a plan, in sentences that the text and the pull-request comment share. Refuses colour and
 * layout.
 */
import type { Plan, Step } from '../../model/plan.ts';
import { printable } from '../printable.ts';
import { count } from '../../core/text.ts';
import { nodesOf } from './words.ts';

const RUNS_ON = 'No changes now: the cluster is as the file says when this is over.';

/** What becomes of a plan. */
export interface PlanUse {
  /** It is shown by a change that is about to carry it out. */
  readonly isOfChange?: boolean;
  /** How long `apply` would wait for what runs: as given, or `none`. By default as long as it takes. */
  readonly wait?: string;
}

/** The last line of a plan, as a person quotes it. */
export function planSummary(plan: Plan, use: PlanUse = {}): string {
  const unchanged = use.isOfChange === true ? '' : ' Nothing has been changed.';
  const errors = plan.findings.filter((f) => f.severity === 'error').length;
  const later = plan.later ?? [];
  if (plan.isRepair === true || later.length > 0) {
    const where = count(nodesOf([...plan.steps, ...later]).length, 'node');
    const what =
      plan.isRepair === true
        ? `${count(plan.steps.length, 'repair')} first`
        : plan.running !== undefined && plan.steps.length === 0
          ? 'nothing while this runs'
          : count(plan.steps.length, 'step');
    const then = later.length === 0 ? '' : `, then ${count(later.length, 'step')}`;
    return `Plan: ${what}${then}, on ${where}${risks([...plan.steps, ...later])}.${unchanged}`;
  }
  if (plan.steps.length > 0) {
    const where = count(nodesOf(plan.steps).length, 'node');
    const steps = `${count(plan.steps.length, 'step')} on ${where}${risks(plan.steps)}`;
    return `Plan: ${steps}.${unchanged}`;
  }
  if (errors > 0) return `No steps to take, but ${count(errors, 'error')} to resolve.${unchanged}`;
  if (plan.isWithoutChanges === true) return 'No repairs.';
  if (plan.running !== undefined) return RUNS_ON;
  return 'No changes. The cluster is as the file says.';
}

/** What somebody who is about to apply must know besides the steps. */
export function planCautions(plan: Plan, use: PlanUse = {}): string[] {
  const cautions = plan.running === undefined || use.isOfChange === true ? [] : [waitWords(use)];
  const errors = plan.findings.filter((f) => f.severity === 'error').length;
  if (errors > 0) cautions.push(errorsMean(errors, plan));
  const steps = [...plan.steps, ...(plan.later ?? [])];
  const destroyed = [...new Set(steps.flatMap((s) => s.destroys ?? []))].sort();
  if (destroyed.length > 0) {
    const flags = destroyed.map((subject) => `--allow-destroy ${printable(subject)}`).join(' ');
    cautions.push(`Destructive steps run only with ${flags}, besides --yes.`);
  }
  return cautions;
}

const waitWords = ({ wait }: PlanUse): string =>
  wait === 'none'
    ? '"glusterctl apply --no-wait" leaves it to go on.'
    : `"glusterctl apply" waits for it${wait === undefined ? '' : `, at most ${printable(wait)}`}.`;

function errorsMean(errors: number, { steps, isWithoutChanges }: Plan): string {
  const sum = count(errors, 'error');
  const command = isWithoutChanges === true ? 'recover' : 'apply';
  return steps.length > 0
    ? `${sum}: ${command} repairs what a step names, and succeeds only if no node disagrees afterwards.`
    : `${sum} that no step repairs: ${command} would change nothing. The remedy says what to do.`;
}

function risks(steps: readonly Step[]): string {
  const parts = (['disruptive', 'destructive'] as const)
    .map((risk) => ({ risk, n: steps.filter((s) => s.risk === risk).length }))
    .filter(({ n }) => n > 0)
    .map(({ risk, n }) => `${String(n)} ${risk}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}
