/**
 * A node as a transaction sees it: observe it, hold its lock, perform one fenced operation. Implemented over
 * SSH by `node/remote-link.ts` and in memory by `simulator/`; one contract suite runs against both.
 */
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import type { NodeName } from './names.ts';
import type { BaselineFacts, NodeFacts, Store } from './observed.ts';
import type { LockOwner } from './transaction.ts';
import type { NodeOp, OpOutcome } from './op.ts';

export interface ObserveRequest {
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly optionCatalogue: boolean;
  /**
   * The catalogue may be omitted where each of these names is an option of some volume in the node's own
   * store.
   */
  readonly unlessStored?: readonly string[];
  /** Taken over from an earlier observation of this node, instead of read again. */
  readonly baseline?: BaselineFacts | undefined;
  /**
   * glusterd was stopped on this node, so it is not asked: under load the gluster CLI takes 3 s to find no
   * glusterd.
   */
  readonly stopped?: boolean;
}

export interface NodeLink {
  readonly node: NodeName;
  observe(request: ObserveRequest, signal?: AbortSignal): Promise<Result<NodeFacts, Failure>>;
  /**
   * Failures: `cluster-locked` (with the holder in `details`), or those of the connection. `onWait`: the last
   * commands of an earlier holder are waited for, for so long at most; called once.
   */
  lock(
    owner: LockOwner,
    signal?: AbortSignal,
    onWait?: (limitMs: number) => void,
  ): Promise<Result<NodeLock, Failure>>;
  /**
   * Takes the node's lock away from exactly this transaction, alive or dead: waits for its last commands,
   * ends its holder and removes its name. Where a holder was ended, an open journal then says `rolling-back`,
   * and `recover` finishes it. Failure `cluster-locked`: the lock was taken again meanwhile.
   */
  release(transaction: string, signal?: AbortSignal): Promise<Result<Released, Failure>>;
  /** What an earlier transaction recorded on this node; changes nothing, needs no lock. */
  journal(transaction: string, signal?: AbortSignal): Promise<Result<JournalFiles, Failure>>;
  /**
   * How far the rebalance of a volume is, or the removal of these bricks of it, on all nodes, as the glusterd
   * of this one says. Changes nothing; holds glusterd's lock of the volume for a moment.
   */
  moved(
    volume: string,
    leaving: readonly string[],
    signal?: AbortSignal,
  ): Promise<Result<readonly Moved[], Failure>>;
  /**
   * Has what waits for a heal in a volume healed now, by the self-heal daemons of all nodes. Changes no
   * definition; holds glusterd's lock of the volume for a moment.
   */
  beginHeal(volume: string, signal?: AbortSignal): Promise<Result<void, Failure>>;
  /** What glusterd of this node logged as errors of late, oldest first; changes nothing. */
  loggedErrors(signal?: AbortSignal): Promise<Result<readonly LoggedError[], Failure>>;
  /** Never rejects. */
  perform(op: NodeOp, transaction: string, signal?: AbortSignal): Promise<OpOutcome>;
}

export interface LoggedError {
  /** By the clock of the node, when it was read. */
  readonly agoMs: number;
  readonly text: string;
}

/** What one node has moved so far. */
export interface Moved {
  /** glusterd's uuid of the node. */
  readonly uuid: string;
  readonly files: number;
  readonly bytes: number;
  readonly failures: number;
  readonly skipped: number;
  /** glusterd's word: "in progress", "completed". */
  readonly status: string;
}

/** A holder was ended; only its name was there; neither was there. */
export type Released = 'ended' | 'left' | 'none';

export interface JournalFiles {
  /** plan.json; empty when it is missing. */
  readonly plan: string;
  /** /var/lib/glusterd as it was before the transaction. */
  readonly store: Store;
}

export interface NodeLock {
  /** Resolves when the lock is no longer ours, with the reason; also after `release`. */
  readonly lost: Promise<string>;
  /** False once it is known to be lost. */
  readonly held: () => boolean;
  release(): Promise<void>;
}

/** Time, handed in so that the simulator can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
