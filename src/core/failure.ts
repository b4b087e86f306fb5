/**
 * What went wrong in the world, as a value: a stable code, a title, the cause and the fix.
 * The code decides the exit code (see `cli/exit-codes.ts`); the text is for the person.
 */
export type FailureCode =
  | 'invalid-input'
  | 'plan-outdated'
  | 'cluster-locked'
  | 'node-unreachable'
  | 'node-unreadable'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'auth-failed'
  | 'privilege-denied'
  | 'sudo-password-needed'
  | 'sudo-password-wrong'
  | 'sudo-not-allowed'
  | 'sudo-needs-tty'
  | 'connection-lost'
  | 'timeout'
  | 'output-too-large'
  | 'decision-needed'
  | 'precondition-failed'
  | 'fenced'
  | 'command-failed'
  | 'commit-failed'
  | 'post-validate-failed'
  | 'rollback-incomplete'
  | 'interrupted';

export interface Failure {
  readonly code: FailureCode;
  /** One sentence, no trailing newline. */
  readonly title: string;
  /** Why, as it was read: a line of output, a path and a value. */
  readonly cause?: string;
  /** What the person can do about it: a command or a flag. */
  readonly fix?: string;
  /** The node it concerns, by its name in the cluster file. */
  readonly node?: string;
  /** Further lines of evidence, bounded by the maker. */
  readonly details?: readonly string[];
}

export const failure = (
  code: FailureCode,
  title: string,
  more: Omit<Failure, 'code' | 'title'> = {},
): Failure => ({ code, title, ...more });

/** The one way a Failure is thrown, where a return value cannot carry it. */
export class FailureError extends Error {
  override readonly name = 'FailureError';
  readonly failures: readonly Failure[];
  constructor(...failures: readonly Failure[]) {
    super(failures.map((f) => f.title).join('; '));
    this.failures = failures;
  }
}
