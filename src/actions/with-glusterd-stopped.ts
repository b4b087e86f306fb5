/**
 * Work on the stores of nodes while their glusterd is stopped and their bricks keep serving, as data. Owns
 * how a before-image is restored; `transaction/restart.ts` alone carries it out.
 */
import type { NodeName } from '../model/names.ts';
import type { NodeFacts, StoreBrick } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import { livePorts, stalePorts } from '../view/brick.ts';
import type { View } from '../view/view.ts';

/** On one node, between the stop and the start of its glusterd. */
export interface StoreWork {
  readonly node: NodeName;
  /** Of the store; they have to be writable before anything is stopped. */
  readonly paths: readonly string[];
  readonly op: NodeOp;
}

export interface RestartCall {
  readonly restart: readonly StoreWork[];
}

/** The work of each node that was read. */
export const withGlusterdStopped = (
  nodes: readonly NodeName[],
  view: View,
  work: (facts: NodeFacts) => Omit<StoreWork, 'node'>,
): readonly [RestartCall] => {
  const read = nodes.flatMap((node) => view.facts(node) ?? []);
  return [{ restart: read.map((facts) => ({ node: facts.node, ...work(facts) })) }];
};

export const volumePaths = (volumes: readonly string[]): readonly string[] =>
  volumes.map((volume) => `vols/${volume}`);

/**
 * Restores these volumes on a node. `bricks`: its own, whose ports are set where they run, as are those of
 * all other volumes where the store has another: the glusterd that starts reads them. `versions`: other ones
 * than in the image.
 */
export const restoreVolumes = (
  facts: NodeFacts,
  transaction: string,
  volumes: readonly string[],
  bricks: readonly (readonly [volume: string, own: readonly Pick<StoreBrick, 'path' | 'file'>[]])[],
  versions: ReadonlyMap<string, number> = new Map(),
): Extract<NodeOp, { kind: 'restore-store' }> => ({
  kind: 'restore-store',
  transaction,
  paths: volumePaths(volumes),
  ports: [
    ...bricks.flatMap(([volume, own]) => livePorts(facts, volume, own)),
    ...[...facts.store.volumes.values()].flatMap(({ name, bricks: all }) =>
      bricks.some(([volume]) => volume === name) ? [] : stalePorts(facts, name, all),
    ),
  ],
  ...(versions.size > 0 && {
    versions: [...versions].map(([volume, version]) => ({ path: `vols/${volume}/info`, version })),
  }),
});
