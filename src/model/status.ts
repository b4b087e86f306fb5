/**
 * The cluster in short, as a value. Owns the shape that `status --json` promises; `view/` fills it.
 */
import type { Failure } from '../core/failure.ts';
import type { Finding } from './plan.ts';

export interface ClusterStatus {
  readonly cluster: string;
  readonly nodes: readonly NodeStatus[];
  readonly volumes: readonly VolumeStatusLine[];
  readonly findings: readonly Finding[];
  /** Nodes that could not be read, each with the reason. */
  readonly unread: readonly Failure[];
}

export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly state: 'ok' | 'warning' | 'error' | 'drained' | 'unreachable' | 'left-out';
  /** "10.3"; undefined when unknown. */
  readonly version: string | undefined;
  /** "up", "down", "hung", "absent". */
  readonly glusterd: string;
  /** "2/2 connected". */
  readonly peers: string;
  readonly findings: number;
}

export interface VolumeStatusLine {
  readonly name: string;
  /** "started", "stopped", "created"; "missing" when no node has it. */
  readonly state: string;
  /** "replica 3", "disperse 6 + 2", "distribute". */
  readonly layout: string;
  readonly size?: string;
  readonly bricks: readonly BrickStatus[];
  /** The last rebalance or removal of bricks, and what each node has of it; none where there was none. */
  readonly task?: TaskStatus;
  readonly findings: number;
  /** The cluster file names it. */
  readonly managed: boolean;
}

export interface TaskStatus {
  readonly kind: 'rebalance' | 'fix-layout' | 'remove-brick';
  /** `stalled`: it is said to run, and no process is left. */
  readonly state: 'running' | 'stalled' | 'stopped' | 'completed' | 'failed';
  readonly nodes: readonly {
    readonly node: string;
    readonly files: number;
    readonly bytes: number;
    readonly failures: number;
    readonly skipped: number;
  }[];
}

export interface BrickStatus {
  readonly node: string;
  readonly path: string;
  /** null: not known. */
  readonly online: boolean | null;
  readonly port: number | null;
  readonly pid: number | null;
  readonly pendingHeals: number | null;
}
