/**
 * What the story needs of a cluster, real or simulated: to give commands on it, to break it, and to compare
 * it with before.
 */

export interface Ran {
  readonly code: number;
  readonly output: string;
}

export interface Stage {
  /** One line: what this cluster is. */
  readonly about: string;
  /** The directory for cluster files. */
  readonly dir: string;
  /** `cluster:`, `ssh:` and `nodes:` of a cluster file. */
  readonly head: string;
  /** The addresses that clients come from, as `auth.allow` takes them. */
  readonly clients: string;
  /** How a person types it, from the root of the repository. */
  readonly program: string;
  /** Runs `glusterctl` and shows its output as it comes; answers the exit code. */
  readonly glusterctl: (args: readonly string[]) => Promise<number>;
  /** Runs a command of GlusterFS itself on a node. */
  readonly gluster: (node: string, words: string) => Promise<Ran>;
  readonly formPool: () => Promise<void>;
  /** Heals every fault; no volume and no pool is left. */
  readonly reset: () => Promise<void>;
  /** A directory in which nothing can be made or removed, and its undo. */
  readonly jam: (node: string, path: string) => Promise<void>;
  readonly unjam: (node: string, path: string) => Promise<void>;
  readonly killBrick: (node: string, path: string) => Promise<void>;
  /** What every node has stored about volumes, without version counters: equal texts, equal stores. */
  readonly stores: () => Promise<string>;
  /** Names of the volumes that a node has stored. */
  readonly volumesOn: (node: string) => Promise<readonly string[]>;
  /** Undefined where there are no clients. */
  readonly client: Client | undefined;
  /** What to say to the person who wants to go on. */
  readonly farewell: readonly string[];
  /** Takes away what nobody needs when the story is over. */
  readonly close: () => void;
}

export interface Client {
  /** Writes one file and unmounts. */
  readonly writeFile: (volume: string, name: string, text: string) => Promise<void>;
  /** What a brick directory holds under that name on any node. */
  readonly onBricks: (path: string) => Promise<readonly string[]>;
  /** Writes without a pause until stopped. */
  readonly startWriting: (volume: string) => Promise<Writing>;
}

export interface Writing {
  readonly writes: () => number;
  readonly stop: () => Promise<{
    readonly writes: number;
    readonly errors: readonly string[];
    readonly longestGapMs: number;
    readonly copiesEqual: boolean;
  }>;
}

export const NODES = ['node01', 'node02', 'node03'] as const;

/** The same, with a pause before each command of the story. */
export const pausedStage = (stage: Stage, pause: () => Promise<void>): Stage => ({
  ...stage,
  async glusterctl(args) {
    await pause();
    return stage.glusterctl(args);
  },
  async gluster(node, words) {
    await pause();
    return stage.gluster(node, words);
  },
});
