/**
 * Everything a transaction can do on one node, as data. Each is fenced: it does nothing unless the
 * transaction that sent it still holds the cluster. Turned into shell by `node/`, into model behaviour by
 * `simulator/`; both must mean the same.
 */
import type { NodeName } from './names.ts';
import type { DrainMark, ProcessId } from './observed.ts';
import type { LockOwner, TransactionState } from './transaction.ts';

export type NodeOp =
  /** A `gluster --mode=script --xml` command; outcome by `opRet`, never by the exit code. */
  | {
      readonly kind: 'gluster';
      readonly argv: readonly string[];
      readonly timeoutSeconds: number;
      /**
       * The settled one; the transaction fills it in. Refused where it is missing, and where another one runs
       * by now.
       */
      readonly glusterd?: ProcessId | undefined;
      /** Refused, as changed, where the store of this node has the volume otherwise by now. */
      readonly expects?: StoreExpectation | undefined;
    }
  /**
   * Starts a glusterfsd with exactly the argv that glusterd would use. Refuses where mount, volume-id or pid
   * file are not as expected.
   */
  | {
      readonly kind: 'launch-brick';
      readonly launch: BrickLaunch;
      /** As of `gluster`: one that is not settled starts bricks itself. */
      readonly glusterd?: ProcessId | undefined;
      readonly expects?: StoreExpectation | undefined;
    }
  /** Fails, as unsettled, where glusterd is no longer this process; undefined: where one runs. */
  | { readonly kind: 'same-glusterd'; readonly glusterd: ProcessId | undefined }
  /** Fails, naming them, where directories are not the bricks that a forced start would take them for. */
  | { readonly kind: 'check-bricks'; readonly bricks: readonly BrickExpectation[] }
  /** Until the lock ends, the unit kills no brick when glusterd ends or crashes. */
  | { readonly kind: 'spare-bricks' }
  /**
   * Suspends glusterd: it does nothing, and its peers do not miss it. It goes on by itself after a minute.
   */
  | { readonly kind: 'freeze-glusterd' }
  | { readonly kind: 'thaw-glusterd' }
  /**
   * Stops glusterd alone: bricks, self-heal daemons, mounts, and units that depend on it stay as they are.
   */
  | {
      readonly kind: 'stop-glusterd';
      /** It was frozen by `freeze-glusterd`, and must end without running again. */
      readonly frozen?: boolean;
      readonly entrusted?: Entrusted;
    }
  /**
   * One that runs is thawed and waited for; it is ended only when it makes no progress. `argv` is used where
   * there is no service manager.
   */
  | { readonly kind: 'start-glusterd'; readonly argv: readonly string[] }
  /**
   * Fails, with the reason, where paths of the store cannot be written, or where glusterd would not start
   * again after a stop.
   */
  | { readonly kind: 'check-store'; readonly paths: readonly string[] }
  /** Puts paths of the store back as they were in a transaction's before-image; glusterd must be stopped. */
  | {
      readonly kind: 'restore-store';
      readonly transaction: string;
      /** Relative to the store; what is not in the image is removed. */
      readonly paths: readonly string[];
      /** Brick files whose `listen-port` must name the port of the process that runs now. */
      readonly ports: readonly { readonly path: string; readonly port: number }[];
      /** Volume files whose `version` must be another one than in the image. */
      readonly versions?: readonly { readonly path: string; readonly version: number }[];
    }
  /** Writes and removes files of the store; glusterd must be stopped. */
  | {
      readonly kind: 'edit-store';
      /** Done first: moved into the folder of the transaction, which is not pruned then. */
      readonly aside?: { readonly transaction: string; readonly paths: readonly string[] };
      readonly writes: readonly { readonly path: string; readonly base64: string }[];
      /** Done before the writes. */
      readonly removes: readonly string[];
    }
  /** SIGTERM, then SIGKILL, to exactly this process; nothing when the pid belongs to another by now. */
  | { readonly kind: 'end-process'; readonly pid: number; readonly startTicks: number; readonly word: string }
  /** Removes a pid file that names a process which is not the brick's. */
  | {
      readonly kind: 'remove-pidfile';
      readonly path: string;
      readonly pid: number;
      readonly brickPath: string;
    }
  /**
   * Removes gluster's marks from a brick directory that holds nothing else; removes the directory too if it
   * is new.
   */
  | {
      readonly kind: 'clean-brick';
      readonly path: string;
      /** The only id it may carry; undefined: any. None that a volume in the node's store has. */
      readonly volumeId: string | undefined;
      readonly existedBefore: boolean;
    }
  /**
   * Removes from a brick that came new what glusterfs makes there by itself: marks, directories, and links
   * to where files are; the directory itself too if it is new. Fails where there is a file of a client, where
   * a process serves the brick, and where it is a brick of a volume in the node's store.
   */
  | {
      readonly kind: 'vacate-brick';
      readonly path: string;
      /** The only id that it may carry. Without one, nothing is done. */
      readonly volumeId: string;
      readonly existedBefore: boolean;
      /**
       * Files there are copies of what the other members of its set have, and go too. Then it fails where its
       * index of heals has an entry: others may lack what is here.
       */
      readonly hasCopies?: true;
      /** Only checks that nothing would be lost; the brick may be served, and in the store. */
      readonly isCheck: boolean;
    }
  /**
   * Removes gluster's marks from the directory of a brick, and `.glusterfs`; every file outside of it stays.
   * Fails where a file is linked nowhere else, where a process serves the brick, and where a volume in the
   * node's store has the id.
   */
  | {
      readonly kind: 'unmark-brick';
      readonly path: string;
      /** The only id it may carry. Without one, nothing is done. */
      readonly volumeId: string;
      /** Only checks the files, and changes nothing; the volume may be in the store. */
      readonly isCheck: boolean;
    }
  /**
   * Fails, naming some, where files of clients are on a brick that is to leave its volume, and where the
   * directory is not that brick.
   */
  | { readonly kind: 'check-emptied'; readonly path: string; readonly volumeId: string }
  /** Writes, or removes, the mark that says that the node is out of service. */
  | { readonly kind: 'mark-drained'; readonly mark: DrainMark | null }
  | { readonly kind: 'journal-prepare'; readonly owner: LockOwner; readonly plan: string }
  | {
      readonly kind: 'journal-mark';
      readonly transaction: string;
      readonly state: TransactionState;
      /** Who closes it, and when; kept beside the state as `abandoned.json`. */
      readonly by?: LockOwner;
    }
  | { readonly kind: 'journal-prune'; readonly keep: number };

/**
 * What the node itself does at the end of a lock whose controller is gone: the work, unless it was done, and
 * then the start. There is no start where the work fails, or where one of the others was never stopped: that
 * one would spread what the work replaces.
 */
export interface Entrusted {
  readonly work: NodeOp | undefined;
  /** Stopped for the same work, and entrusted with their part of it. */
  readonly others: readonly NodeName[];
  /** As of `start-glusterd`. */
  readonly argv: readonly string[];
}

/** What was read of a volume's `info`, and what a command was decided on. */
export interface StoreExpectation {
  readonly volume: string;
  /** The lines with these keys count, or all but these; `version=` never does. */
  readonly keys: readonly string[];
  readonly isAllBut: boolean;
  /** Sorted. */
  readonly lines: readonly string[];
}

export interface BrickExpectation {
  readonly path: string;
  readonly volumeId: string;
  readonly mountPoint: string;
}

export interface BrickLaunch {
  readonly program: string;
  readonly argv: readonly string[];
  readonly brickPath: string;
  readonly volumeId: string;
  readonly mountPoint: string;
  readonly pidFile: string;
  readonly socket: string;
}

/**
 * `unknown`: the wire or a limit ended the wait; only another observation can show what was done. `busy`:
 * another command held glusterd's lock. `unsettled`: glusterd is not the process that was seen to be settled.
 * `changed`: the volume is not as it was read. After these three, nothing was done.
 */
export type OpOutcome =
  | { readonly kind: 'done'; readonly output: string }
  | {
      readonly kind: 'failed' | 'fenced' | 'unknown' | 'busy' | 'unsettled' | 'changed';
      readonly message: string;
    };
