/** The one table of exit codes: of how a run ended, and of a failure before there was a run. */
import type { Failure, FailureCode } from '../core/failure.ts';
import type { Outcome, RunResult } from '../model/event.ts';

const BY_OUTCOME: { readonly [outcome in Exclude<Outcome, 'refused'>]: number } = {
  applied: 0,
  'nothing-to-do': 0,
  running: 0,
  'rolled-back': 3,
  'rollback-incomplete': 6,
  'not-closed': 6,
  locked: 5,
  unreachable: 7,
  'decision-needed': 8,
  declined: 8,
  interrupted: 130,
};

const BY_FAILURE: { readonly [code in FailureCode]: number } = {
  'invalid-input': 4,
  'plan-outdated': 4,
  'cluster-locked': 5,
  'rollback-incomplete': 6,
  'node-unreachable': 7,
  'node-unreadable': 7,
  'host-key-unknown': 7,
  'host-key-changed': 7,
  'auth-failed': 7,
  'privilege-denied': 7,
  'sudo-password-needed': 7,
  'sudo-password-wrong': 7,
  'sudo-not-allowed': 7,
  'sudo-needs-tty': 7,
  'connection-lost': 7,
  timeout: 7,
  'output-too-large': 7,
  'decision-needed': 8,
  'precondition-failed': 8,
  fenced: 6,
  'command-failed': 8,
  'commit-failed': 3,
  'post-validate-failed': 3,
  interrupted: 130,
};

/** Which of several failures decides: an incomplete rollback over everything, unreachable over refused. */
const GRAVITY = [6, 130, 5, 7, 8, 4, 3];
/**
 * Of a refusal, the first of these decides, whatever else failed beside it: a mistake of the file stays one,
 * whatever is decided and repaired.
 */
const REFUSAL: readonly FailureCode[] = [
  'plan-outdated',
  'invalid-input',
  'precondition-failed',
  'command-failed',
];

export const exitCodeOfFailures = (failures: readonly Failure[]): number =>
  GRAVITY.find((code) => failures.some((f) => BY_FAILURE[f.code] === code)) ?? 1;

export function exitCodeOf({ outcome, failures }: Pick<RunResult, 'outcome' | 'failures'>): number {
  if (outcome !== 'refused') return BY_OUTCOME[outcome];
  const why = REFUSAL.find((code) => failures.some((f) => f.code === code));
  return why === undefined ? exitCodeOfFailures(failures) : BY_FAILURE[why];
}
