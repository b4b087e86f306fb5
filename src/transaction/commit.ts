/**
 * The commit phase: runs steps in their order, in parallel where they do not depend on each other. Owns that
 * schedule, and how an unknown outcome is resolved: by observation.
 */
import type { AnyAction, Standing } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { awaitSettled } from './await-settled.ts';
import { runCalls } from './calls.ts';
import type { Context } from './context.ts';
import { PARALLEL_STEPS_MAX } from './limits.ts';
import { lostLocks } from './lock.ts';
import { markOwn } from './marks.ts';
import type { NotDone } from './perform.ts';
import { interrupted, isAborted, type PhaseResult } from './phase.ts';

export interface Committed extends PhaseResult {
  /** Steps that were begun, in the order they were begun: a rollback considers all of them. */
  readonly attempted: readonly Step[];
}

export async function commit(context: Context, steps: readonly Step[], view: View): Promise<Committed> {
  const unmarked = await markOwn(context, 'committing');
  if (unmarked.length > 0) return { attempted: [], failures: unmarked };
  const { attempted, failures } = await runSteps(context, steps, view);
  return { attempted, failures: failures.length === 0 && isAborted(context) ? [interrupted()] : failures };
}

async function runSteps(context: Context, steps: readonly Step[], view: View): Promise<Committed> {
  const attempted: Step[] = [];
  const done = new Set<string>();
  const failures: Failure[] = [];
  const running = new Map<string, Promise<void>>();
  const begin = (step: Step): void => {
    attempted.push(step);
    const run = runStep(context, step, view).then((problem) => {
      running.delete(step.id);
      if (problem === undefined) done.add(step.id);
      else failures.push(problem);
    });
    running.set(step.id, run);
  };
  for (;;) {
    const stop = failures.length > 0 || context.signal.aborted || lostLocks(context).length > 0;
    if (!stop)
      for (const step of steps)
        if (
          !attempted.includes(step) &&
          running.size < PARALLEL_STEPS_MAX &&
          step.after.every((id) => done.has(id))
        )
          begin(step);
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  const lost = lostLocks(context);
  if (failures.length === 0 && lost.length > 0)
    failures.push(
      failure('fenced', `the lock was lost on ${lost.join(', ')}`, { cause: await reasonOf(context) }),
    );
  return { attempted, failures };
}

const reasonOf = async (context: Context): Promise<string> => {
  const lock = [...context.locks.values()].find((l) => !l.held());
  return lock === undefined ? 'unknown' : lock.lost;
};

async function runStep(context: Context, step: Step, view: View): Promise<Failure | undefined> {
  const action = actionNamed(step.action);
  const { id, subject, nodes, summary } = step;
  const event = { type: 'step', phase: 'commit', id, action: step.action, subject, nodes, summary } as const;
  const report = (status: 'started' | 'done' | 'failed' | 'unknown', message?: string): void =>
    context.emit({ ...event, status, ...(message !== undefined && { message }) });
  report('started');
  if (action.hearsMs !== undefined) {
    await context.clock.sleep(action.hearsMs, context.signal).catch(() => undefined);
    if (isAborted(context)) {
      report('failed', 'interrupted');
      return interrupted();
    }
  }
  const problem =
    (await refusedAtCommit(context, step, action)) ??
    (await runCalls(context, action.calls(step.args, view, context.owner.transaction))) ??
    (await waitForEffect(context, step, action));
  // Later steps may send commands to a glusterd that this step has started.
  if (context.glusterds.hasUnsettled) await awaitSettled(context);
  if (problem === undefined) {
    report('done');
    return undefined;
  }
  if (problem.kind !== 'unknown') {
    report('failed', problem.message);
    return stepFailure(step, problem.message);
  }
  report('unknown', problem.message);
  const standing = await resolveUnknown(context, step, action);
  if (standing === 'done') {
    report('done', 'seen to be done');
    return undefined;
  }
  report('failed', `seen to be ${standing}`);
  const seen = standing === 'undone' ? 'not done' : 'done on some nodes only';
  return stepFailure(step, `${problem.message}; observed again: ${seen}`);
}

/** Why a step that is checked again at the commit does not run. */
async function refusedAtCommit(
  context: Context,
  step: Step,
  action: AnyAction,
): Promise<NotDone | undefined> {
  if (action.checkedAtCommit !== true) return undefined;
  const problems = action.requires(step.args, await context.observer.observe(), context.desired);
  return problems.length === 0 ? undefined : { kind: 'failed', message: problems.join('; ') };
}

const stepFailure = (step: Step, cause: string): Failure =>
  failure('commit-failed', `"${step.summary}" failed`, { cause });

/**
 * For actions whose effect comes after their answer. Half way, the calls that are still needed run once more.
 */
async function waitForEffect(context: Context, step: Step, action: AnyAction): Promise<NotDone | undefined> {
  const { effectMs } = action;
  if (effectMs === undefined) return undefined;
  const judge = (v: View): readonly string[] => (action.standing(step.args, v) === 'done' ? [] : ['not yet']);
  const first = await context.observer.waitFor(effectMs / 2, judge);
  if (first.problems.length === 0) return undefined;
  const problem = await runCalls(context, action.calls(step.args, first.view, context.owner.transaction));
  if (problem !== undefined) return problem;
  const second = await context.observer.waitFor(effectMs / 2, judge);
  if (second.problems.length === 0) return undefined;
  return { kind: 'failed', message: `not in effect after ${String(effectMs / 1000)} s` };
}

/** Waits until the command itself has ended on the node, then lets `standing` decide. */
const resolveUnknown = async (context: Context, step: Step, action: AnyAction): Promise<Standing> =>
  action.standing(step.args, await context.observer.whenIdle(context.owner.transaction));
