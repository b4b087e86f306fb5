/**
 * Restores the definitions of volumes from an earlier transaction's before-image. glusterd is stopped on all
 * nodes together; bricks keep serving. Owns what "as in the image" means; refuses bricks that could not be
 * started.
 */
import { digest } from '../core/digest.ts';
import type { Definition } from '../model/definition.ts';
import { nodeName, type NodeName, volumeName, type VolumeName } from '../model/names.ts';
import type { Store } from '../model/observed.ts';
import { brickStartProblems, forceProblems, isOnline, locate } from '../view/brick.ts';
import { risksOfOptions } from './option-risks.ts';
import { sameInMemory } from '../view/same-in-memory.ts';
import { quorumProblems } from '../view/quorum.ts';
import { stateOf, type View } from '../view/view.ts';
import { type Calls, defineAction, type Standing } from './action.ts';
import { forceStart } from './common.ts';
import { restoreVolumes, volumePaths, withGlusterdStopped } from './with-glusterd-stopped.ts';

export type RestoredVolume = {
  readonly id: string;
  /** See `contentOf`. */
  readonly content: string;
  /** Plans of earlier releases have none. */
  readonly definition?: Definition;
  readonly isStarted: boolean;
  readonly options: { readonly [name: string]: string };
  readonly bricks: readonly {
    readonly node: string;
    readonly path: string;
    readonly file: string;
    readonly mountDir: string;
  }[];
};

export type VolumeRestoreArgs = {
  /** Whose before-image it is. */
  readonly transaction: string;
  readonly nodes: readonly string[];
  readonly volumes: { readonly [volume: string]: RestoredVolume };
};

/**
 * A fingerprint of what must be equal on all nodes and in the image. Without the version, which glusterd
 * increments, and a node's own keys, which glusterd rewrites. Undefined: the store has no such volume.
 */
export function contentOf(store: Store, volume: VolumeName): string | undefined {
  const is = store.volumes.get(volume);
  if (is === undefined) return undefined;
  const quota = store.files.get(`vols/${volume}/quota.conf`)?.content.toString('base64') ?? '';
  return digest([is.signature, quota, ...is.bricks.map((b) => b.file)].join('\0'));
}

const namesOf = (args: VolumeRestoreArgs): readonly VolumeName[] => Object.keys(args.volumes).map(volumeName);
const nodesOf = (args: VolumeRestoreArgs): readonly NodeName[] => args.nodes.map(nodeName);

const listOf = (args: VolumeRestoreArgs): string => {
  const names = namesOf(args);
  return `${names.length === 1 ? 'volume' : 'volumes'} ${names.join(', ')}`;
};

/** On disk, with one version on all nodes. */
function isOnDisk(args: VolumeRestoreArgs, view: View): boolean {
  return namesOf(args).every((name) => {
    const stores = nodesOf(args).map((node) => view.facts(node)?.store);
    const versions = new Set(stores.map((s) => s?.volumes.get(name)?.version));
    const same = stores.every((s) => s !== undefined && contentOf(s, name) === args.volumes[name]?.content);
    return same && versions.size === 1;
  });
}

const isRemembered = (args: VolumeRestoreArgs, view: View): boolean =>
  nodesOf(args).every((node) => {
    const facts = view.facts(node);
    const state = facts === undefined ? undefined : stateOf(facts);
    return (
      state?.peers.every((p) => p.connected) === true &&
      namesOf(args).every((name) => sameInMemory(facts?.store.volumes.get(name), state.volumes.get(name)))
    );
  });

const isServed = (name: VolumeName, volume: RestoredVolume, view: View): boolean =>
  !volume.isStarted ||
  volume.bricks.every(({ node, path }) => {
    const located = locate({ volume: name, node, path }, view);
    return located !== undefined && isOnline(located);
  });

const putBack = (args: VolumeRestoreArgs, view: View): Calls =>
  withGlusterdStopped(nodesOf(args), view, (facts) => {
    const bricks = Object.entries(args.volumes).map(
      ([name, volume]) => [name, volume.bricks.filter((b) => b.node === facts.node)] as const,
    );
    const op = restoreVolumes(facts, args.transaction, namesOf(args), bricks);
    return { op, paths: volumePaths(namesOf(args)) };
  });

/** Bricks that a glusterd does not start by itself once it sees its peers. */
const restartBricks = (args: VolumeRestoreArgs, view: View): Calls =>
  Object.entries(args.volumes).flatMap(([name, volume]) =>
    isServed(volumeName(name), volume, view) || forceProblems(name, view).length > 0
      ? []
      : forceStart(name, view),
  );

export const volumeRestore = defineAction<'volume-restore', VolumeRestoreArgs>({
  name: 'volume-restore',
  risk: 'disruptive',
  risks: (args, view) =>
    Object.entries(args.volumes).flatMap(([name, { options }]) => {
      const volume = view.volumes.get(volumeName(name))?.best;
      return volume === undefined ? [] : risksOfOptions(volume, new Map(Object.entries(options)));
    }),
  subject: (args) => {
    const [only, ...more] = namesOf(args);
    return only === undefined || more.length > 0 ? 'cluster' : `volume/${only}`;
  },
  volumes: namesOf,
  becomes: (args) => {
    const known = Object.entries(args.volumes).flatMap(([name, { definition }]) =>
      definition === undefined ? [] : [[volumeName(name), definition] as const],
    );
    return known.length === namesOf(args).length ? new Map(known) : 'unknown';
  },
  nodes: nodesOf,
  summary: (args) =>
    `put ${listOf(args)} back as before transaction ${args.transaction}, glusterd stopped meanwhile`,
  undo: () => null,
  requires: (args, view) => [
    ...quorumProblems(nodesOf(args), view),
    ...Object.entries(args.volumes).flatMap(([name, { id, isStarted, bricks }]) =>
      bricks.flatMap((brick) => {
        const isUsed = isStarted || !view.volumes.has(volumeName(name));
        const facts = isUsed ? view.facts(nodeName(brick.node)) : undefined;
        const problems = facts === undefined ? [] : brickStartProblems({ facts, volume: { id }, brick });
        return problems.map((p) => `${brick.node}:${brick.path} cannot be a brick of ${name} again: ${p}`);
      }),
    ),
  ],
  calls: (args, view) => (isOnDisk(args, view) ? restartBricks(args, view) : putBack(args, view)),
  effectMs: 60_000,
  /**
   * Never "undone": it may have stopped a glusterd, and a rollback has to compare every volume.
   */
  standing(args, view): Standing {
    const served = Object.entries(args.volumes).every(([n, v]) => isServed(volumeName(n), v, view));
    return isOnDisk(args, view) && isRemembered(args, view) && served ? 'done' : 'partial';
  },
  inverse: () => null,
});
