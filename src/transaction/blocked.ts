/** Findings that keep a transaction from beginning, as its failures. */
import { failure, type Failure } from '../core/failure.ts';
import type { Finding } from '../model/plan.ts';

export const blockerFailures = (findings: readonly Finding[]): readonly Failure[] =>
  findings.map((f) =>
    failure('precondition-failed', f.message, { details: f.evidence, fix: f.remedy, cause: f.code }),
  );
