/**
 * The commit phase: runs steps in their order, those of different subjects at once. Owns scheduling and the
 * settling of unknown outcomes by observing.
 */
import type { AnyAction, Calls, RestartCall } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { type Context, observe, waitFor } from './context.ts';
import { STEPS_AT_ONCE, UNKNOWN_RESOLVE_MS } from './limits.ts';
import { lostLocks } from './lock.ts';
import { perform } from './perform.ts';
import { checkStores, restart } from './restart.ts';
import { awaitSettled } from './settled.ts';

export interface Committed {
  /** Steps that were begun, in the order they were begun: a rollback looks at all of them. */
  readonly attempted: readonly Step[];
  readonly failures: readonly Failure[];
}

export async function commit(context: Context, steps: readonly Step[], view: View): Promise<Committed> {
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
          running.size < STEPS_AT_ONCE &&
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
  const tell = (status: 'started' | 'done' | 'failed' | 'unknown', message?: string): void => {
    context.emit({
      type: 'step',
      phase: 'commit',
      id,
      action: step.action,
      subject,
      nodes,
      summary,
      status,
      ...(message !== undefined && { message }),
    });
  };
  tell('started');
  const problem =
    (await refusedAtTheAct(context, step, action)) ??
    (await runCalls(context, action.calls(step.args, view))) ??
    (await waitForEffect(context, step, action));
  // What comes after it may ask a glusterd that this step has started.
  if (context.unsettled.size > 0) await awaitSettled(context, 'commit');
  if (problem?.kind === 'unknown') {
    tell('unknown', problem.message);
    const standing = await resolveUnknown(context, step, action);
    if (standing === 'done') {
      tell('done', 'seen to be done');
      return undefined;
    }
    tell('failed', `seen to be ${standing}`);
    return stepFailure(
      step,
      `${problem.message}; looked again: ${standing === 'undone' ? 'not done' : 'done on some nodes only'}`,
    );
  }
  if (problem === undefined) {
    tell('done');
    return undefined;
  }
  tell('failed', problem.message);
  return stepFailure(step, problem.message);
}

async function refusedAtTheAct(
  context: Context,
  step: Step,
  action: AnyAction,
): Promise<Problem | undefined> {
  if (action.checkedAtCommit !== true) return undefined;
  const against = action.requires(step.args, await observe(context), context.desired);
  return against.length === 0 ? undefined : { kind: 'failed', message: against.join('; ') };
}

const stepFailure = (step: Step, cause: string): Failure =>
  failure('commit-failed', `"${step.summary}" failed`, { cause });

interface Problem {
  readonly kind: 'failed' | 'unknown';
  readonly message: string;
}

/** In order, groups at once; the first that is not done ends it, after the rest of its group. */
export async function runCalls(context: Context, calls: Calls): Promise<Problem | undefined> {
  for (const call of calls) {
    if ('restart' in call) {
      const problem = await runRestart(context, call);
      if (problem !== undefined) return problem;
      continue;
    }
    const group = 'node' in call ? [call] : call;
    const outcomes = await Promise.all(
      group.map(async ({ node, op }) => ({ node, outcome: await perform(context, node, op) })),
    );
    for (const { node, outcome } of outcomes)
      if (outcome.kind !== 'done')
        return {
          kind: outcome.kind === 'unknown' ? 'unknown' : 'failed',
          message: `${node}: ${outcome.message}`,
        };
  }
  return undefined;
}

/** Nothing is stopped where the store of one of them could not be written: half of it would mend nothing. */
async function runRestart(context: Context, { restart: list }: RestartCall): Promise<Problem | undefined> {
  const of = new Map(list.map((r) => [r.node, r]));
  const what = {
    nodes: [...of.keys()],
    paths: (node: NodeName) => of.get(node)?.paths ?? [],
    work: (node: NodeName) => of.get(node)?.op,
  };
  const refused = await checkStores(context, what, context.phase);
  const failures = refused.length > 0 ? refused : (await restart(context, what, context.phase, [])).failures;
  const [first] = failures;
  return first && { kind: 'failed', message: `${first.node ?? 'cluster'}: ${first.cause ?? first.title}` };
}

/** For actions whose effect comes after their answer. */
async function waitForEffect(context: Context, step: Step, action: AnyAction): Promise<Problem | undefined> {
  if (action.settleMs === undefined) return undefined;
  const judge = (v: View): readonly string[] => (action.standing(step.args, v) === 'done' ? [] : ['not yet']);
  const first = await waitFor(context, action.settleMs / 2, judge);
  if (first.amiss.length === 0) return undefined;
  const problem = await runCalls(context, action.calls(step.args, first.view));
  if (problem !== undefined) return problem;
  const second = await waitFor(context, action.settleMs / 2, judge);
  if (second.amiss.length === 0) return undefined;
  return { kind: 'failed', message: `not in effect after ${String(action.settleMs / 1000)} s` };
}

/** Waits for the command itself to be gone from the node, then lets `standing` decide. */
async function resolveUnknown(
  context: Context,
  step: Step,
  action: AnyAction,
): Promise<'done' | 'undone' | 'partial'> {
  return action.standing(step.args, await observeWhenIdle(context, context.owner.transaction));
}

/**
 * The cluster once no command of the transaction runs any more. Where the answer of one was lost, a second
 * look is taken: it may have changed a store that the first had read already, and ended before the first
 * asked what runs.
 */
export async function observeWhenIdle(context: Context, transaction: string): Promise<View> {
  const { view } = await waitFor(context, UNKNOWN_RESOLVE_MS, (v) => stillRunning(transaction, v));
  return context.unanswered === true ? observe(context) : view;
}

/** Our own commands that outlived their caller, told by the transaction id in their environment. */
const stillRunning = (transaction: string, view: View): readonly string[] =>
  view.nodes.flatMap((n) =>
    n.marked
      .filter((m) => m.transaction === transaction)
      .map((m) => `a command of transaction ${transaction} still runs on ${n.node} (pid ${String(m.pid)})`),
  );
