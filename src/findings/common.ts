/**
 * What several finding kinds ask of an observation: who belongs to the pool, which name means which node, and
 * what is already explained by a deeper cause. Owns these look-ups; reports nothing itself.
 */
import type { Desired } from '../model/desired.ts';
import type { NodeName, PeerUuid, VolumeName } from '../model/names.ts';
import type {
  DaemonVolume,
  GlusterProcess,
  NodeFacts,
  PidFile,
  StoreBrick,
  StoreVolume,
} from '../model/observed.ts';
import { memoized, peerEntry, poolIn } from '../view/pool.ts';
import { relativeToMount } from '../view/mount.ts';
import { brickProcesses, pidFilePath, stateOf, type View, type VolumeView } from '../view/view.ts';

/** Uuids that others list for a node and that are no node's own. */
export function formerUuids(view: View, facts: NodeFacts): ReadonlyMap<PeerUuid, readonly NodeName[]> {
  const all = [...poolIn(view).listedAs(facts.node)];
  return new Map(
    all
      .map(([uuid, by]): [PeerUuid, readonly NodeName[]] => [uuid, by.filter((n) => n !== facts.node)])
      .filter(([uuid, by]) => uuid !== facts.store.uuid && by.length > 0 && view.nodeOf(uuid) === undefined),
  );
}

/** Neither peers nor volumes, while others count it as one of theirs and have volumes. */
export function isWiped(view: View, facts: NodeFacts): boolean {
  if (facts.store.peers.length > 0 || facts.store.volumes.size > 0) return false;
  if (facts.store.problems.some((p) => p.path === '.' || /^(vols|peers)\//.test(p.path))) return false;
  const listing = [...poolIn(view).listedAs(facts.node).values()].flat();
  return listing.some((n) => (view.facts(n)?.store.volumes.size ?? 0) > 0);
}

/** Its glusterd.info gives another identity than the one the others know, or none. */
export const hasLostIdentity = (view: View, facts: NodeFacts): boolean =>
  formerUuids(view, facts).size > 0 &&
  (facts.store.uuid === undefined ||
    ![...poolIn(view).listedAs(facts.node).keys()].includes(facts.store.uuid) ||
    !poolIn(view).isMember(facts.node));

const twins = memoized((view) => {
  const byUuid = grouped(
    view.nodes.filter((n) => n.store.uuid !== undefined),
    (n) => n.store.uuid ?? '',
  );
  return byUuid.filter((group) => group.length > 1);
});

/** Groups of nodes that carry one uuid. */
export const twinsIn = (view: View): readonly (readonly NodeFacts[])[] => twins(view);

const untrustedStores = memoized(
  (view) =>
    new Set(
      view.nodes.filter(
        (n) =>
          !n.store.exists ||
          n.version === undefined ||
          isWiped(view, n) ||
          hasLostIdentity(view, n) ||
          twins(view).some((group) => group.includes(n)) ||
          n.store.problems.some((p) => p.path === '.' || p.path === 'glusterd.info'),
      ),
    ),
);

/** What a node's store says about the pool must not be weighed: something deeper is wrong with it. */
export const hasUntrustedStore = (view: View, facts: NodeFacts): boolean => untrustedStores(view).has(facts);

const trustedMembersOf = memoized((view) => poolIn(view).members.filter((n) => !hasUntrustedStore(view, n)));

/** Members whose stores can be compared. */
export const trustedMembers = (view: View): readonly NodeFacts[] => trustedMembersOf(view);

/** The same, without those whose files of this volume cannot be read. */
export const comparable = (view: View, volume: VolumeName): readonly NodeFacts[] =>
  trustedMembers(view).filter((n) => !hasBrokenFiles(n, volume));

export const hasBrokenFiles = (facts: NodeFacts, volume: VolumeName): boolean =>
  facts.store.problems.some((p) => p.path === `vols/${volume}` || p.path.startsWith(`vols/${volume}/`));

const copiesByName = memoized(
  (view) => new Map([...view.volumes].map(([name, volume]) => [name, findCopies(view, volume)])),
);

/** Copies on comparable members, in the order of the cluster file. Every volume kind asks: found once. */
export const copiesOf = (view: View, volume: VolumeView): readonly (readonly [NodeFacts, StoreVolume])[] =>
  copiesByName(view).get(volume.name) ?? [];

const findCopies = (view: View, volume: VolumeView): readonly (readonly [NodeFacts, StoreVolume])[] =>
  comparable(view, volume.name).flatMap((n) => {
    const copy = volume.copies.get(n.node);
    return copy === undefined ? [] : [[n, copy] as const];
  });

/** The same name stands for two volumes: comparing their contents would say nothing more. */
export function isConflicted(view: View, volume: VolumeView): boolean {
  const copies = copiesOf(view, volume);
  return copies.some(([, copy]) => copy.id !== copies[0]?.[1].id);
}

/** Files and directories with which glusterd does not start. */
export const startBlockers = (facts: NodeFacts): readonly string[] => [
  ...strayDirectories(facts),
  ...facts.store.problems.map((p) => p.path).filter((p) => /^vols\/[^/]+\/(info|bricks\/.+)$/.test(p)),
];

/**
 * Members that own bricks and that this node's peers/ does not know: glusterd does not start without them.
 */
export function missingOwners(view: View, facts: NodeFacts): readonly NodeFacts[] {
  const hosts = new Set(facts.store.peers.flatMap((p) => p.hostnames));
  const missing = new Set<NodeFacts>();
  for (const volume of facts.store.volumes.values())
    for (const brick of volume.bricks) {
      if (brick.ownerUuid === facts.store.uuid || hosts.has(brick.hostname)) continue;
      const node = view.nodeOf(brick.ownerUuid);
      const owner = node === undefined ? undefined : view.facts(node);
      if (owner === undefined || peerEntry(view, facts.node, brick.ownerUuid) !== undefined) continue;
      if (!hasUntrustedStore(view, owner)) missing.add(owner);
    }
  return [...missing];
}

/** Directories below vols/ and snaps/ that have no info. */
export function strayDirectories(facts: NodeFacts): readonly string[] {
  return facts.store.directories.filter(
    (d) => /^(vols|snaps)\/[^/]+$/.test(d) && !facts.store.files.has(`${d}/info`),
  );
}

export const isAbsent = (desired: Desired, volume: VolumeName): boolean =>
  desired.volumes.some((v) => v.name === volume && v.state === 'absent');

/** A brick with what its owner's node knows of it, from all witnesses. */
export interface LocalBrick {
  readonly facts: NodeFacts;
  readonly volume: StoreVolume;
  readonly brick: StoreBrick;
  readonly subject: string;
  readonly believed:
    | { readonly volume: DaemonVolume; readonly local: NonNullable<DaemonVolume['bricks'][number]['local']> }
    | undefined;
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

const bricks = memoized((view) =>
  view.nodes.filter((n) => !hasUntrustedStore(view, n)).flatMap((n) => localBricks(view, n)),
);

export const allBricks = (view: View): readonly LocalBrick[] => bricks(view);

/**
 * Processes that serve a brick alone and listen; one that is only starting does not yet, and is there twice
 * while it forks.
 */
export const servingProcesses = ({ facts, volume, brick }: LocalBrick): readonly GlusterProcess[] =>
  brickProcesses(facts, volume.name, brick.path).filter(
    (p) => p.ports.length > 0 && !p.argv.includes('--brick-mux'),
  );

/** The brick's pid file, if it names a living process that is not the brick. */
export function unrelatedPidFile({ facts, volume, brick }: LocalBrick): PidFile | undefined {
  const path = pidFilePath(volume.name, brick.hostname, brick.path);
  const file = facts.pidFiles.find((f) => f.path === path && f.alive);
  if (file === undefined) return undefined;
  const process = facts.processes.find((p) => p.pid === file.pid);
  const isBrick = process?.brick?.path === brick.path && process.brick.volume === volume.name;
  const isShared = process?.role === 'brick' && process.argv.includes('--brick-mux');
  return isBrick || isShared ? undefined : file;
}

export type BrickFitness = 'fit' | 'missing' | 'not-mounted' | 'no-volume-id' | 'foreign-volume-id';

/** What a brick stands on. The first that is wrong explains the others. */
export function brickFitness({ facts, volume, brick }: LocalBrick): BrickFitness {
  const at = facts.paths.get(brick.path);
  if (at === undefined) return 'missing';
  if (brick.mountDir !== '' && relativeToMount(facts, brick.path) !== brick.mountDir) return 'not-mounted';
  if (at.volumeId === undefined) return 'no-volume-id';
  return at.volumeId === volume.id ? 'fit' : 'foreign-volume-id';
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Nodes of equal value together, largest group first; the value that most nodes have is first. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const of = groups.get(key(item));
    if (of === undefined) groups.set(key(item), [item]);
    else of.push(item);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/** The end of a message about a node that has lost its identity: a start would give it a new one. */
export const downWith = (facts: NodeFacts): string =>
  facts.memory.kind === 'down'
    ? '; glusterd is down there and must not be started before it is put right'
    : '';

/** What cannot be read in its store, beside stray directories. */
export function damagedIn(facts: NodeFacts): NodeFacts['store']['problems'] {
  const stray = new Set(strayDirectories(facts));
  return facts.store.problems.filter((p) => !stray.has(p.path));
}

/** Started as it is, it would be another node, or make itself one. */
export const isLost = (view: View, facts: NodeFacts): boolean =>
  isWiped(view, facts) ||
  hasLostIdentity(view, facts) ||
  facts.store.problems.some((p) => p.path === 'glusterd.info');
