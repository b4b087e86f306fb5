/** From failure to exit code, as DESIGN 2.3 promises. */
import type { Failure, FailureCode } from '../core/failure.ts';

const CODES: { readonly [code in FailureCode]: number } = {
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
  'connection-lost': 7,
  timeout: 7,
  'output-too-large': 7,
  'decision-needed': 8,
  'precondition-failed': 3,
  fenced: 6,
  'command-failed': 3,
  'commit-failed': 3,
  'post-validate-failed': 3,
  interrupted: 130,
};

/** The gravest of several: an incomplete rollback over everything, unreachable over refused. */
export const exitCodeOf = (failures: readonly Failure[]): number =>
  [6, 130, 5, 7, 8, 4, 3].find((code) => failures.some((f) => CODES[f.code] === code)) ?? 1;
