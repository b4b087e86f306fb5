/**
 * One transaction from lock to unlock, as glusterd names the phases. Owns their order and what each failure
 * means for the outcome; what a step does is its action's, what a plan is the planner's.
 */
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Outcome, Phase, RunResult } from '../model/event.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { compareBasis } from '../plan/basis.ts';
import type { Waiting } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { actionNamed } from '../actions/index.ts';
import { commit } from './commit.ts';
import { touchedVolumes } from './rollback/compare.ts';
import { type Context, everywhere, onSome, waitFor } from './context.ts';
import { performAll } from './perform.ts';
import { missingIn, startMissing } from './revive.ts';
import { awaitSettled, restartedSince, waitingWords } from './settled.ts';
import { type Before, beforeOf, type Journal, journalOf } from './journal.ts';
import { CRASH_STARTS_MAX, FRESH_MS, JOURNALS_KEPT, POST_VALIDATE_MS, SETTLE_MS } from './limits.ts';
import { lockAll, lostLocks, unlockAll } from './lock.ts';
import { manualSteps } from './rollback/manual-steps.ts';
import { runAfterChange } from './after-change.ts';
import { reconnectLostNodes, rollback, type RolledBack } from './rollback/rollback.ts';

/** Emits everything but the result, which it returns. Never rejects for anything that happens out there. */
export async function runTransaction(context: Context, shown: Plan): Promise<RunResult> {
  const locked = await phase(context, 'lock', () => lockAll(context));
  if (locked.length > 0) {
    await unlockAll(context);
    return result(context, outcomeOf(locked), locked);
  }
  const { outcome, failures, owed } = await underLock(context, shown);
  if (outcome !== 'applied') begin(context, 'unlock');
  await unlockAll(context);
  end(context, 'unlock', true);
  return result(context, outcome, failures, owed);
}

interface Ending {
  readonly outcome: Outcome;
  readonly failures: readonly Failure[];
  readonly owed: RunResult['owed'];
}

const ending = (outcome: Outcome, failures: readonly Failure[], owed: RunResult['owed'] = []): Ending => ({
  outcome,
  failures,
  owed,
});

async function underLock(context: Context, shown: Plan): Promise<Ending> {
  const prepared = await preValidate(context, shown);
  if (!prepared.ok) return ending(outcomeOf(prepared.error), prepared.error);
  const { view, journal } = prepared.value;
  const before = beforeOf(context.owner.transaction, journal, view);
  if (isAborted(context)) return await rollBackAfter(context, [], before, [interrupted()]);

  begin(context, 'commit');
  const marked = await performAll(context, everywhere(context, markOp(context, 'committing')), 'commit');
  const committed =
    marked.length > 0 ? { attempted: [], failures: marked } : await commit(context, shown.steps, view);
  const stopped =
    committed.failures.length === 0 && isAborted(context) ? [interrupted()] : committed.failures;
  end(context, 'commit', stopped.length === 0);
  if (stopped.length > 0) return await rollBackAfter(context, committed.attempted, before, stopped);

  const amiss = await phase(context, 'post-validate', () => postValidate(context, shown, before.journal));
  if (amiss.length > 0) return await rollBackAfter(context, committed.attempted, before, amiss);
  begin(context, 'unlock');
  const unmarked = await markAll(context, 'committed', 'unlock');
  await performAll(context, everywhere(context, { kind: 'journal-prune', keep: JOURNALS_KEPT }), 'unlock');
  for (const f of unmarked) notice(context, `${f.title}: ${f.cause ?? ''}; the change itself is complete`);
  return ending('applied', []);
}

/** A node lost on the way gets a new wire, so that its journal does not stay open though all is over. */
async function markAll(
  context: Context,
  state: 'committed' | 'rolled-back',
  during: Phase,
): Promise<readonly Failure[]> {
  const op = markOp(context, state);
  const unmarked = await performAll(context, everywhere(context, op), during);
  if (unmarked.length === 0 || lostLocks(context).length === 0) return unmarked;
  await reconnectLostNodes(context);
  const again = [...context.links.keys()].filter((node) => unmarked.some((f) => f.node === node));
  return await performAll(context, onSome(context, again, op), during);
}

interface Prepared {
  readonly view: View;
  readonly journal: Journal;
}

/**
 * Everything is still as planned, nothing stands against it, and every node has written down how to take it
 * back.
 */
async function preValidate(context: Context, shown: Plan): Promise<Result<Prepared, readonly Failure[]>> {
  begin(context, 'pre-validate');
  const prepared = await prepare(context, shown);
  end(context, 'pre-validate', prepared.ok);
  return prepared;
}

async function prepare(context: Context, shown: Plan): Promise<Result<Prepared, readonly Failure[]>> {
  const { view, waiting } = await awaitSettled(context, 'pre-validate');
  if (view.failed.size > 0) return err([...view.failed.values()]);
  if (isAborted(context)) return err([interrupted()]);
  if (context.unsettled.size > 0) return err([unsettledFailure(waiting)]);
  const plan = context.goal.plan(view);
  const moved = compareBasis(shown.basis, plan.basis);
  if (moved.length > 0 || planText(plan) !== planText(shown))
    return err([
      failure('plan-outdated', 'the cluster is no longer as it was when this plan was made', {
        details: moved.length > 0 ? moved : ['the steps that the file asks for are others now'],
        fix: 'make the plan again, look at it, and apply that',
      }),
    ]);
  const against = context.goal.blockers(plan, view);
  if (against.length > 0)
    return err(
      against.map((f) =>
        failure('precondition-failed', f.message, { details: f.evidence, fix: f.remedy, cause: f.code }),
      ),
    );
  const journal = journalOf(context.owner.transaction, plan, view);
  const op = { kind: 'journal-prepare', owner: context.owner, plan: JSON.stringify(journal) } as const;
  const [written, spared] = await Promise.all([
    performAll(context, everywhere(context, op), 'pre-validate'),
    performAll(context, everywhere(context, { kind: 'spare-bricks' }), 'pre-validate'),
  ]);
  const failures = [...written, ...spared];
  if (failures.length === 0) return ok({ view, journal });
  await markAll(context, 'rolled-back', 'pre-validate');
  return err(failures.map((f) => ({ ...f, title: `nothing was changed: ${f.title}` })));
}

const planText = (plan: Plan): string => JSON.stringify(plan.steps.map((s) => [s.id, s.args, s.nodes]));

const markOp = (context: Context, state: 'committing' | 'committed' | 'rolled-back' | 'owed') =>
  ({ kind: 'journal-mark', transaction: context.owner.transaction, state }) as const;

/**
 * Only this is success: every step seen to be in effect, no disagreement, and nothing left of the plan
 * computed anew. Faults that were not there before are waited for too (daemons come back after a restart);
 * what stays of them is told.
 */
async function postValidate(context: Context, shown: Plan, journal: Journal): Promise<readonly Failure[]> {
  const problems = [...(await startMissing(context, journal, 'post-validate'))];
  const known = new Set(shown.findings.map(keyOf));
  const given = (): boolean => context.signal.aborted || lostLocks(context).length > 0;
  const look = (view: View): { readonly amiss: string[]; readonly fresh: readonly string[] } => {
    const plan = context.goal.plan(view);
    return {
      amiss: [
        ...[...view.failed.keys()].map((node) => `${node} could not be read`),
        ...shown.steps
          .filter((s) => actionNamed(s.action).standing(s.args, view) !== 'done')
          .map((s) => `not in effect everywhere: ${s.summary}`),
        ...context.goal.blockers(plan, view).map((f) => f.message),
        ...context.goal.remaining(plan, shown).map((s) => `still to do: ${s.summary}`),
        ...missingIn(view, journal).map((m) => `${m.what} ran before and does not run now`),
      ],
      fresh: plan.findings.filter((f) => f.severity !== 'info' && !known.has(keyOf(f))).map((f) => f.message),
    };
  };
  const patience = context.clock.now() + FRESH_MS;
  const judge = (seen: View): readonly string[] => {
    const { amiss, fresh } = look(seen);
    if (given() || restartedSince(context, seen).length > 0) return [];
    return context.clock.now() < patience ? [...amiss, ...fresh] : amiss;
  };
  let { view } = await waitFor(context, POST_VALIDATE_MS, judge);
  for (
    let crashes = 0;
    restartedSince(context, view).length > 0 && crashes < CRASH_STARTS_MAX && !given();
    crashes++
  ) {
    problems.push(...(await startMissing(context, journal, 'post-validate')));
    ({ view } = await waitFor(context, POST_VALIDATE_MS, judge));
  }
  const lost = lostLocks(context);
  if (lost.length > 0) return [failure('fenced', `the lock was lost on ${lost.join(', ')} after the commit`)];
  if (context.signal.aborted) return [interrupted()];
  const stored = await runAfterChange(context, touchedVolumes(shown.steps), view);
  const { amiss, fresh } = look(stored.view);
  for (const message of [
    ...fresh,
    ...stored.failures.map((f) => f.title),
    ...problems.map((f) => `${f.title}: ${f.cause ?? ''}`),
  ])
    notice(context, message);
  amiss.push(...restartedSince(context, stored.view));
  if (amiss.length === 0) return [];
  return [
    failure('post-validate-failed', 'the cluster did not come to the planned state', {
      cause: `after ${String(POST_VALIDATE_MS / 1000)} s these were still amiss`,
      details: [...new Set(amiss)].slice(0, 20),
    }),
  ];
}

const keyOf = (finding: Finding): string => `${finding.code} ${finding.subject}`;

/** The journal says how it ended: rolled back, or owed. */
export async function rollBackAndMark(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<RolledBack> {
  begin(context, 'rollback');
  const { failures, residue: left, superseded: taken } = await rollback(context, attempted, before);
  if (taken) {
    end(context, 'rollback', false);
    return { failures, residue: left, superseded: taken };
  }
  const state = left.length === 0 ? 'rolled-back' : 'owed';
  const op = { kind: 'journal-mark', transaction: before.transaction, state } as const;
  const marks = await performAll(context, onSome(context, before.stores.keys(), op), 'rollback');
  end(context, 'rollback', left.length === 0);
  return { failures: [...failures, ...marks], residue: left, superseded: taken };
}

export const incompleteFailure = (left: RolledBack['residue']): Failure =>
  failure('rollback-incomplete', 'the rollback is incomplete', {
    details: left.map((l) => l.what),
    fix: 'mend what is named, then "glusterctl recover FILE" settles the rest',
  });

/** The first error stays the first; what the rollback itself met comes after it. */
async function rollBackAfter(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  first: readonly Failure[],
): Promise<Ending> {
  const { failures, residue: left, superseded: taken } = await rollBackAndMark(context, attempted, before);
  if (taken) return ending('rollback-incomplete', [...first, ...failures]);
  const clean = left.length === 0;
  const wasInterrupted = first.some((f) => f.code === 'interrupted');
  if (clean) {
    for (const f of failures) notice(context, `${f.title}${f.cause === undefined ? '' : `: ${f.cause}`}`);
    return ending(wasInterrupted ? 'interrupted' : 'rolled-back', first);
  }
  const incomplete = failure('rollback-incomplete', 'the rollback is incomplete', {
    details: left.map((l) => l.what),
    fix: 'mend what is named, then "glusterctl doctor FILE"',
  });
  return ending(
    'rollback-incomplete',
    [...first, incomplete, ...failures],
    manualSteps(left, context.owner.transaction),
  );
}

const isAborted = ({ signal }: Context): boolean => signal.aborted;

const interrupted = (): Failure => failure('interrupted', 'interrupted before it was done');

export const unsettledFailure = (waiting: readonly Waiting[]): Failure =>
  failure('precondition-failed', 'glusterd is not settled', {
    cause: `it was waited for ${String(SETTLE_MS / 1000)} s: ${waitingWords(waiting)}`,
    fix: 'look at /var/log/glusterfs/glusterd.log there, then run it again; nothing was changed',
  });

const begin = (context: Context, name: Phase): void => {
  context.phase = name;
  context.emit({ type: 'phase', phase: name, status: 'started' });
};
const end = (context: Context, name: Phase, good: boolean): void => {
  context.emit({ type: 'phase', phase: name, status: good ? 'done' : 'failed' });
};
const notice = (context: Context, message: string): void => {
  context.emit({ type: 'notice', level: 'warning', message });
};

async function phase(
  context: Context,
  name: Phase,
  work: () => Promise<readonly Failure[]>,
): Promise<readonly Failure[]> {
  begin(context, name);
  const failures = await work();
  end(context, name, failures.length === 0);
  return failures;
}

export function outcomeOf(failures: readonly Failure[]): Outcome {
  const has = (code: Failure['code']): boolean => failures.some((f) => f.code === code);
  if (has('cluster-locked')) return 'locked';
  if (has('precondition-failed') || has('plan-outdated') || has('command-failed')) return 'refused';
  return has('interrupted') ? 'interrupted' : 'unreachable';
}

function result(
  context: Context,
  outcome: Outcome,
  failures: readonly Failure[],
  owed: RunResult['owed'] = [],
): RunResult {
  return {
    outcome,
    transaction: context.owner.transaction,
    failures,
    owed,
  };
}
