/**
 * The pre-validate phase: the cluster is still as planned, nothing blocks the plan, and every node has
 * written its journal. Whatever fails here, nothing was changed.
 */
import { actionNamed } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Plan, Step } from '../model/plan.ts';
import { movedSince } from '../plan/basis.ts';
import { forbidding } from '../plan/gate.ts';
import type { View } from '../view/view.ts';
import { awaitSettled } from './await-settled.ts';
import { blockerFailures } from './blocked.ts';
import { runCalls } from './calls.ts';
import { type Context, everywhere } from './context.ts';
import { type BeforeCommit, beforeOf, type Journal, journalOf } from './journal.ts';
import { closeOwn } from './marks.ts';
import { performAll } from './perform.ts';
import { interrupted, isAborted, type PhaseResult } from './phase.ts';
import { unsettledFailure } from './settled.ts';
import { isOwedToLeftOut, unfinishedIn } from './unfinished.ts';

export interface Prepared extends PhaseResult {
  /** What a rollback works from; none where the phase has failed. */
  readonly before?: BeforeCommit;
}

export async function preValidate(context: Context, shown: Plan): Promise<Prepared> {
  const { view, waiting } = await awaitSettled(context);
  if (view.failed.size > 0) return { failures: [...view.failed.values()] };
  if (isAborted(context)) return { failures: [interrupted()] };
  if (context.glusterds.hasUnsettled) return { failures: [unsettledFailure(waiting)] };
  const plan = context.goal.plan(view);
  const outdated = outdatedFailure(shown, plan);
  if (outdated !== undefined) return { failures: [outdated] };
  const unfinished = unfinishedFailure(view);
  if (unfinished !== undefined) return { failures: [unfinished] };
  const blocked = blockerFailures([
    ...forbidding(context.desired, view),
    ...context.goal.blockers(plan, view),
  ]);
  if (blocked.length > 0) return { failures: blocked };
  const refused = await refusedByNodes(context, [...plan.steps, ...(shown.later ?? [])], view);
  if (refused.length > 0) return { failures: refused };
  const journal = journalOf(context.owner.transaction, plan, view);
  const failures = await writeJournals(context, journal);
  if (failures.length > 0) return { failures };
  return { failures, before: beforeOf(context.owner.transaction, journal, view) };
}

/** Exactly the plan that was shown is applied, or nothing is. */
function outdatedFailure(shown: Plan, plan: Plan): Failure | undefined {
  const moved = movedSince(shown, plan);
  if (moved.length === 0) return undefined;
  return failure('plan-outdated', 'the cluster is no longer as it was when this plan was made', {
    details: moved,
    fix: 'make the plan again, review it, and apply that',
  });
}

/**
 * Another controller may have died between our observation and our lock. No transaction begins over an
 * unfinished one: there is never more than one, and so none that could be finished in the wrong order.
 */
function unfinishedFailure(view: View): Failure | undefined {
  const unfinished = unfinishedIn(view).find((u) => !isOwedToLeftOut(u, view));
  if (unfinished === undefined) return undefined;
  return failure('plan-outdated', `transaction ${unfinished.id} was left unfinished meanwhile`, {
    details: [...unfinished.states].map(([node, state]) => `${node}: ${state}`),
    fix: 'run it again: that is finished first; nothing was changed',
  });
}

/**
 * What no observation shows: each step has its nodes check it first, also what comes in later passes. By then
 * it would be too late to refuse the rest.
 */
async function refusedByNodes(
  context: Context,
  steps: readonly Step[],
  view: View,
): Promise<readonly Failure[]> {
  const refused = await Promise.all(
    steps.map(async ({ action, args, summary }) => {
      const problem = await runCalls(context, actionNamed(action).checks?.(args, view) ?? []);
      if (problem === undefined) return [];
      return [failure('precondition-failed', `"${summary}" is refused`, { cause: problem.message })];
    }),
  );
  return refused.flat();
}

/**
 * From here on bricks outlive their glusterd. The nodes are read once more behind their before-images: what
 * others changed while these were written would be taken for the state before. Where a node cannot write its
 * journal, or something moved, all are closed again.
 */
async function writeJournals(context: Context, journal: Journal): Promise<readonly Failure[]> {
  const prepare = { kind: 'journal-prepare', owner: context.owner, plan: JSON.stringify(journal) } as const;
  const written = await performAll(context, everywhere(context, prepare));
  const [spared, view] = await Promise.all([
    performAll(context, everywhere(context, { kind: 'spare-bricks' })),
    context.observer.observe(),
  ]);
  const failed = [...written, ...spared, ...view.failed.values()];
  const outdated = failed.length > 0 ? undefined : outdatedFailure(journal.plan, context.goal.plan(view));
  const failures = outdated === undefined ? failed : [outdated];
  if (failures.length > 0) await closeOwn(context, 'rolled-back');
  return failures.map((f) => ({ ...f, title: `nothing was changed: ${f.title}` }));
}
