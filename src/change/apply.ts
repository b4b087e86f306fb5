/**
 * `apply`: the cluster as the file says. A saved plan is applied exactly, or not at all.
 */
import { InvalidFile } from '../core/diagnostic.ts';
import { failure } from '../core/failure.ts';
import { err, ok } from '../core/result.ts';
import type { Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { compareBasis } from '../plan/basis.ts';
import { compile } from '../plan/compile.ts';
import { blockers, needDecision } from '../plan/gate.ts';
import type { View } from '../view/view.ts';
import { type Change, destructiveRefusal, ended, failuresOf, stepCount } from './change.ts';

/** One that finishes unfinished transactions, and one that applies. */
const PASSES_MAX = 2;

export interface ApplyOptions {
  readonly desired: Desired;
  readonly saved: Plan | undefined;
  /** As given on the command line. */
  readonly file: string;
  readonly allowDestroy: readonly string[];
}

export function applyChange(options: ApplyOptions): Change {
  const { desired, saved } = options;
  return {
    name: 'apply',
    desired,
    passesMax: PASSES_MAX,
    repeats: false,
    finishesUnfinished: true,
    isNews: ({ steps, findings }) => steps.length > 0 || findings.length > 0,
    propose: async ({ view }) => {
      const { plan: made, diagnostics } = compile(desired, view);
      if (diagnostics.length > 0) throw new InvalidFile(diagnostics);
      const moved = saved === undefined ? [] : compareBasis(saved.basis, made.basis);
      if (moved.length > 0) return err(outdated(moved));
      const plan = saved ?? made;
      return ok({
        plan,
        desired,
        goal: {
          plan: (seen) => compile(desired, seen).plan,
          blockers: (again, seen) => blockers(again, desired, seen),
          remaining: (again) => again.steps,
        },
        notes: [],
        wait: undefined,
        refusal: refusalOf(plan, view, options),
        question: `Apply ${stepCount(plan)} to ${plan.cluster}?`,
      });
    },
  };
}

const outdated = (moved: readonly string[]): RunResult =>
  ended('refused', [
    failure('plan-outdated', 'the saved plan no longer fits the cluster', {
      details: moved,
      fix: 'make the plan again, review it, and apply that',
    }),
  ]);

/** A blocker, nothing to do, or a decision that is missing. */
function refusalOf(
  plan: Plan,
  view: View,
  { desired, file, allowDestroy }: ApplyOptions,
): RunResult | undefined {
  const blocking = blockers(plan, desired, view);
  if (blocking.length > 0)
    return needDecision(blocking)
      ? ended('decision-needed', failuresOf('decision-needed', blocking))
      : ended('refused', failuresOf('precondition-failed', blocking));
  if (plan.steps.length === 0) return ended('nothing-to-do', []);
  return destructiveRefusal(plan, allowDestroy, `glusterctl apply ${file}`);
}
