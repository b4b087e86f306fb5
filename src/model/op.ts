/**
 * Everything a transaction can do on one node, as data. Each is fenced: it does nothing unless the transaction that sent
 * it still holds the cluster. Turned into shell by `nodeops/`, into model behaviour by `sim/`; both must mean the same.
 */
import type { LockOwner, TransactionState } from './observed.ts';

export type NodeOp =
  /** A `gluster --mode=script --xml` command; outcome by `opRet`, never by the exit code. */
  | { readonly kind: 'gluster'; readonly argv: readonly string[]; readonly timeoutSeconds: number }
  /** A glusterfsd with exactly the argv that glusterd would use. Refuses when mount, volume-id or pid file are not as said. */
  | { readonly kind: 'launch-brick'; readonly launch: BrickLaunch }
  /** Stops glusterd and leaves bricks, self-heal daemons and mounts running. */
  | {
      readonly kind: 'stop-glusterd';
      /** It does not answer: killed instead of asked. */
      readonly hung?: boolean;
    }
  /** `argv` is used where no service manager is. Removes what `stop-glusterd` set up. */
  | { readonly kind: 'start-glusterd'; readonly argv: readonly string[] }
  /** Fails, naming them, where paths of the store cannot be written; changes nothing in it. */
  | {
      readonly kind: 'check-store';
      readonly paths: readonly string[];
      /** `stop-glusterd` comes next, whatever the other nodes answer: what it sets up is set up already. */
      readonly stopFollows?: boolean;
    }
  /** Puts paths of the store back as they were in a transaction's before-image; glusterd must be stopped. */
  | {
      readonly kind: 'restore-store';
      readonly transaction: string;
      /** Relative to the store; what is not in the image is removed. */
      readonly paths: readonly string[];
      /** Brick files whose `listen-port` must name the port of the process that runs now. */
      readonly ports: readonly { readonly path: string; readonly port: number }[];
    }
  /** Writes and removes files of the store; glusterd must be stopped. */
  | {
      readonly kind: 'edit-store';
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
  /** Takes gluster's marks off a brick directory that holds nothing else; removes the directory if it was not there before. */
  | {
      readonly kind: 'clean-brick';
      readonly path: string;
      /** The only one it may carry; undefined: any that no volume in the node's store has. */
      readonly volumeId: string | undefined;
      readonly existedBefore: boolean;
    }
  | { readonly kind: 'journal-prepare'; readonly owner: LockOwner; readonly plan: string }
  | { readonly kind: 'journal-mark'; readonly transaction: string; readonly state: TransactionState }
  | { readonly kind: 'journal-prune'; readonly keep: number };

export interface BrickLaunch {
  readonly program: string;
  readonly argv: readonly string[];
  readonly brickPath: string;
  readonly volumeId: string;
  readonly mountPoint: string;
  readonly pidFile: string;
  readonly socket: string;
}

/** `unknown`: the wire or a limit ended the wait; only looking again can tell. */
export type OpOutcome =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'fenced'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };
