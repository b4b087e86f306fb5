/**
 * What was read of the nodes. The sources stay apart: disk, glusterd's memory, processes, the views of peers.
 * Owns shapes only; conclusions belong to `view/` and `findings/`.
 */
import type { Failure } from '../core/failure.ts';
import type { Layout, Transport } from './desired.ts';
import type { NodeName, PeerUuid, VolumeName } from './names.ts';
import type { LockOwner, TransactionRecord } from './transaction.ts';

export interface Observed {
  /** One entry for every node of the cluster file, those left out last. */
  readonly nodes: ReadonlyMap<NodeName, NodeReading>;
  /** Those of them that shall not be in the pool; none by default. */
  readonly leaving?: ReadonlySet<NodeName>;
}

export type NodeReading =
  | { readonly kind: 'read'; readonly facts: NodeFacts }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** By `--without`: nobody asked it. */
  | { readonly kind: 'left-out' };

export interface NodeFacts {
  readonly node: NodeName;
  /** Node's wall clock minus ours at the middle of the exchange, in milliseconds. */
  readonly clockSkewMs: number;
  readonly hostname: string;
  readonly bootId: string;
  /** Clock ticks since boot when it was read; with a process's `startTicks` they give its age. */
  readonly ticks: number;
  /** "10.3"; undefined when no gluster program is installed. */
  readonly version: string | undefined;
  readonly store: Store;
  readonly memory: Memory;
  readonly processes: readonly GlusterProcess[];
  /** TCP ports on which others than `processes` listen. */
  readonly otherPorts: ReadonlyMap<number, PortHolder>;
  readonly pidFiles: readonly PidFile[];
  /** Absolute paths of sockets under /var/run/gluster. */
  readonly sockets: readonly string[];
  /**
   * Facts of every brick path named by the store or asked for, and of all their ancestors, by absolute path;
   * missing paths are absent.
   */
  readonly paths: ReadonlyMap<string, PathFacts>;
  /**
   * Of these paths it is not known whether they are there, or what marks they carry: path → the reason. One
   * that is in `paths` too has no marks there.
   */
  readonly unreadPaths: ReadonlyMap<string, string>;
  readonly filesystems: ReadonlyMap<string, FilesystemFacts>;
  readonly service: ServiceFacts;
  /** Host name → IP addresses as this node resolves it; an empty list: it does not resolve. */
  readonly resolves: ReadonlyMap<string, readonly string[]>;
  /** Own IP addresses. */
  readonly addresses: readonly string[];
  readonly daemonConfig: DaemonConfig;
  readonly lock: LockFacts | undefined;
  /** Set while somebody has taken the node out of service. */
  readonly drained?: DrainMark | undefined;
  /** Transactions kept on this node, oldest first. */
  readonly transactions: readonly TransactionRecord[];
  /** Processes that carry a transaction id of ours in their environment. */
  readonly marked: readonly { readonly pid: number; readonly transaction: string }[];
  /** Volfiles that nothing can be started from, by path in the store, with what is wrong. */
  readonly brokenVolfiles: ReadonlyMap<string, string>;
  /** Option names the installed glusterd knows; undefined when not asked for or not answered. */
  readonly optionCatalogue: ReadonlyMap<string, string> | undefined;
}

/**
 * Facts that later observations of a rollback take over. Of paths, file systems, name resolution and
 * configuration, glusterd's commands change only the marks on bricks. No rollback judges the clock, the lock,
 * the journals and the volfiles of the store. Reading all of them is half of an observation.
 */
export type BaselineFacts = Pick<
  NodeFacts,
  | 'paths'
  | 'unreadPaths'
  | 'filesystems'
  | 'resolves'
  | 'daemonConfig'
  | 'clockSkewMs'
  | 'lock'
  | 'transactions'
  | 'brokenVolfiles'
> & { readonly store: Pick<Store, 'hashes'> };

/** /var/lib/glusterd. Paths are relative to it. */
export interface Store {
  readonly exists: boolean;
  readonly files: ReadonlyMap<string, StoreFile>;
  readonly directories: readonly string[];
  /** Files read as a hash only (volfiles, hooks). */
  readonly hashes: ReadonlyMap<string, string>;
  readonly uuid: PeerUuid | undefined;
  readonly operatingVersion: number | undefined;
  readonly peers: readonly StorePeer[];
  /** Files below peers/ that glusterd passes over: named after no uuid, or after the null one. */
  readonly peerLeftovers: readonly StorePeer[];
  readonly volumes: ReadonlyMap<VolumeName, StoreVolume>;
  /** The `options` file (options of the whole cluster). */
  readonly options: ReadonlyMap<string, string>;
  /** What glusterd's own reader would not accept. */
  readonly problems: readonly StoreProblem[];
  /**
   * What could not be read of it. Nothing is known of that, not even whether it is there; so what else is
   * here may be less than the node has.
   */
  readonly unread: readonly Unread[];
}

export interface Unread {
  /** Relative to the store; ".": all of it. */
  readonly path: string;
  readonly reason: string;
}

export interface StoreFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
}

export interface StoreProblem {
  readonly path: string;
  readonly problem: string;
}

export interface StorePeer {
  /** Name of the file below peers/. */
  readonly file: string;
  readonly uuid: PeerUuid | undefined;
  /** 0..10, of glusterd-sm.h; -1: not a state. */
  readonly state: number;
  readonly hostnames: readonly string[];
}

export type VolumeStatus = 'created' | 'started' | 'stopped';

export interface StoreVolume {
  readonly name: VolumeName;
  readonly id: string;
  readonly version: number;
  readonly status: VolumeStatus;
  readonly layout: Layout;
  readonly transport: Transport;
  /** Reconfigured options only. */
  readonly options: ReadonlyMap<string, string>;
  /** In `brick-N` order. */
  readonly bricks: readonly StoreBrick[];
  /** Lines of `info` without `version=`, sorted: what must be equal on all nodes. */
  readonly signature: string;
  readonly quotaVersion: number;
  /** A `decommissioned` brick, or a rebalance task that is not over. */
  readonly pendingTask: string | undefined;
  /** What this node has of the last rebalance or removal of bricks; undefined: there was none. */
  readonly task?: VolumeTask | undefined;
}

/** `node_state.info`. The numbers are those of this node alone, written as its part ends. */
export interface VolumeTask {
  readonly kind: 'rebalance' | 'fix-layout' | 'remove-brick';
  /** The same on all nodes; empty once it was stopped. */
  readonly id: string;
  /** `not-started`: the node has no part in it. */
  readonly status: 'not-started' | 'running' | 'stopped' | 'completed' | 'failed';
  /**
   * A brick was replaced or reset since. From then on `gluster get-state` fails on this node (10.3), until
   * the next rebalance begins.
   */
  readonly isReset?: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly failures: number;
  readonly skipped: number;
}

export interface StoreBrick {
  /** Name of the file below bricks/. */
  readonly file: string;
  readonly hostname: string;
  readonly path: string;
  readonly ownerUuid: PeerUuid | undefined;
  /** 0 on nodes that do not own it. */
  readonly listenPort: number;
  readonly brickId: string;
  readonly mountDir: string;
  readonly decommissioned: boolean;
}

export type Memory =
  | { readonly kind: 'up'; readonly state: DaemonState }
  | { readonly kind: 'down' | 'hung' | 'absent'; readonly detail: string };

/** `gluster get-state`: what glusterd believes. */
export interface DaemonState {
  readonly uuid: PeerUuid | undefined;
  readonly opVersion: number;
  readonly globalOptions: ReadonlyMap<string, string>;
  readonly peers: readonly DaemonPeer[];
  readonly volumes: ReadonlyMap<VolumeName, DaemonVolume>;
  /** bitd, scrub, quotad: whether each is online. */
  readonly services: ReadonlyMap<string, boolean>;
}

export interface DaemonPeer {
  readonly uuid: PeerUuid | undefined;
  readonly hostnames: readonly string[];
  /** "Peer in Cluster", "Peer Rejected", … */
  readonly state: string;
  readonly connected: boolean;
}

export interface DaemonVolume {
  readonly name: VolumeName;
  readonly id: string;
  readonly status: VolumeStatus;
  readonly options: ReadonlyMap<string, string>;
  readonly bricks: readonly DaemonBrick[];
  readonly rebalanceStatus: string | undefined;
  readonly selfHealOnline: boolean | undefined;
  readonly snapshotDaemonOnline: boolean | undefined;
  /** Server quorum: "not_applicable", "meets", "does_not_meet". */
  readonly quorumStatus: string | undefined;
  readonly snapshotCount: number;
}

export interface DaemonBrick {
  readonly hostname: string;
  readonly path: string;
  /** Present for bricks of this node only. */
  readonly local:
    | {
        readonly port: number;
        readonly registered: boolean;
        readonly status: 'Stopped' | 'Started' | 'Starting' | 'Stopping' | 'Unknown';
      }
    | undefined;
}

/** A pid alone may name another process by now. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/PID/stat). */
  readonly startTicks: number;
}

export interface GlusterProcess extends ProcessId {
  /** One letter of /proc/PID/stat: R S D T Z … */
  readonly state: string;
  readonly argv: readonly string[];
  readonly role: 'glusterd' | 'brick' | 'self-heal' | 'client' | 'other';
  /** For bricks, from argv. */
  readonly brick: BrickArgv | undefined;
  /** TCP ports it listens on. */
  readonly ports: readonly number[];
  readonly cgroup: string;
}

/** Without a pid: it was not searched for, as glusterd lacks no port, or /proc does not show it. */
export interface PortHolder {
  readonly pid: number | undefined;
  /** As the kernel has it, cut to 15 characters. */
  readonly name: string;
}

export interface BrickArgv {
  readonly volume: string;
  readonly host: string;
  readonly path: string;
  readonly pidFile: string;
  readonly socket: string;
  readonly port: number;
}

export interface PidFile {
  /** Absolute. */
  readonly path: string;
  readonly pid: number | undefined;
  /** Whether any process has that pid. */
  readonly alive: boolean;
}

export interface PathFacts {
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'other';
  readonly device: number;
  readonly inode: number;
  readonly mountPoint: string;
  /** trusted.glusterfs.volume-id as a uuid. */
  readonly volumeId: string | undefined;
  /** trusted.gfid is set. */
  readonly gfid: boolean;
  /**
   * Of the root of a brick of a disperse volume: how many changes of its names it has seen, by
   * trusted.ec.version; undefined: it has no such mark.
   */
  readonly ecVersion?: number;
  /** Of the root of a brick: whether files of it can be placed there; undefined: nothing says so. */
  readonly takesFiles?: boolean;
  /** Of the root of a brick: of the first directories in it, no other brick takes files. */
  readonly isLone?: boolean | undefined;
  /** Up to eight names in it; undefined: not listed (only brick paths are). */
  readonly entries: readonly string[] | undefined;
  /** Data behind names that are gluster's own, from the brick; "?": unknown. */
  readonly hidden?: string | undefined;
  /**
   * Entries of `.glusterfs/indices/xattrop` that wait for a heal, counted up to PENDING_HEALS_MAX; undefined:
   * not known (only those of brick paths are counted).
   */
  readonly pendingHeals: number | undefined;
}

export interface FilesystemFacts {
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
  readonly readOnly: boolean;
}

export interface ServiceFacts {
  /** How glusterd is started and stopped on the node. */
  readonly manager: 'systemd' | 'sysv' | 'none';
  /** systemd's ActiveState and Result; asked only where glusterd does not answer, else empty. */
  readonly active: string;
  readonly result: string;
}

export interface DaemonConfig {
  /** Where glusterd listens. */
  readonly listenPort: number;
  /** Its bricks listen between these, both included. */
  readonly basePort: number;
  readonly maxPort: number;
  /** glusterd.vol. */
  readonly raw: string;
  /** KillMode of glusterd's systemd unit, without our own drop-in; undefined: there is no such unit. */
  readonly killMode: string | undefined;
  /** A mount point of /etc/fstab at or above the store where nothing is mounted. */
  readonly unmounted: string | undefined;
}

/** Of /proc/PID/stat: USER_HZ, the same on every architecture that GlusterFS is built for. */
export const TICKS_PER_SECOND = 100;

export interface LockFacts {
  readonly held: boolean;
  /** Pid of the holder on that node, when held. */
  readonly pid: number | undefined;
  readonly owner: LockOwner | undefined;
}

/** `/var/lib/glusterctl/drained` on the node. Without words it could not be understood, and counts too. */
export interface DrainMark {
  /** ann@desk */
  readonly who: string;
  /** ISO 8601, controller's clock. */
  readonly when: string;
  readonly why: string;
}

/** The reason of an unread path whose disk hangs: whoever asks it for anything waits. */
export const NO_ANSWER = 'its disk did not answer in time';

/** Peer state numbers of glusterd-sm.h that the product decides by. */
export const PEER_IN_CLUSTER = 3;
export const PEER_REJECTED = 6;
export const STORE_ROOT = '/var/lib/glusterd';
export const PENDING_HEALS_MAX = 1000;
