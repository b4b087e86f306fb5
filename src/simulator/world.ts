/**
 * The parts of the modelled world: nodes, daemons, volumes, processes. Owns their shapes and the smallest
 * questions about them; what changes them is in other files.
 */
import type { Store } from '../model/observed.ts';
import type { Entrusted } from '../model/op.ts';
import type { LockOwner } from '../model/transaction.ts';
import type { SimClock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Random } from './random.ts';

export const STORE = '/var/lib/glusterd';
export const JOURNAL = '/var/lib/glusterctl/transactions';
export const RUN = '/var/run/gluster';

export interface World {
  readonly clock: SimClock;
  readonly random: Random;
  readonly nodes: ReadonlyMap<string, Node>;
  /** Pairs of nodes, "a b" in name order, between which no packet passes. */
  readonly cuts: Set<string>;
  /** What happened, in order: equal for equal seeds. */
  readonly trace: string[];
  readonly imports: Import[];
  readonly commands: Command[];
}

/** A command that a glusterd took, of a transaction or of an administrator. */
export interface Command {
  readonly by: 'transaction' | 'administrator';
  readonly node: string;
  readonly argv: readonly string[];
  /** Every peer took part as it began: one that is away, or rejected, is passed over in silence. */
  readonly isWhole: boolean;
  /** Some node has carried it out. */
  isCommitted: boolean;
  /** When its command line tool was started. */
  readonly began: number;
  endedAt: number | undefined;
  /** Undefined: it still runs, or nobody learnt how it ended. */
  ended: 'done' | 'failed' | undefined;
}

/** A volume that a node took over from a peer, and the brick processes that it ended for that. */
export interface Import {
  readonly at: number;
  readonly node: string;
  readonly volume: string;
  readonly ended: readonly { readonly path: string; readonly ageMs: number }[];
}

export interface Node {
  readonly name: string;
  readonly address: string;
  readonly disk: Disk;
  readonly processes: Map<number, Process>;
  readonly killMode: 'control-group' | 'process';
  /** A drop-in of ours stands: the unit kills no brick, and restarts a crashed glusterd without delay. */
  spared: boolean;
  /** By an operation of a transaction, and not started since; `restored`: its store is done. */
  stopped: false | 'stopped' | 'restored';
  /** What the node does by itself at the end of a lock whose controller is gone. */
  entrusted: Entrusted | undefined;
  /** Entries that wait for a heal, by brick path. */
  readonly pendingHeals: Map<string, number>;
  /** Of those, the bricks for which nothing is healed until somebody asks for it. */
  readonly unbegunHeals: Set<string>;
  /** When its self-heal daemon has met the latest bricks; until then it begins no heal that is asked for. */
  meetsBricksAt: number;
  on: boolean;
  /** False: no controller reaches it. */
  reachable: boolean;
  bootId: string;
  bootedAt: number;
  nextPid: number;
  daemon: Daemon | undefined;
  guard: Guard;
  /** Waiters for a frozen glusterd to go on or to end. */
  waiters: (() => void)[];
  /** Result of the unit's last start. */
  serviceResult: string;
  /** What a probe read of the store, and at which revision of the disk: most probes find nothing new. */
  storeRead: { readonly revision: number; readonly store: Store } | undefined;
}

export interface Process {
  readonly pid: number;
  readonly startTicks: number;
  readonly argv: readonly string[];
  readonly role: 'glusterd' | 'brick' | 'self-heal' | 'client' | 'other';
  readonly cgroup: string;
  state: 'S' | 'T';
  /** Of our own commands: the transaction in their environment. */
  readonly transaction: string | undefined;
  readonly brick:
    | {
        readonly volume: string;
        readonly path: string;
        readonly port: number;
        readonly pidFile: string;
        readonly socket: string;
      }
    | undefined;
}

/** A running glusterd: everything here is lost when it ends. */
export interface Daemon {
  readonly pid: number;
  /** Empty until something needs an identity. */
  uuid: string;
  opVersion: number;
  readonly options: Map<string, string>;
  optionVersion: number;
  readonly volumes: Map<string, Volume>;
  readonly peers: Map<string, Peer>;
  /** Volume name → uuid of the node whose command holds it. */
  readonly locks: Map<string, string>;
  /** Volumes that are being taken over from a peer at this moment. */
  readonly importing: Set<string>;
  bricksStarted: boolean;
  /**
   * When its self-heal daemon shows as online, and when the task that attaches it is done with the list of
   * volumes.
   */
  attach: { readonly onlineAt: number; readonly overAt: number } | undefined;
}

export interface Peer {
  readonly uuid: string;
  readonly hostnames: string[];
  state: number;
  connected: boolean;
}

export interface Volume {
  readonly name: string;
  readonly id: string;
  readonly type: 0 | 2 | 4;
  readonly subCount: number;
  readonly replica: number;
  readonly arbiter: number;
  readonly disperse: number;
  readonly redundancy: number;
  readonly transport: 0 | 1 | 2;
  readonly username: string;
  readonly password: string;
  readonly clientOpVersion: number;
  status: 0 | 1 | 2;
  version: number;
  readonly options: Map<string, string>;
  readonly bricks: readonly Brick[];
  /** What this node has of its last rebalance or removal; shared by what a change makes of the volume. */
  readonly task: Task;
}

/** `node_state.info`, with glusterd's own numbers. */
export interface Task {
  command: 0 | 1 | 4 | 5;
  operation: 0 | 9 | 19;
  id: string;
  status: 0 | 1 | 2 | 3 | 4 | 9;
  files: number;
  failures: number;
}

export const noTask = (): Task => ({ command: 0, operation: 0, id: '', status: 0, files: 0, failures: 0 });

export interface Brick {
  readonly uuid: string;
  readonly hostname: string;
  readonly path: string;
  readonly id: string;
  readonly mountDir: string;
  decommissioned: boolean;
  fsid: string;
  /** What follows counts on the node that owns it alone. */
  port: number;
  status: 'Stopped' | 'Started';
  registered: boolean;
  /** glusterd keeps trying to connect to its socket. */
  rpc: boolean;
}

/** /run/glusterctl: the kernel lock and the record beside it. */
export interface Guard {
  holder: Holder | undefined;
  owner: LockOwner | undefined;
  lockFile: boolean;
  /** Somebody new is waiting for the commands of the one before. */
  taking: boolean;
  /** Fenced commands that run. */
  running: number;
  /** The holder has let go, or is gone; its name goes when its last commands have ended. */
  leaving: false | 'released' | 'dead';
}

export const freeGuard = (): Guard => ({
  holder: undefined,
  owner: undefined,
  lockFile: false,
  taking: false,
  running: 0,
  leaving: false,
});

export interface Holder {
  readonly pid: number;
  readonly end: (why: string) => void;
}

export const isLocal = (node: Node, brick: Brick): boolean => brick.uuid === node.daemon?.uuid;
export const dashed = (path: string): string => path.replace(/^\//, '').replaceAll('/', '-');
export const brickFile = (brick: Pick<Brick, 'hostname' | 'path'>): string =>
  `${brick.hostname}:${brick.path.replaceAll('/', '-')}`;
export const volumeDir = (name: string): string => `${STORE}/vols/${name}`;

/** The node of a host name or address. */
export const nodeOf = (world: World, host: string): Node | undefined =>
  world.nodes.get(host) ?? [...world.nodes.values()].find((n) => n.address === host);

export const nodeOfUuid = (world: World, uuid: string): Node | undefined =>
  [...world.nodes.values()].find((n) => n.daemon?.uuid === uuid);

const pair = (a: Node, b: Node): string => [a.name, b.name].sort().join(' ');
export const canTalk = (world: World, a: Node, b: Node): boolean =>
  a.on && b.on && !world.cuts.has(pair(a, b));
export const setCut = (world: World, a: Node, b: Node, cut: boolean): void => {
  if (cut) world.cuts.add(pair(a, b));
  else world.cuts.delete(pair(a, b));
};

export const isFrozen = (node: Node): boolean =>
  node.daemon !== undefined && node.processes.get(node.daemon.pid)?.state === 'T';

/** Waits while glusterd is frozen. The daemon that answers, or undefined when it ended. */
export async function unfrozen(node: Node): Promise<Daemon | undefined> {
  const before = node.daemon;
  while (isFrozen(node)) await new Promise<void>((resolve) => node.waiters.push(resolve));
  return node.daemon === before ? node.daemon : undefined;
}

export function resumeWaiters(node: Node): void {
  for (const resume of node.waiters.splice(0)) resume();
}

/** For what runs on a node: never returns once the node has lost its power. */
export async function pauseOn(world: World, node: Node, ms: number): Promise<void> {
  const { bootId } = node;
  await world.clock.pause(ms);
  if (node.bootId !== bootId) await new Promise<never>(() => undefined);
}
