/**
 * What a run reports while it goes on. Written by `transaction/`, read by `report/`; neither knows the other.
 */
import type { Failure } from '../core/failure.ts';
import type { NodeName } from './names.ts';

/** In the order they happen; `rollback` only after a failed `commit` or `post-validate`. */
export const PHASES = [
  'observe',
  'lock',
  'pre-validate',
  'commit',
  'post-validate',
  'rollback',
  'unlock',
] as const;
export type Phase = (typeof PHASES)[number];

/** What a run was asked for. */
export type ChangeName = 'apply' | 'recover' | 'restore' | 'drain' | 'undrain' | 'rolling';

export type Event =
  | { readonly type: 'phase'; readonly phase: Phase; readonly status: 'started' | 'done' | 'failed' }
  /** Progress of one node within a phase; `detail` is a few words ("waiting for brick /b1"). */
  | {
      readonly type: 'node';
      readonly phase: Phase;
      readonly node: NodeName;
      readonly status: 'started' | 'done' | 'failed';
      readonly detail?: string;
    }
  | {
      readonly type: 'step';
      readonly phase: 'commit' | 'rollback';
      readonly id: string;
      readonly action: string;
      readonly subject: string;
      readonly nodes: readonly NodeName[];
      readonly summary: string;
      readonly status: 'started' | 'done' | 'failed' | 'unknown';
      readonly message?: string;
    }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly message: string };

export type Outcome =
  | 'applied'
  | 'nothing-to-do'
  | 'running'
  | 'refused'
  | 'rolled-back'
  | 'rollback-incomplete'
  | 'not-closed'
  | 'locked'
  | 'unreachable'
  | 'decision-needed'
  | 'declined'
  | 'interrupted';

/** What a run did to the cluster, before the work that its outcome is about. */
export interface Changed {
  readonly transaction: string;
  readonly what: string;
}

/** Changes that the file asks for, and the command that shows them. */
export interface Pending {
  readonly changes: number;
  readonly command: string;
}

/** How a run ended: its last line as JSON. The command line adds the exit code where it prints it. */
export interface RunResult {
  readonly outcome: Outcome;
  readonly transaction?: string;
  readonly failures: readonly Failure[];
  /** Nodes that the run did without. */
  readonly without?: readonly NodeName[];
  /** What has to be done by hand, node by node, with the commands. */
  readonly owed: readonly {
    readonly node: NodeName;
    readonly what: string;
    readonly commands: readonly string[];
  }[];
  /** In order; none where this run changed nothing before. */
  readonly changed?: readonly Changed[];
  /** What goes on by itself, each a sentence; none where there is nothing. */
  readonly running?: readonly string[];
  /** What the file asks for and a run that only repairs leaves open; none where there is nothing. */
  readonly pending?: Pending;
}
