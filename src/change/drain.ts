/**
 * `drain` and `undrain`: a node out of service for some work on it, and back when its bricks have got what
 * they missed.
 */
import { failure } from '../core/failure.ts';
import { ok } from '../core/result.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { DrainMark } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { drainPlan, type Return, undrainPlan } from '../plan/drain.ts';
import type { View } from '../view/view.ts';
import { type Change, ended, failuresOf, NO_CONSENT, type Proposal, type Wait } from './change.ts';

export interface DrainOptions {
  readonly desired: Desired;
  readonly node: NodeName;
  readonly mark: DrainMark;
}

const errorsOf = (plan: Plan): Plan['findings'] => plan.findings.filter((f) => f.severity === 'error');

export const drainChange = ({ desired, node, mark }: DrainOptions): Change => ({
  name: 'drain',
  desired,
  passesMax: 3,
  finishesUnfinished: true,
  consent: NO_CONSENT,
  named: {},
  isNews: ({ steps }) => steps.length > 0,
  propose: ({ view }) => {
    const plan = drainPlan(desired, view, node, mark);
    return Promise.resolve(
      ok({
        ...withoutWait(plan, desired, (seen) => drainPlan(desired, seen, node, mark)),
        question: `Take ${node} out of service?`,
        goesOn: false,
      }),
    );
  },
});

export interface UndrainOptions {
  readonly desired: Desired;
  readonly node: NodeName;
  readonly file: string;
  /** For the heals of what it missed. */
  readonly waitMs: number;
}

export const undrainChange = ({ desired, node, file, waitMs }: UndrainOptions): Change => ({
  name: 'undrain',
  desired,
  passesMax: 6,
  finishesUnfinished: true,
  consent: NO_CONSENT,
  named: {},
  isNews: ({ steps }) => steps.length > 0,
  propose: ({ view }) => {
    const planned = (seen: View): Return => undrainPlan(desired, seen, node);
    const { plan, isLast, waits } = planned(view);
    return Promise.resolve(
      ok({
        ...withoutWait(plan, desired, (seen) => planned(seen).plan, isLast ? undefined : plan),
        wait: waits.length === 0 ? undefined : waitOf(waits, planned, { node, file, waitMs }),
        isChange: true,
        question: isLast ? `Put ${node} back into service?` : `Start the bricks of ${node}?`,
        goesOn: !isLast,
      }),
    );
  },
});

/** `first`: the steps that follow it are of a later pass. */
function withoutWait(
  plan: Plan,
  desired: Desired,
  again: (view: View) => Plan,
  first?: Plan,
): Omit<Proposal, 'question' | 'goesOn'> {
  const errors = errorsOf(plan);
  return {
    plan,
    desired,
    goal: {
      plan: again,
      blockers: errorsOf,
      remaining: ({ steps }) =>
        steps.filter((s) => first === undefined || first.steps.some((f) => f.id === s.id)),
    },
    notes: [],
    wait: undefined,
    refusal:
      errors.length > 0
        ? ended('decision-needed', failuresOf('decision-needed', errors))
        : plan.steps.length === 0
          ? ended('nothing-to-do', [])
          : undefined,
  };
}

const waitOf = (
  what: readonly string[],
  planned: (view: View) => Return,
  { node, file, waitMs }: Pick<UndrainOptions, 'node' | 'file' | 'waitMs'>,
): Wait => ({
  what,
  limitMs: waitMs,
  judge: (view) => planned(view).waits,
  expired: (details) =>
    ended('decision-needed', [
      failure('decision-needed', `${node} still lacks what it missed: its bricks are up, the mark stays`, {
        details,
        fix: `glusterctl undrain ${file} ${node}`,
      }),
    ]),
});
