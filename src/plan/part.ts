/** What each planner of a kind hands to `compile`, which joins them. */
import type { Finding, Step, SubjectDiff } from '../model/plan.ts';
import type { Owed } from './replacements.ts';

/** Steps, the diffs they make, and what stands against the file without a step that could repair it. */
export interface Part {
  readonly steps: readonly Step[];
  readonly diffs: readonly SubjectDiff[];
  readonly findings: readonly Finding[];
  /** Comes when all else is done; nothing by default. */
  readonly owed?: Owed;
}
