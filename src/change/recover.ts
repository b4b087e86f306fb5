/**
 * `recover`: repairs what the nodes disagree about, pass by pass until nothing is left. Refuses to decide
 * what only a person can.
 */
import { failure } from '../core/failure.ts';
import { ok } from '../core/result.ts';
import type { Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { nextOf, type NextContext } from '../plan/next.ts';
import { compileRecovery, type Recovery } from '../plan/recover.ts';
import type { View } from '../view/view.ts';
import {
  type Change,
  type Consent,
  destructiveRefusal,
  ended,
  NO_CONSENT,
  stepCount,
  failuresOf,
  type Proposal,
  type Wait,
} from './change.ts';

/**
 * A repair may reveal the next fault: once glusterd is started, its bricks can be judged. Bricks of a set are
 * restarted one per pass.
 */
export const PASSES_MAX = 60;
/** Each next brick of a set is restarted when the heals of the one before are over. */
const HEALS_MS = 30 * 60_000;

export interface RecoverOptions {
  readonly desired: Desired;
  /** As given on the command line. */
  readonly file: string;
  readonly allowDestroy: readonly string[];
  /** Volume → the node whose copy is right. */
  readonly prefer: ReadonlyMap<string, string>;
  /** Of unfinished transactions; none by default. */
  readonly consent?: Consent;
}

export function recoverChange(options: RecoverOptions): Change {
  const { desired, prefer, consent = NO_CONSENT } = options;
  const recover = (view: View): Recovery => compileRecovery({ view, desired, prefer });
  return {
    name: 'recover',
    desired,
    passesMax: PASSES_MAX,
    finishesUnfinished: true,
    consent,
    named: { destroy: options.allowDestroy, prefer },
    isNews: ({ steps, findings }, isRepeated) => steps.length > 0 || (findings.length > 0 && !isRepeated),
    propose: async ({ view }) => {
      const recovery = recover(view);
      const { plan } = recovery;
      return ok({
        ...repairs(recovery, recover, desired),
        plan,
        refusal: refusalOf(recovery, view, options),
        question: `Run ${stepCount(plan)} on ${plan.cluster}?`,
      });
    },
  };
}

/** What the passes of `recover` and `apply` have in common. `recover`: what is to be repaired by then. */
export const repairs = (
  recovery: Recovery,
  recover: (view: View) => Recovery,
  desired: Desired,
): Omit<Proposal, 'plan' | 'refusal' | 'question'> => ({
  desired,
  goal: { plan: (seen) => recover(seen).plan, blockers: () => [], remaining, revealsFaults: true },
  notes: [],
  wait: waitOf(recovery, recover),
  goesOn: true,
  isReplanned: true,
});

/** New steps are the next pass; the same step again means that this one repaired nothing. */
const remaining = (again: Plan, done: Plan): readonly Step[] =>
  again.steps.filter((s) => done.steps.some((d) => sameWork(d) === sameWork(s)));

/** A process that is there again is another process, and the same fault. */
const sameWork = ({ id, args }: Step): string =>
  JSON.stringify([id, args], (key, value: unknown) => (OF_A_PROCESS.has(key) ? undefined : value));

const OF_A_PROCESS: ReadonlySet<string> = new Set(['pid', 'startTicks']);

function waitOf({ plan, questions, waits }: Recovery, recover: (view: View) => Recovery): Wait | undefined {
  if (plan.steps.length + questions.length > 0 || waits.length === 0) return undefined;
  return {
    what: waits,
    limitMs: HEALS_MS,
    judge: (seen) => {
      const again = recover(seen);
      return again.plan.steps.length > 0 ? [] : again.waits;
    },
    expired: (what) =>
      ended('decision-needed', [
        failure('decision-needed', 'a repair still waits for heals', {
          details: what,
          fix: '"gluster volume heal VOLUME info" shows what is left; then recover again',
        }),
      ]),
  };
}

/** Questions first: with one open, nothing is touched. */
function refusalOf(
  { plan, questions, unrepaired, deferred }: Recovery,
  view: View,
  { desired, file, allowDestroy, prefer }: RecoverOptions,
): RunResult | undefined {
  if (questions.length > 0) return unanswered(questions, 'recover');
  if (plan.steps.length > 0)
    return destructiveRefusal(plan, view, {
      desired,
      allowed: allowDestroy,
      command: `glusterctl recover ${file}`,
    });
  if (unrepaired.length + deferred.length === 0)
    return { ...ended('nothing-to-do', []), ...pendingIn({ view, desired, prefer }, file) };
  const later = deferred.map((f): Finding => ({ ...f, remedy: DEFERRED }));
  return ended('decision-needed', failuresOf('decision-needed', [...unrepaired, ...later]));
}

/** Nodes that agree are not yet as the file says. */
function pendingIn(context: NextContext, file: string): Pick<RunResult, 'pending'> {
  const { plan, refusals } = nextOf(context);
  const refused = refusals.filter((f) => f.severity === 'error');
  const changes = plan.steps.length + (plan.later ?? []).length + refused.length;
  return changes === 0 ? {} : { pending: { changes, command: `glusterctl plan ${file}` } };
}

export const unanswered = (questions: Recovery['questions'], command: 'apply' | 'recover'): RunResult =>
  ended(
    'decision-needed',
    questions.map(({ question, flags }) =>
      failure(
        'decision-needed',
        question,
        flags.length === 0 ? {} : { fix: `${command} with ${flags.join(', or ')}` },
      ),
    ),
  );

const DEFERRED =
  'first repair what keeps glusterd from being stopped and started there, then run recover again';
