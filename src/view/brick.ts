/**
 * One brick with what its owner's node knows of it, from disk, memory and processes. Owns what "online" means
 * and what forbids starting it.
 */
import { nodeName, volumeName } from '../model/names.ts';
import type { DaemonBrick, NodeFacts, StoreBrick, StoreVolume } from '../model/observed.ts';
import { relativeToMount } from './mount.ts';
import { brickProcesses, servedByMultiplex, stateOf, type View } from './view.ts';

export type BrickArgs = { readonly volume: string; readonly node: string; readonly path: string };

export interface Located {
  readonly facts: NodeFacts;
  readonly volume: StoreVolume;
  readonly brick: StoreBrick;
  /** As this node's glusterd has it in memory. */
  readonly believed: DaemonBrick | undefined;
}

export function locate(args: BrickArgs, view: View): Located | undefined {
  const facts = view.facts(nodeName(args.node));
  const volume = facts?.store.volumes.get(volumeName(args.volume));
  const brick = volume?.bricks.find((b) => b.path === args.path && view.ownerOf(b) === args.node);
  if (facts === undefined || volume === undefined || brick === undefined) return undefined;
  const believed = stateOf(facts)
    ?.volumes.get(volume.name)
    ?.bricks.find((b) => b.path === brick.path && b.local !== undefined);
  return { facts, volume, brick, believed };
}

/** The bricks of a volume on the nodes that own them, as far as these have its definition. */
export const bricksOf = (volume: string, view: View): readonly Located[] =>
  (view.volumes.get(volumeName(volume))?.best.bricks ?? []).flatMap(
    (b) => locate({ volume, node: view.ownerOf(b) ?? '', path: b.path }, view) ?? [],
  );

/** The other bricks of its replica or disperse set; of a distribute volume none: each stands for itself. */
export function siblingsOf(
  { volume, brick }: Pick<Located, 'volume' | 'brick'>,
  view: View,
): readonly Located[] {
  const { layout, bricks } = volume;
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  const set = Math.floor(bricks.findIndex((b) => b.file === brick.file) / size);
  return bricks
    .slice(set * size, (set + 1) * size)
    .filter((b) => b.file !== brick.file)
    .flatMap((b) => locate({ volume: volume.name, node: view.ownerOf(b) ?? '', path: b.path }, view) ?? []);
}

const pendingHeals = ({ facts, brick }: Located): number => facts.paths.get(brick.path)?.pendingHeals ?? 0;

/**
 * Files of the set that wait for a heal, or a member that is down: taking this one down too could take the
 * only good copy.
 */
export function siblingProblems(located: Located, view: View): readonly string[] {
  const siblings = siblingsOf(located, view);
  const healing = siblings.length === 0 ? [] : [located, ...siblings].filter((s) => pendingHeals(s) > 0);
  const down = siblings.filter(
    (s) =>
      brickProcesses(s.facts, s.volume.name, s.brick.path).length === 0 &&
      servedByMultiplex(s.facts, s.brick, s.volume.name) === undefined,
  );
  return [
    ...healing.map((s) => `files are still healed from ${s.facts.node}:${s.brick.path}`),
    ...down.map((s) => `${s.facts.node}:${s.brick.path} is down`),
  ];
}

/**
 * Online as `volume status` means it, and the process is there and listens on the port glusterd tells
 * clients.
 */
export function isOnline({ facts, volume, brick, believed }: Located): boolean {
  const local = believed?.local;
  const processes = brickProcesses(facts, volume.name, brick.path);
  if (local?.status !== 'Started') return false;
  if (servedByMultiplex(facts, brick, volume.name) !== undefined) return true;
  return local.registered && processes.some((p) => p.ports.includes(local.port));
}

/**
 * Where the stores name the ports of bricks that run on this node, and which: a glusterd that starts believes
 * the port on disk, so it must be the one that the running process has.
 */
export const livePorts = (
  facts: NodeFacts,
  volume: string,
  own: readonly Pick<StoreBrick, 'path' | 'file'>[],
): readonly { readonly path: string; readonly port: number }[] =>
  own.flatMap((brick) => {
    const port = brickProcesses(facts, volume, brick.path)[0]?.brick?.port;
    return port === undefined ? [] : [{ path: `vols/${volume}/bricks/${brick.file}`, port }];
  });

/**
 * What forbids starting it: checked for a launch and for `start force` alike, because force stamps what it
 * finds.
 */
export function brickStartProblems({
  facts,
  volume,
  brick,
}: {
  readonly facts: NodeFacts;
  readonly volume: Pick<StoreVolume, 'id'>;
  readonly brick: Pick<StoreBrick, 'path' | 'mountDir'>;
}): readonly string[] {
  const at = facts.paths.get(brick.path);
  if (at === undefined) return ['its directory does not exist: is its file system mounted?'];
  if (brick.mountDir !== '' && relativeToMount(facts, brick.path) !== brick.mountDir)
    return [
      `its file system is not mounted: it lies on ${at.mountPoint} now, where it was not when it became a brick`,
    ];
  if (at.volumeId === undefined)
    return ['it carries no volume-id: the disk was replaced, or this is another directory'];
  if (at.volumeId !== volume.id)
    return [`it carries the volume-id ${at.volumeId} of another volume, not ${volume.id}`];
  if (facts.filesystems.get(brick.path)?.readOnly === true) return ['its file system is mounted read-only'];
  return [];
}

/**
 * `start force` starts, and stamps, every brick of the volume that is down: all of them must be fit to start.
 */
export const forceProblems = (volume: string, view: View): readonly string[] =>
  (view.volumes.get(volumeName(volume))?.best.bricks ?? []).flatMap((b) => {
    const node = view.ownerOf(b);
    const located = node === undefined ? undefined : locate({ volume, node, path: b.path }, view);
    const problems = located === undefined ? ['nothing is known of it'] : brickStartProblems(located);
    return problems.map((p) => `${b.hostname}:${b.path} cannot be started: ${p}`);
  });
