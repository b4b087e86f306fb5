/**
 * Seeded pauses around the product: before each thing that it asks of a node, or between two of its commands.
 * The same seed pauses alike, node by node; what order the nodes then take among themselves is theirs.
 * Changes no answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenCluster } from '../../src/cli/cluster.ts';
import type { NodeLink } from '../../src/model/node-link.ts';
import { seeded } from '../../src/simulator/random.ts';

/** How the product is run: the words after `node`, and what its environment has besides ours. */
export interface Program {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A run that takes longer is killed. */
  readonly limitMs: number;
}

export const COMMAND_LIMIT_MS = 600_000;
/** More calls one after the other than any run makes. */
const CALLS_MAX = 200;

export interface Pauses {
  readonly seed: number;
  readonly maxMs: number;
}

export type Pause = () => Promise<void>;

export function pauser({ seed, maxMs }: Pauses): Pause {
  const random = seeded(seed);
  return async () => {
    await sleep(random.int(0, maxMs));
  };
}

/** From source, with a pause before each call to a node. */
export const pausedProgram = ({ seed, maxMs }: Pauses): Program => ({
  words: [
    '--import',
    import.meta.resolve('tsx'),
    new URL('./paused-glusterctl.ts', import.meta.url).pathname,
  ],
  env: { PAUSE_SEED: String(seed), PAUSE_MAX_MS: String(maxMs) },
  limitMs: COMMAND_LIMIT_MS + CALLS_MAX * maxMs,
});

/** From words, as flags and the environment have them. */
export function pausesOf(seed: string, maxMs: string): Pauses {
  const pauses = { seed: Number(seed), maxMs: Number(maxMs) };
  if (!Number.isInteger(pauses.seed) || !Number.isInteger(pauses.maxMs) || pauses.maxMs < 0)
    throw new Error(`a seed and the milliseconds of the longest pause are whole numbers: ${seed}, ${maxMs}`);
  return pauses;
}

/** What is read while the cluster is opened comes after one pause for all; each later call has its own. */
export function pausedCluster(open: OpenCluster, pauses: Pauses): OpenCluster {
  // Each node has a sequence of its own, so that what one node is asked does not depend on how fast another
  // was.
  const ofNode = new Map<string, Pause>();
  const pauseOf = (node: string): Pause => {
    const known = ofNode.get(node) ?? pauser({ ...pauses, seed: mixed(pauses.seed, node) });
    ofNode.set(node, known);
    return known;
  };
  const paused = (link: NodeLink): NodeLink => pausedLink(link, pauseOf(link.node));
  return async (...args) => {
    await pauseOf('')();
    const cluster = await open(...args);
    return {
      clock: cluster.clock,
      observed: cluster.observed,
      links: new Map([...cluster.links].map(([name, link]) => [name, paused(link)])),
      relink: async (node) => {
        const link = await cluster.relink(node);
        return link === undefined ? undefined : paused(link);
      },
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  };
}

function pausedLink(link: NodeLink, pause: Pause): NodeLink {
  return {
    ...link,
    observe: async (...args) => {
      await pause();
      return link.observe(...args);
    },
    lock: async (...args) => {
      await pause();
      return link.lock(...args);
    },
    perform: async (...args) => {
      await pause();
      return link.perform(...args);
    },
  };
}

const mixed = (seed: number, word: string): number =>
  Buffer.from(word).reduce((sum, byte) => Math.imul(sum, 31) + byte, seed);
