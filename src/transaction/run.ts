/**
 * One transaction from lock to unlock; the phases have glusterd's names. Owns their order and what each
 * failure means for the outcome. Refuses to know what a step does: that is its action's.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { RunResult } from '../model/event.ts';
import type { Plan, Step } from '../model/plan.ts';
import { commit } from './commit.ts';
import { type Context, everywhere } from './context.ts';
import type { Before } from './journal.ts';
import { closeWithout, staysFailure, staysOf } from './final.ts';
import { CLOSE_MS, JOURNALS_KEPT } from './limits.ts';
import { lockAll, unlockAll } from './lock.ts';
import { closeCommitted } from './marks.ts';
import { performAll } from './perform.ts';
import { begin, end, ended, inPhase, interrupted, isAborted, notice, outcomeOf } from './phase.ts';
import { postValidate } from './post-validate.ts';
import { preValidate } from './pre-validate.ts';
import { incompleteFailure, manualSteps } from './rollback/manual-steps.ts';
import { rollBackAndMark } from './rollback/rollback.ts';

/** Emits everything but the result, which it returns. Never rejects for what happens on a node. */
export async function runTransaction(context: Context, shown: Plan): Promise<RunResult> {
  const locked = await inPhase(context, 'lock', () => lockAll(context));
  if (locked.failures.length > 0) {
    await unlockAll(context);
    return ended(context, outcomeOf(locked.failures), locked.failures);
  }
  const result = await underLock(context, shown);
  begin(context, 'unlock');
  const closed = result.outcome === 'applied' ? await closeJournals(context, result) : result;
  await unlockAll(context);
  end(context, 'unlock', closed.outcome === result.outcome);
  return closed;
}

async function underLock(context: Context, shown: Plan): Promise<RunResult> {
  const prepared = await inPhase(context, 'pre-validate', () => preValidate(context, shown));
  const { before } = prepared;
  if (before === undefined) return ended(context, outcomeOf(prepared.failures), prepared.failures);
  if (isAborted(context)) return await rollBackAfter(context, [interrupted()], [], before);

  const { attempted, ...committed } = await inPhase(context, 'commit', () =>
    commit(context, before.journal.plan.steps, before.view),
  );
  if (committed.failures.length > 0)
    return await rollBackAfter(context, committed.failures, attempted, before);

  const validated = await inPhase(context, 'post-validate', () => postValidate(context, shown, before));
  if (validated.failures.length > 0)
    return await rollBackAfter(context, validated.failures, attempted, before);
  return ended(context, 'applied');
}

/**
 * One node that says committed is enough: whoever finishes the others goes forward. Where none does, the next
 * run would see a transaction that never ended, so it is not called applied.
 */
async function closeJournals(context: Context, applied: RunResult): Promise<RunResult> {
  const unmarked = await closeCommitted(context);
  await performAll(context, everywhere(context, { kind: 'journal-prune', keep: JOURNALS_KEPT }));
  const isClosed = unmarked.length < context.links.size;
  if (!isClosed) return ended(context, 'not-closed', [notClosed(context), ...unmarked]);
  for (const f of unmarked) notice(context, `${f.title}: ${f.cause ?? ''}; the change itself is complete`);
  return applied;
}

const notClosed = ({ owner: { transaction } }: Context): Failure =>
  failure('rollback-incomplete', 'no node could mark its journal as committed', {
    cause: `it was tried for ${String(CLOSE_MS / 1000)} s; every step is in effect on all nodes`,
    fix:
      'repair what is named below; then ' +
      `"glusterctl recover FILE --abandon ${transaction}" closes the journals, and the change stays; ` +
      '"glusterctl recover FILE" alone rolls it back',
  });

/** The first failure stays the first; those of the rollback come after it. */
async function rollBackAfter(
  context: Context,
  first: readonly Failure[],
  attempted: readonly Step[],
  before: Before,
): Promise<RunResult> {
  const stays = await staysOf(context, attempted, before.transaction);
  if (stays !== undefined) {
    const unmarked = await closeWithout(context, context.links.keys(), before.transaction, stays);
    return ended(context, 'rollback-incomplete', [...first, staysFailure(stays), ...unmarked]);
  }
  const { failures, residue, isSuperseded } = await rollBackAndMark(context, attempted, before);
  if (isSuperseded) return ended(context, 'rollback-incomplete', [...first, ...failures]);
  if (residue.length > 0) {
    const all = [...first, incompleteFailure(residue, 'then "glusterctl doctor FILE"'), ...failures];
    return ended(context, 'rollback-incomplete', all, manualSteps(residue, before));
  }
  for (const f of failures) notice(context, `${f.title}${f.cause === undefined ? '' : `: ${f.cause}`}`);
  const wasInterrupted = first.some((f) => f.code === 'interrupted');
  return ended(context, wasInterrupted ? 'interrupted' : 'rolled-back', first);
}
