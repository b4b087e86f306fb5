/**
 * The observation, indexed: who owns what, which copies of a volume there are. Owns the indexes that both
 * planning and transactions need; refuses judgement — disagreement is `findings/`'s to say.
 */
import type { Failure } from '../core/failure.ts';
import { type NodeName, type PeerUuid, placeOfSubject, volumeName, type VolumeName } from '../model/names.ts';
import type {
  DaemonState,
  GlusterProcess,
  NodeFacts,
  Observed,
  StoreBrick,
  StoreVolume,
} from '../model/observed.ts';

export interface View {
  /** Nodes that were read, in the order of the cluster file. */
  readonly nodes: readonly NodeFacts[];
  readonly failed: ReadonlyMap<NodeName, Failure>;
  /** Nodes that nobody asked, and as what the others list them; undefined: they do not. */
  readonly leftOut: ReadonlyMap<NodeName, PeerUuid | undefined>;
  /** Nodes that shall not be in the pool. */
  readonly leaving: ReadonlySet<NodeName>;
  readonly facts: (node: NodeName) => NodeFacts | undefined;
  readonly nodeOf: (uuid: PeerUuid | undefined) => NodeName | undefined;
  /** The node that owns a brick, by uuid, else by name; it may be one that was not read. */
  readonly ownerOf: (brick: Placed) => NodeName | undefined;
  /** Every volume that any node's store holds, with each node's copy, sorted by name. */
  readonly volumes: ReadonlyMap<VolumeName, VolumeView>;
  /** Uuids that any node lists as a peer, of nodes that are not among those asked. */
  readonly strangers: ReadonlyMap<
    PeerUuid,
    { readonly hostnames: readonly string[]; readonly listedBy: readonly NodeName[] }
  >;
  /** What `once` has found out from it. Kept here and not in a WeakMap, whose values outlive many a view. */
  readonly answers: Map<unknown, unknown>;
}

/** A brick as a store has it, or as a glusterd remembers it. */
type Placed = Pick<StoreBrick, 'hostname'> & Partial<Pick<StoreBrick, 'ownerUuid'>>;

export interface VolumeView {
  readonly name: VolumeName;
  readonly copies: ReadonlyMap<NodeName, StoreVolume>;
  /**
   * The copy of the highest version, first node first: what a person means by "the volume" while all agree.
   */
  readonly best: StoreVolume;
}

export function makeView(observed: Observed): View {
  const nodes: NodeFacts[] = [];
  const failed = new Map<NodeName, Failure>();
  const absent: NodeName[] = [];
  for (const [node, reading] of observed.nodes)
    if (reading.kind === 'read') nodes.push(reading.facts);
    else if (reading.kind === 'failed') failed.set(node, reading.failure);
    else absent.push(node);
  const byName = new Map(nodes.map((n) => [n.node, n]));
  const byUuid = new Map(
    nodes.flatMap((n): [PeerUuid, NodeName][] =>
      n.store.uuid === undefined ? [] : [[n.store.uuid, n.node]],
    ),
  );
  const byHost = hostIndex(nodes);
  const strangers = collectStrangers(nodes, byUuid);
  const leftOut = new Map(absent.map((node) => [node, listedAs(node, nodes, strangers)]));
  const unseen = new Map([...absent, ...failed.keys()].map((n) => [n, listedAs(n, nodes, strangers)]));
  const unseenOwner = ({ ownerUuid, hostname }: Placed): NodeName | undefined =>
    [...unseen].find(([n, uuid]) => n === hostname || (ownerUuid !== undefined && uuid === ownerUuid))?.[0];
  return {
    nodes,
    failed,
    leftOut,
    leaving: observed.leaving ?? new Set(),
    facts: (node) => byName.get(node),
    nodeOf: (uuid) => (uuid === undefined ? undefined : byUuid.get(uuid)),
    ownerOf: (brick) =>
      (brick.ownerUuid === undefined ? undefined : byUuid.get(brick.ownerUuid)) ??
      byHost.get(brick.hostname) ??
      unseenOwner(brick),
    volumes: collectVolumes(nodes),
    strangers,
    answers: new Map(),
  };
}

/** Node names, and every host name under which the others know a node. */
function hostIndex(nodes: readonly NodeFacts[]): ReadonlyMap<string, NodeName> {
  const index = new Map<string, NodeName>(nodes.map((n) => [n.node, n.node]));
  const byUuid = new Map(nodes.map((n) => [n.store.uuid, n.node]));
  for (const facts of nodes)
    for (const peer of facts.store.peers) {
      const node = peer.uuid === undefined ? undefined : byUuid.get(peer.uuid);
      if (node !== undefined) for (const host of peer.hostnames) if (!index.has(host)) index.set(host, node);
    }
  return index;
}

function collectVolumes(nodes: readonly NodeFacts[]): ReadonlyMap<VolumeName, VolumeView> {
  const copies = new Map<VolumeName, Map<NodeName, StoreVolume>>();
  for (const facts of nodes)
    for (const [name, volume] of facts.store.volumes) {
      const of = copies.get(name) ?? new Map<NodeName, StoreVolume>();
      copies.set(name, of.set(facts.node, volume));
    }
  const views: [VolumeName, VolumeView][] = [];
  for (const [name, of] of copies) {
    const [first, ...rest] = of.values();
    if (first === undefined) continue;
    views.push([
      name,
      { name, copies: of, best: rest.reduce((a, b) => (b.version > a.version ? b : a), first) },
    ]);
  }
  return new Map(views.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function collectStrangers(
  nodes: readonly NodeFacts[],
  byUuid: ReadonlyMap<PeerUuid, NodeName>,
): View['strangers'] {
  const found = new Map<PeerUuid, { hostnames: Set<string>; listedBy: Set<NodeName> }>();
  for (const facts of nodes)
    for (const peer of facts.store.peers) {
      if (peer.uuid === undefined || byUuid.has(peer.uuid)) continue;
      const entry = found.get(peer.uuid) ?? { hostnames: new Set(), listedBy: new Set() };
      found.set(peer.uuid, entry);
      for (const host of peer.hostnames) entry.hostnames.add(host);
      entry.listedBy.add(facts.node);
    }
  return new Map(
    [...found].map(([uuid, e]) => [uuid, { hostnames: [...e.hostnames], listedBy: [...e.listedBy] }]),
  );
}

/** By its name, or by an address that its name and that of the peer have in common. */
function listedAs(
  node: NodeName,
  nodes: readonly NodeFacts[],
  strangers: View['strangers'],
): PeerUuid | undefined {
  const addresses = (host: string): readonly string[] => nodes.flatMap((n) => n.resolves.get(host) ?? []);
  const own = new Set<string>([node, ...addresses(node)]);
  const found = [...strangers].find(([, { hostnames }]) =>
    hostnames.some((host) => [host, ...addresses(host)].some((a) => own.has(a))),
  );
  return found?.[0];
}

export const stateOf = (facts: NodeFacts): DaemonState | undefined =>
  facts.memory.kind === 'up' ? facts.memory.state : undefined;

/** How its glusterd was started, so that it can be started so again. Empty: it does not run. */
export const glusterdArgv = (facts: NodeFacts | undefined): readonly string[] =>
  facts?.processes.find((p) => p.role === 'glusterd')?.argv ?? [];

/** Processes that serve a brick on its node, by whole words of argv. */
export const brickProcesses = (facts: NodeFacts, volume: string, path: string): readonly GlusterProcess[] =>
  facts.processes.filter((p) => p.brick?.path === path && p.brick.volume === volume && p.state !== 'Z');

/**
 * A multiplexed brick is served by a process whose argv names another brick; its pid file names that process.
 * It may have been started before multiplexing was switched on: then both have the same port.
 */
export function servedByMultiplex(
  facts: NodeFacts,
  brick: StoreBrick,
  volume: string,
): GlusterProcess | undefined {
  const file = pidFilePath(volume, brick.hostname, brick.path);
  const pid = facts.pidFiles.find((f) => f.path === file)?.pid;
  const process = facts.processes.find((p) => p.pid === pid && p.role === 'brick' && p.state !== 'Z');
  if (process === undefined) return undefined;
  const isAttached =
    process.brick?.path !== brick.path && process.ports.includes(portOf(facts, brick, volume));
  return process.argv.includes('--brick-mux') || isAttached ? process : undefined;
}

/** As its glusterd believes it; while that is down, as it will. 0: none. */
function portOf(facts: NodeFacts, brick: StoreBrick, volume: string): number {
  const state = stateOf(facts);
  if (state === undefined) return brick.listenPort;
  const local = state.volumes
    .get(volumeName(volume))
    ?.bricks.find((b) => b.path === brick.path && b.local !== undefined)?.local;
  return local?.status === 'Started' && local.registered ? local.port : 0;
}

/** Whether other bricks would go with this process. */
export const servesOthers = (facts: NodeFacts, process: GlusterProcess): boolean =>
  facts.pidFiles.some(
    (f) =>
      f.pid === process.pid &&
      f.path !== process.brick?.pidFile &&
      (process.argv.includes('--brick-mux') || isOfAttached(facts, f.path)),
  );

const isOfAttached = (facts: NodeFacts, pidFile: string): boolean =>
  [...facts.store.volumes.values()].some(({ name, bricks }) =>
    bricks.some(
      (b) =>
        pidFilePath(name, b.hostname, b.path) === pidFile && servedByMultiplex(facts, b, name) !== undefined,
    ),
  );

export const dashed = (path: string): string => path.replace(/^\//, '').replaceAll('/', '-');

/** `glusterd_store_brickinfopath_set`; inside the store. */
export const brickFilePath = (volume: string, host: string, path: string): string =>
  `vols/${volume}/bricks/${host}:${path.replaceAll('/', '-')}`;

/** GLUSTERD_GET_BRICK_PIDFILE, glusterd.h. */
export const pidFilePath = (volume: string, host: string, path: string): string =>
  `/var/run/gluster/vols/${volume}/${host}-${dashed(path)}.pid`;

/** The volume that a subject speaks of: "volume/x" itself, or the one that "brick/y:/p" belongs to. */
export function volumeOfSubject(view: View, subject: string): VolumeName | undefined {
  if (subject.startsWith('volume/')) return volumeName(subject.slice('volume/'.length));
  const place = placeOfSubject(subject);
  if (place === undefined) return undefined;
  const owns = (v: VolumeView): boolean =>
    v.best.bricks.some((b) => b.path === place.path && view.ownerOf(b) === place.host);
  return [...view.volumes.values()].find(owns)?.name;
}
