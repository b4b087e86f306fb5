/**
 * The plan as a value: printed, stored, compared, applied. Owns the shapes that others rely on as JSON
 * (`Finding`, `Step`); refuses behaviour, which lives with each action and finding.
 */
import type { NodeName } from './names.ts';

export type Severity = 'error' | 'warning' | 'info';
export type Risk = 'safe' | 'disruptive' | 'destructive';

/** A disagreement or fault that was seen. */
export interface Finding {
  /** Kebab-case words that a person can search for. */
  readonly code: string;
  readonly severity: Severity;
  /** "volume/x", "node/y", "brick/y:/p", "peer/…", "cluster". */
  readonly subject: string;
  readonly nodes: readonly NodeName[];
  readonly message: string;
  /** As read: node, file or process, line or value; both sides of a disagreement. */
  readonly evidence: readonly string[];
  readonly remedy: string;
  /** The finding of the same list that it is an effect of: what is done about that is done about both. */
  readonly causedBy?: Cause;
}

export interface Cause {
  readonly code: string;
  readonly subject: string;
}

/**
 * One thing that a transaction does. `args` belong to the action; everything else is for people and for
 * scheduling.
 */
export interface Step {
  /** Unique in the plan and stable for the same input: "volume-start:mode". */
  readonly id: string;
  readonly action: string;
  readonly args: Json;
  readonly subject: string;
  /** Nodes where it runs or takes effect, sorted. */
  readonly nodes: readonly NodeName[];
  readonly risk: Risk;
  /** What a destructive step destroys: subjects for `--allow-destroy`. */
  readonly destroys?: readonly string[];
  readonly summary: string;
  readonly reason: string;
  /** What a rollback would do, in words; null: only the before-image can undo it. */
  readonly undo: string | null;
  /** Ids of steps that must be done before. */
  readonly after: readonly string[];
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a person sees change in one subject, as text before and after (a volume in cluster-file form). */
export interface SubjectDiff {
  readonly subject: string;
  readonly before: string;
  readonly after: string;
}

export interface Plan {
  readonly formatVersion: 1;
  readonly cluster: string;
  readonly changes: boolean;
  /** Nodes that it does without. Absent: every node of the file takes part. */
  readonly without?: readonly NodeName[];
  readonly findings: readonly Finding[];
  readonly steps: readonly Step[];
  /** `steps` repair what is in the way of the changes. */
  readonly isRepair?: true;
  /** Made of repairs alone: without steps it says nothing of the file. */
  readonly isWithoutChanges?: true;
  /** What follows in passes of their own, as far as the observation shows it; it is planned again then. */
  readonly later?: readonly Step[];
  /** What goes on by itself and has to end before the cluster is as the file says; each a clause. */
  readonly running?: readonly string[];
  readonly diffs: readonly SubjectDiff[];
  /** What the plan was computed from: node → key → value. Apply compares it, by key, under the lock. */
  readonly basis: Basis;
}

export type Basis = { readonly [node: string]: { readonly [key: string]: string } };
