/**
 * A transaction as the nodes record it: who runs it, its state, where its journal lies. Owns the shapes, and
 * which states are final.
 */
import type { NodeName } from './names.ts';

/** Where transactions are kept on a node; never inside the store. */
export const JOURNAL_ROOT = '/var/lib/glusterctl/transactions';

/** While it is there, the node is out of service: nobody but `undrain` starts its bricks. */
export const DRAIN_MARK = '/var/lib/glusterctl/drained';

/** owner.json: who holds the cluster, since when. */
export interface LockOwner {
  readonly transaction: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  /** ISO 8601, controller's clock. */
  readonly since: string;
  readonly command: string;
  /** Nodes that the transaction does without. Absent: every node of the file takes part. */
  readonly without?: readonly string[];
}

export const TRANSACTION_STATES = [
  'prepared',
  'committing',
  'committed',
  'rolling-back',
  'rolled-back',
  'owed',
  'abandoned',
] as const;
export type TransactionState = (typeof TRANSACTION_STATES)[number];

export interface TransactionRecord {
  readonly id: string;
  readonly state: TransactionState | 'unreadable';
  readonly owner: LockOwner | undefined;
}

/** One transaction over all nodes that were read. */
export interface PastTransaction {
  readonly id: string;
  readonly owner: LockOwner | undefined;
  readonly states: ReadonlyMap<NodeName, TransactionRecord['state']>;
  /** Nodes that were read and do not keep it: nothing can be put back there. */
  readonly missing: readonly string[];
  /** Its controller holds the cluster now. */
  readonly underWay: boolean;
}

/** Committed everywhere, rolled back everywhere it began, or closed by a person with all as it is. */
export const isFinal = (state: TransactionRecord['state']): boolean =>
  state === 'committed' || state === 'rolled-back' || state === 'abandoned';

/** `ann@desk (pid 4711, "glusterctl apply")`; not yet safe to print. */
export const ownerWords = ({ user, host, pid, command }: LockOwner, more = ''): string =>
  `${user}@${host} (pid ${String(pid)}, "${command}"${more})`;
