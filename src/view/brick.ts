/**
 * One brick with what its owner's node knows of it, from disk, memory and processes. Owns what "online" means
 * and what forbids starting it.
 */
import { type NodeName, volumeName } from '../model/names.ts';
import type {
  DaemonBrick,
  DaemonVolume,
  GlusterProcess,
  NodeFacts,
  PidFile,
  StoreBrick,
  StoreVolume,
} from '../model/observed.ts';
import { holdsNoFile } from './brick-marks.ts';
import { isDrained } from './drained.ts';
import { relativeToMount } from './mount.ts';
import { connectedToLeftOut, memoized } from './pool.ts';
import { hasUntrustedStore } from './trust.ts';
import {
  brickProcesses,
  dashed,
  pidFilePath,
  servedByMultiplex,
  servesOthers,
  stateOf,
  type View,
} from './view.ts';

export type BrickArgs = { readonly volume: string; readonly node: string; readonly path: string };

/** A brick with what its owner's node knows of it, from all witnesses. */
export interface LocalBrick {
  readonly facts: NodeFacts;
  readonly volume: StoreVolume;
  readonly brick: StoreBrick;
  readonly subject: string;
  /** As this node's glusterd has the volume and the brick in memory. */
  readonly believed:
    { readonly volume: DaemonVolume; readonly local: NonNullable<DaemonBrick['local']> } | undefined;
}

const bricksByNode = memoized((view) => new Map(view.nodes.map((n) => [n, findLocalBricks(view, n)])));

/** Bricks of a node by its own store. */
export const localBricks = (view: View, facts: NodeFacts): readonly LocalBrick[] =>
  bricksByNode(view).get(facts) ?? [];

function findLocalBricks(view: View, facts: NodeFacts): readonly LocalBrick[] {
  const found: LocalBrick[] = [];
  for (const volume of facts.store.volumes.values())
    for (const brick of volume.bricks) {
      if (view.ownerOf(brick) !== facts.node) continue;
      const inMemory = stateOf(facts)?.volumes.get(volume.name);
      const local = inMemory?.bricks.find((b) => b.path === brick.path && b.local !== undefined)?.local;
      const believed =
        inMemory === undefined || local === undefined ? undefined : { volume: inMemory, local };
      found.push({ facts, volume, brick, subject: `brick/${facts.node}:${brick.path}`, believed });
    }
  return found;
}

const bricksOfTrustedNodes = memoized((view) =>
  view.nodes.filter((n) => !hasUntrustedStore(view, n)).flatMap((n) => localBricks(view, n)),
);

/** Bricks of all nodes whose store can be trusted. */
export const trustedBricks = (view: View): readonly LocalBrick[] => bricksOfTrustedNodes(view);

const bricksByPlace = memoized((view) => {
  const found = new Map<string, LocalBrick>();
  for (const own of bricksByNode(view).values())
    for (const local of own) {
      const key = placeKey({ volume: local.volume.name, node: local.facts.node, path: local.brick.path });
      if (!found.has(key)) found.set(key, local);
    }
  return found;
});

const placeKey = ({ volume, node, path }: BrickArgs): string => `${volume} ${node}:${path}`;

export const locate = (args: BrickArgs, view: View): LocalBrick | undefined =>
  bricksByPlace(view).get(placeKey(args));

/** The bricks of a volume on the nodes that own them, as far as these have its definition. */
export const bricksOf = (volume: string, view: View): readonly LocalBrick[] =>
  (view.volumes.get(volumeName(volume))?.best.bricks ?? []).flatMap(
    (b) => locate({ volume, node: view.ownerOf(b) ?? '', path: b.path }, view) ?? [],
  );

/** The other bricks of its replica or disperse set; of a distribute volume none: each stands for itself. */
export function siblingsOf(
  { volume, brick }: Pick<LocalBrick, 'volume' | 'brick'>,
  view: View,
): readonly LocalBrick[] {
  const { layout, bricks } = volume;
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  const set = Math.floor(bricks.findIndex((b) => b.file === brick.file) / size);
  return bricks
    .slice(set * size, (set + 1) * size)
    .filter((b) => b.file !== brick.file)
    .flatMap((b) => locate({ volume: volume.name, node: view.ownerOf(b) ?? '', path: b.path }, view) ?? []);
}

/** Undefined: not known. */
export const pendingHeals = ({ facts, brick }: LocalBrick): number | undefined =>
  facts.paths.get(brick.path)?.pendingHeals;

/**
 * Whether a brick of a disperse set is as new while others of the set are not. glusterd marks nothing for it,
 * unlike in a replica set: until its own self-heal daemon has met it, no brick counts a heal (seen for 8 s,
 * and as long as that daemon does not act).
 */
export function isUnfilled(local: LocalBrick, view: View): boolean {
  const changes = ({ facts, brick }: LocalBrick): number => facts.paths.get(brick.path)?.ecVersion ?? 0;
  return (
    local.volume.layout.kind === 'disperse' &&
    local.facts.paths.has(local.brick.path) &&
    changes(local) === 0 &&
    siblingsOf(local, view).some((s) => changes(s) > 0)
  );
}

/**
 * Files of the set that wait for a heal, or a member that is down: taking this one down too could take the
 * only good copy.
 */
export function siblingProblems(located: LocalBrick, view: View): readonly string[] {
  const siblings = siblingsOf(located, view);
  const set = siblings.length === 0 ? [] : [located, ...siblings];
  const healing = set.filter((s) => pendingHeals(s) !== 0);
  const down = siblings.filter(
    (s) =>
      brickProcesses(s.facts, s.volume.name, s.brick.path).length === 0 &&
      servedByMultiplex(s.facts, s.brick, s.volume.name) === undefined,
  );
  return [
    ...healing.map((s) =>
      pendingHeals(s) === undefined
        ? `whether files are still healed from ${s.facts.node}:${s.brick.path} is not known`
        : `files are still healed from ${s.facts.node}:${s.brick.path}`,
    ),
    ...siblings
      .filter((s) => isUnfilled(s, view))
      .map((s) => `${s.facts.node}:${s.brick.path} is new, and nothing was healed to it yet`),
    ...down.map((s) => `${s.facts.node}:${s.brick.path} is down`),
  ];
}

/**
 * Online as `volume status` means it, and the process is there and listens on the port that
 * glusterd gives to clients.
 */
export function isOnline({ facts, volume, brick, believed }: LocalBrick): boolean {
  const local = believed?.local;
  const processes = brickProcesses(facts, volume.name, brick.path);
  if (local?.status !== 'Started') return false;
  if (servedByMultiplex(facts, brick, volume.name) !== undefined) return true;
  return local.registered && processes.some((p) => p.ports.includes(local.port));
}

/**
 * Processes that serve a brick alone and listen; one that is only starting does not yet, and is there twice
 * while it forks.
 */
export const servingProcesses = ({ facts, volume, brick }: LocalBrick): readonly GlusterProcess[] =>
  brickProcesses(facts, volume.name, brick.path).filter(
    (p) => p.ports.length > 0 && !p.argv.includes('--brick-mux') && !servesOthers(facts, p),
  );

/** The brick's pid file, if it names a living process that is not the brick. */
export function unrelatedPidFile({ facts, volume, brick }: LocalBrick): PidFile | undefined {
  const path = pidFilePath(volume.name, brick.hostname, brick.path);
  const file = facts.pidFiles.find((f) => f.path === path && f.alive);
  if (file === undefined) return undefined;
  const process = facts.processes.find((p) => p.pid === file.pid);
  const isBrick = process?.brick?.path === brick.path && process.brick.volume === volume.name;
  return isBrick || servedByMultiplex(facts, brick, volume.name) !== undefined ? undefined : file;
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

/** Of these bricks of a volume: those that this node owns and whose stored port is another. */
export const stalePorts = (
  facts: NodeFacts,
  volume: string,
  bricks: readonly StoreBrick[],
): ReturnType<typeof livePorts> =>
  bricks
    .filter((b) => b.ownerUuid === facts.store.uuid)
    .flatMap((b) => livePorts(facts, volume, [b]).filter(({ port }) => port !== b.listenPort));

export type BrickFitness =
  'fit' | 'unread' | 'missing' | 'not-mounted' | 'no-volume-id' | 'foreign-volume-id';

interface BrickPlace {
  readonly facts: NodeFacts;
  readonly volume: Pick<StoreVolume, 'id'>;
  readonly brick: Pick<StoreBrick, 'path' | 'mountDir'>;
}

/** What a brick stands on. The first that is wrong explains the others. */
export function brickFitness({ facts, volume, brick }: BrickPlace): BrickFitness {
  if (facts.unreadPaths.has(brick.path)) return 'unread';
  const at = facts.paths.get(brick.path);
  if (at === undefined) return 'missing';
  if (brick.mountDir !== '' && relativeToMount(facts, brick.path) !== brick.mountDir) return 'not-mounted';
  if (at.volumeId === undefined) return 'no-volume-id';
  return at.volumeId === volume.id ? 'fit' : 'foreign-volume-id';
}

/**
 * What forbids starting it: checked for a launch and for `start force` alike, because force stamps what it
 * finds.
 */
export function brickStartProblems(place: BrickPlace): readonly string[] {
  const { facts, volume, brick } = place;
  const at = facts.paths.get(brick.path);
  switch (brickFitness(place)) {
    case 'unread':
      return [`it could not be read: ${facts.unreadPaths.get(brick.path) ?? ''}`];
    case 'missing':
      return ['its directory does not exist: is its file system mounted?'];
    case 'not-mounted':
      return [
        `its file system is not mounted: it lies on ${at?.mountPoint ?? ''} now, ` +
          'where it was not when it became a brick',
      ];
    case 'no-volume-id':
      return ['it carries no volume-id: the disk was replaced, or this is another directory'];
    case 'foreign-volume-id':
      return [`it carries the volume-id ${at?.volumeId ?? ''} of another volume, not ${volume.id}`];
    case 'fit':
      return facts.filesystems.get(brick.path)?.readOnly === true
        ? ['its file system is mounted read-only']
        : [];
  }
}

/** What its own glusterd would give to it, and nothing can be started from. */
export function volfileProblems({ facts, volume, brick }: LocalBrick): readonly string[] {
  const path = `vols/${volume.name}/${volume.name}.${brick.hostname}.${dashed(brick.path)}.vol`;
  const fault = facts.brokenVolfiles.get(path);
  return fault === undefined ? [] : [`its volfile ${path} ${fault}`];
}

/**
 * It carries the volume-id, no process has ever served it, and others of its set are served: started as it
 * is, it would count as a copy that lacks nothing.
 */
export function isOnlyMarked(local: LocalBrick, view: View): boolean {
  const { facts, volume, brick } = local;
  const at = facts.paths.get(brick.path);
  if (at?.volumeId !== volume.id || at.gfid || !holdsNoFile(at)) return false;
  return siblingsOf(local, view).some((s) => s.facts.paths.get(s.brick.path)?.gfid === true);
}

export const unfilledProblems = (local: LocalBrick, view: View): readonly string[] =>
  isOnlyMarked(local, view)
    ? ['it was marked for its volume and never filled: clients would take it for a copy']
    : [];

/**
 * `start force` starts, and stamps, every brick of the volume that is down: all of them must be fit to start,
 * and none may be on a drained node, but for `returning`. It does not reach the bricks of a node that is left
 * out and that no glusterd is connected to.
 */
export const forceProblems = (volume: string, view: View, returning?: NodeName): readonly string[] =>
  (view.volumes.get(volumeName(volume))?.best.bricks ?? []).flatMap((b) => {
    const node = view.ownerOf(b);
    if (node !== undefined && view.leftOut.has(node) && connectedToLeftOut(view, node).length === 0)
      return [];
    const located = node === undefined ? undefined : locate({ volume, node, path: b.path }, view);
    const problems =
      located === undefined
        ? ['nothing is known of it']
        : isDrained(located.facts) && node !== returning
          ? ['its node is drained']
          : [
              ...brickStartProblems(located),
              ...unfilledProblems(located, view),
              ...(isOnline(located) ? [] : volfileProblems(located)),
            ];
    return problems.map((p) => `${b.hostname}:${b.path} cannot be started: ${p}`);
  });
