/**
 * A change as a record: `apply`, `recover` and `restore` are one each, and run-change.ts runs them. Owns the
 * shapes, and the refusals that they share.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { count } from '../core/text.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Desired } from '../model/desired.ts';
import type { VolumeName } from '../model/names.ts';
import type { Changed, ChangeName, Event, Outcome, RunResult } from '../model/event.ts';
import type { LockOwner } from '../model/transaction.ts';
import { byCause } from '../model/causes.ts';
import type { Finding, Plan } from '../model/plan.ts';
import { isOfFile, unallowed } from '../plan/gate.ts';
import { destroysProtected } from '../plan/protection.ts';
import type { Named } from './named.ts';
import type { Goal } from '../transaction/context.ts';
import type { Glusterds } from '../view/settled.ts';
import type { View } from '../view/view.ts';

/** What a person has decided beforehand about unfinished transactions. */
export interface Consent {
  /** Our part is taken back, though it is old or its volumes were changed since. */
  readonly finish: ReadonlySet<string>;
  /** The journal is closed, with everything as it is. */
  readonly abandon: ReadonlySet<string>;
  /** Volumes that are put back as they were before, without what others have changed since. */
  readonly discard: ReadonlySet<VolumeName>;
}

export const NO_CONSENT: Consent = { finish: new Set(), abandon: new Set(), discard: new Set() };

export interface Change {
  readonly name: ChangeName;
  readonly desired: Desired;
  /** A pass opens the cluster, and plans from what it observes then; more passes than this are a loop. */
  readonly passesMax: number;
  /** Unfinished transactions are finished before anything is planned; otherwise `propose` judges them. */
  readonly finishesUnfinished: boolean;
  /** What a person has decided about them beforehand. */
  readonly consent: Consent;
  /** What flags name besides. */
  readonly named: Named;
  /** Makes the proposal of a pass, or refuses what needs no plan to be refused. */
  readonly propose: (opened: Opened, signal: AbortSignal) => Promise<Result<Proposal, RunResult>>;
  /** Whether the plan is shown; `isRepeated`: after a pass that changed something. */
  readonly isNews: (plan: Plan, isRepeated: boolean) => boolean;
}

/** What one pass would do. */
export interface Proposal {
  /** Shown, asked about, and run. */
  readonly plan: Plan;
  /** What the plan was made for: the file's, or that of an earlier transaction. */
  readonly desired: Desired;
  readonly goal: Goal;
  /** What else a person has to know, each a sentence. */
  readonly notes: readonly string[];
  /** To be waited for, with nothing locked, before anything can be proposed. */
  readonly wait: Wait | undefined;
  readonly refusal: RunResult | undefined;
  readonly question: string;
  /** Another pass follows when this is done; otherwise the change is complete. */
  readonly goesOn: boolean;
  /** Its steps are what the file asks for, and no repairs. */
  readonly isChange?: true;
  /** Where the cluster has moved on meanwhile, another pass plans again, instead of a refusal. */
  readonly isReplanned?: true;
}

/** A wait for something that happens by itself. */
export interface Wait {
  readonly what: readonly string[];
  readonly limitMs: number;
  /** What is still waited for, in words. */
  readonly judge: (view: View) => readonly string[];
  /** The result when the limit is reached. */
  readonly expired: (what: readonly string[]) => RunResult;
  /** How far it is, in words, where nodes can say. */
  readonly progress?: (view: View) => Promise<readonly string[]>;
  /** What goes on, and how to come back to it: of a person who does not wait for the end. */
  readonly comeBack?: string;
}

/** A cluster that can be changed, or why not. */
export interface Opened extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly view: View;
  /** Under the lock there is no wait for the same processes. */
  readonly settled?: Glusterds;
  readonly refusal?: RunResult;
}

/**
 * Where a change runs: the nodes, the person, the output. All that belongs to a process is behind these
 * functions.
 */
export interface Host {
  readonly open: (desired: Desired) => Promise<Cluster>;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  readonly newOwner: () => LockOwner;
  /** Milliseconds since the epoch of a time as an owner has it; not a number where it is none. */
  readonly timeOf: (since: string) => number;
  readonly showPlan: (plan: Plan) => void;
  readonly showUnfinished: (sentences: readonly string[]) => void;
  /** Prints a sentence beside the results. */
  readonly remark: (sentence: string) => void;
  /** Reports what goes on while nothing is locked. */
  readonly notify: (message: string) => void;
  readonly canAsk: () => boolean;
  /** Questions are answered by a person, and not by a flag. */
  readonly hasPerson: () => boolean;
  readonly confirm: (question: string) => Promise<boolean>;
  /** Hears of each transaction that was completed, with others to follow. */
  readonly onChanged?: (changed: Changed) => void;
  /** Begins the display of a transaction. */
  readonly progress: () => Progress;
}

export interface Progress {
  readonly onEvent: (event: Event) => void;
  readonly finish: () => Promise<void>;
}

export const ended = (outcome: Outcome, failures: readonly Failure[]): RunResult => ({
  outcome,
  failures,
  owed: [],
});

/**
 * Findings that keep a change from running, as its failures: causes alone, their effects go with them. What
 * the file asks for and no cluster can become is a mistake of the file.
 */
export const failuresOf = (
  code: 'decision-needed' | 'precondition-failed',
  findings: readonly Finding[],
): readonly Failure[] =>
  byCause(findings).map(({ cause }) =>
    failure(isOfFile(cause) ? 'invalid-input' : code, cause.message, {
      cause: cause.code,
      details: cause.evidence,
      fix: cause.remedy,
    }),
  );

interface Allowed {
  readonly desired: Desired;
  /** What `--allow-destroy` names. */
  readonly allowed: readonly string[];
  /** As given, for the fix with the flag. */
  readonly command: string;
}

/** Refuses steps that destroy what is protected, or what no flag names. */
export function destructiveRefusal(
  plan: Plan,
  view: View,
  { desired, allowed, command }: Allowed,
): RunResult | undefined {
  const kept = destroysProtected(plan, view, desired);
  if (kept.length > 0) return ended('decision-needed', failuresOf('decision-needed', kept));
  const destructive = unallowed(plan, view, allowed);
  if (destructive.length === 0) return undefined;
  return ended(
    'decision-needed',
    destructive.map(({ step, subject }) =>
      failure('decision-needed', `"${step.summary}" requires --allow-destroy ${subject}`, {
        cause: step.reason,
        fix: `${command} --allow-destroy ${subject}`,
      }),
    ),
  );
}

export const stepCount = ({ steps }: Plan): string => count(steps.length, 'step');
