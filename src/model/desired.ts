/**
 * The cluster file, checked and with its defaults filled in: what should be. Owns the shape only;
 * `cluster-file/` makes it.
 */
import type { BrickPath, NodeName, VolumeName } from './names.ts';

export interface Desired {
  /** The name used in locks, journals and reports. */
  readonly cluster: string;
  /** In file order. */
  readonly nodes: readonly DesiredNode[];
  /** In file order. */
  readonly volumes: readonly DesiredVolume[];
  readonly policy: Policy;
  /** By `--new-disk`: subjects of bricks whose disk is new, though the mount does not show it. */
  readonly newDisks?: readonly string[];
}

export interface DesiredNode {
  readonly name: NodeName;
  /** Host name or IP address where SSH goes. */
  readonly address: string;
  readonly ssh: SshSettings;
  /** By `--without`: it is gone, and not contacted in this run. */
  readonly isLeftOut?: true;
  /** It shall not be in the pool. */
  readonly isAbsent?: true;
  /** The machine of that name was lost, and another one has its name now: it gets the identity of the old. */
  readonly isNewMachine?: true;
  /** It is lost, and this node comes in its place: it is tried, and left out where it does not answer. */
  readonly replacedBy?: NodeName;
}

/** Nodes that this run contacts. */
export const contacted = ({ nodes }: Desired): readonly DesiredNode[] =>
  nodes.filter((n) => n.isLeftOut !== true);

/** Nodes that this run does without; one that is replaced is among them, as long as it does not answer. */
export const leftOutOf = ({ nodes }: Desired): readonly NodeName[] =>
  nodes.filter((n) => n.isLeftOut === true || n.replacedBy !== undefined).map((n) => n.name);

/** Nodes that shall not be in the pool. */
export const absentNodes = ({ nodes }: Desired): ReadonlySet<NodeName> =>
  new Set(nodes.flatMap((n) => (n.isAbsent === true ? [n.name] : [])));

/**
 * What is said of the way to a node: CLI flag over node over file. What is undefined, ssh_config decides, and
 * then the built-in default.
 */
export interface SshSettings {
  readonly user: string | undefined;
  readonly port: number | undefined;
  /** Absolute path, `~` expanded. */
  readonly identityFile: string | undefined;
  /** Absolute path, `~` expanded. */
  readonly knownHostsFile: string | undefined;
  readonly strictHostKeyChecking: 'yes' | 'accept-new' | undefined;
  /** Run everything through sudo. */
  readonly become: boolean;
  /** Absolute path of a file with the password that sudo asks for. */
  readonly becomePasswordFile: string | undefined;
  readonly proxyJump: string | undefined;
  readonly connectTimeoutSeconds: number | undefined;
  /** Absolute path of the ssh_config that is read alone; `none`: none is read. */
  readonly configFile: string | undefined;
}

/** Of a file and flags that say nothing. */
export const NO_SSH_SETTINGS: SshSettings = {
  user: undefined,
  port: undefined,
  identityFile: undefined,
  knownHostsFile: undefined,
  strictHostKeyChecking: undefined,
  become: false,
  becomePasswordFile: undefined,
  proxyJump: undefined,
  connectTimeoutSeconds: undefined,
  configFile: undefined,
};

export type Layout =
  | {
      readonly kind: 'distribute';
      /** What gluster itself has given up, and keeps as it is: never of a cluster file. */
      readonly obsolete?: 'striped' | 'striped and replicated' | 'tiered';
    }
  | {
      readonly kind: 'replicate';
      readonly replica: number;
      readonly arbiter: 0 | 1;
      /** An arbiter outside of the sets, which a cluster file cannot name. */
      readonly hasThinArbiter?: true;
    }
  | { readonly kind: 'disperse'; readonly disperse: number; readonly redundancy: number };

export type Transport = 'tcp' | 'rdma' | 'tcp,rdma';

export type RebalanceMode = 'auto' | 'fixLayout' | 'none';

export interface Brick {
  readonly node: NodeName;
  readonly path: BrickPath;
}

export interface DesiredVolume {
  readonly name: VolumeName;
  readonly state: 'started' | 'stopped' | 'absent';
  /** Of an absent volume: as the file has it, or a distribute layout without bricks. */
  readonly layout: Layout;
  readonly transport: Transport;
  /** Order counts: consecutive bricks form a replica or disperse set. */
  readonly bricks: readonly Brick[];
  /** Values as written, in file order. */
  readonly options: ReadonlyMap<string, string>;
  readonly optionsMode: 'merge' | 'exact';
  /** What follows when sets have come: files are moved, only new ones use them, or nothing. */
  readonly rebalance: RebalanceMode;
  /** A rebalance was foreseen in this run: no brick has to show any more that it is owed. */
  readonly isRebalanceForeseen?: true;
  readonly protect: boolean;
  /** Place of the volume in the file, for messages that only an observation can raise. */
  readonly position: Position;
  /** Place of each option in the file, by option name. */
  readonly optionPositions: ReadonlyMap<string, Position>;
}

/** A volume without its place in a file. */
export type VolumeEntry = Omit<DesiredVolume, 'position' | 'optionPositions'>;

/** What a cluster has and a file that is written from it leaves out. */
export interface LeftUnsaid {
  /** "volume x", "option y of volume x". */
  readonly what: string;
  readonly why: string;
}

export interface Position {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
}

export interface Policy {
  readonly unmanagedVolumes: 'ignore' | 'report';
  readonly allowBricksOnRootPartition: boolean;
}
