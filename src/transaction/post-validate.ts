/**
 * The post-validate phase. Owns what success is: every step is in effect, the nodes agree, what ran before
 * runs, and the plan computed again has nothing to do.
 */
import { actionNamed } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import { kindOf } from '../findings/index.ts';
import type { Finding, Plan } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { runAfterChange } from './after-change.ts';
import type { Context } from './context.ts';
import type { BeforeCommit, Journal } from './journal.ts';
import { CRASH_STARTS_MAX, FRESH_MS, POST_VALIDATE_MS } from './limits.ts';
import { lostLocks } from './lock.ts';
import { interrupted, isAborted, notice, type PhaseResult } from './phase.ts';
import { missingIn, startMissing } from './revive.ts';
import { touchedVolumes } from './rollback/compare.ts';

export async function postValidate(
  context: Context,
  shown: Plan,
  before: BeforeCommit,
): Promise<PhaseResult> {
  const judged = { shown, journal: before.journal, known: knownFaults(context, shown, before.view) };
  const { view, problems } = await waitForEnd(context, judged);
  const lost = lostLocks(context);
  if (lost.length > 0)
    return { failures: [failure('fenced', `the lock was lost on ${lost.join(', ')} after the commit`)] };
  if (isAborted(context)) return { failures: [interrupted()] };
  const after = await runAfterChange(context, touchedVolumes(shown.steps), view);
  const { missing, newFindings } = judgeEnd(context, judged, after.view);
  const notices = [
    ...newFindings,
    ...after.failures.map((f) => f.title),
    ...problems.map((f) => `${f.title}: ${f.cause ?? ''}`),
  ];
  for (const message of notices) notice(context, message);
  const problemsLeft = [...missing, ...context.glusterds.restartedIn(after.view)];
  return { failures: problemsLeft.length === 0 ? [] : [notReached(problemsLeft)] };
}

/**
 * Waits until nothing is missing, and for a while until no new finding is left either: daemons come back
 * after a restart. A glusterd that is restarted meanwhile is waited for, and what it has lost is started.
 */
async function waitForEnd(
  context: Context,
  judged: Judged,
): Promise<{ readonly view: View; readonly problems: readonly Failure[] }> {
  const { observer, glusterds, clock } = context;
  const { journal } = judged;
  const problems = [...(await startMissing(context, journal))];
  const isGivenUp = (): boolean => isAborted(context) || lostLocks(context).length > 0;
  const isRestarted = (view: View): boolean => glusterds.restartedIn(view).length > 0;
  const newFindingsUntil = clock.now() + FRESH_MS;
  const judge = (view: View): readonly string[] => {
    if (isGivenUp() || isRestarted(view)) return [];
    const { missing, newFindings } = judgeEnd(context, judged, view);
    return clock.now() < newFindingsUntil ? [...missing, ...newFindings] : missing;
  };
  let { view } = await observer.waitFor(POST_VALIDATE_MS, judge);
  for (let crashes = 0; isRestarted(view) && crashes < CRASH_STARTS_MAX && !isGivenUp(); crashes++) {
    problems.push(...(await startMissing(context, journal)));
    ({ view } = await observer.waitFor(POST_VALIDATE_MS, judge));
  }
  return { view, problems };
}

/** What the end is judged against. */
interface Judged {
  readonly shown: Plan;
  readonly journal: Journal;
  /** Faults from before the commit, by code and subject. */
  readonly known: ReadonlySet<string>;
}

/** As the plan showed them, and as they were under the lock. */
const knownFaults = ({ goal }: Context, shown: Plan, view: View): ReadonlySet<string> =>
  new Set([...shown.findings, ...goal.plan(view).findings].map(keyOf));

interface End {
  /** Why the change does not count as applied, each a sentence. */
  readonly missing: readonly string[];
  /** Lesser findings that are new since the plan was made. Those that stay are notices, and no failure. */
  readonly newFindings: readonly string[];
}

function judgeEnd({ goal }: Context, { shown, journal, known }: Judged, view: View): End {
  const plan = goal.plan(view);
  const isNew = (f: Finding): boolean => f.severity !== 'info' && !known.has(keyOf(f));
  const fresh = plan.findings.filter(isNew);
  const isFailure = (f: Finding): boolean => isFault(f) && goal.revealsFaults !== true;
  return {
    missing: [
      ...[...view.failed.keys()].map((node) => `${node} could not be read`),
      ...shown.steps
        .filter((s) => actionNamed(s.action).standing(s.args, view) !== 'done')
        .map((s) => `not in effect everywhere: ${s.summary}`),
      ...goal.blockers(plan, view).map((f) => f.message),
      ...goal.remaining(plan, shown).map((s) => `still to do: ${s.summary}`),
      ...missingIn(view, journal).map((m) => `${m.what} ran before and does not run now`),
      ...fresh.filter(isFailure).map((f) => `new since the commit: ${f.message}`),
    ],
    newFindings: fresh.filter((f) => !isFailure(f)).map((f) => f.message),
  };
}

/** Nodes that hold different things count, though no error comes of it yet: they disagree. */
const isFault = (f: Finding): boolean => f.severity === 'error' || kindOf(f)?.isDisagreement === true;

const keyOf = (finding: Finding): string => `${finding.code} ${finding.subject}`;

const notReached = (missing: readonly string[]): Failure =>
  failure('post-validate-failed', 'the cluster did not reach the planned state', {
    cause: `after ${String(POST_VALIDATE_MS / 1000)} s these were still wrong`,
    details: [...new Set(missing)].slice(0, 20),
  });
