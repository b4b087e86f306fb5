/** Findings by their causes. Owns which of a list are causes, and which effects belong to each. */
import type { Finding } from './plan.ts';

export interface Caused {
  readonly cause: Finding;
  /** Effects of it, and of those, in the order of the list. */
  readonly effects: readonly Finding[];
}

/** In the order of the list. One whose cause is not in the list stands for itself. */
export function byCause(findings: readonly Finding[]): readonly Caused[] {
  const rootOf = (f: Finding): Finding => {
    const { causedBy } = f;
    if (causedBy === undefined) return f;
    const cause = findings.find((c) => c.code === causedBy.code && c.subject === causedBy.subject);
    return cause === undefined ? f : rootOf(cause);
  };
  const effects = findings.filter((f) => rootOf(f) !== f);
  return findings
    .filter((f) => !effects.includes(f))
    .map((cause) => ({ cause, effects: effects.filter((f) => rootOf(f) === cause) }));
}
