/**
 * What a probe of a modelled node reads: its state as facts, through the readers of the real probe where
 * there are any. Changes nothing.
 */
import { createHash } from 'node:crypto';
import type {
  NodeFacts,
  DaemonState,
  LockFacts,
  Memory,
  PathFacts,
  FilesystemFacts,
  GlusterProcess,
} from '../model/observed.ts';
import { DRAIN_MARK, TRANSACTION_STATES, type TransactionRecord } from '../model/transaction.ts';
import { nodeName, peerUuid, type VolumeName, volumeName } from '../model/names.ts';
import type { ObserveRequest } from '../model/node-link.ts';
import { readOwner } from '../observe/read-files.ts';
import { readDrainMark } from '../observe/read-node.ts';
import { readStore } from '../observe/read-store.ts';
import type { TarEntry } from '../observe/tar.ts';
import { DHT, EC_VERSION, GFID, VOLUME_ID, WHOLE } from './brick.ts';
import { dataIn, isOwn } from './brick-data.ts';
import { parentOf } from './path-tree.ts';
import { OPTION_CATALOGUE } from './options.ts';
import {
  type Daemon,
  isFrozen,
  isLocal,
  JOURNAL,
  type Node,
  nodeOf,
  type Process,
  RUN,
  STORE,
  type Volume,
  type World,
} from './world.ts';

const NAMES_MAX = 8;
const ZERO_UUID = '00000000-0000-0000-0000-000000000000';
const PEER_STATES = [
  'Establishing Connection',
  'Probe Sent to Peer',
  'Probe Received from Peer',
  'Peer in Cluster',
  'Accepted peer request',
  'Sent and Received peer request',
  'Peer Rejected',
];
const STATUS = ['created', 'started', 'stopped'] as const;
const IN_STORE = /^(glusterd\.info|glusterd\.upgrade|options|secure-access|peers|vols|snaps)(\/|$)/;

export function factsOf(world: World, node: Node, request: ObserveRequest): NodeFacts {
  const { baseline } = request;
  const store = storeOf(node);
  const running = node.disk.below(RUN);
  return {
    node: nodeName(node.name),
    clockSkewMs: baseline?.clockSkewMs ?? 0,
    hostname: node.name,
    bootId: node.bootId,
    ticks: Math.floor((world.clock.now() - node.bootedAt) / 10),
    version: '10.3',
    store: baseline === undefined ? store : { ...store, hashes: baseline.store.hashes },
    memory:
      request.stopped === true ? { kind: 'down', detail: 'glusterd was stopped' } : memoryOf(world, node),
    processes: [...node.processes.values()].filter((p) => p.role !== 'other').map(processFacts),
    otherPorts: new Map(),
    pidFiles: running.filter((p) => p.endsWith('.pid')).map((path) => pidFileFacts(node, path)),
    sockets: running.filter((p) => p.endsWith('.socket')),
    ...placeFacts(world, node, request, store),
    service: serviceFacts(world, node),
    addresses: ['127.0.0.1', node.address],
    daemonConfig: baseline?.daemonConfig ?? {
      listenPort: 24007,
      basePort: 49152,
      maxPort: 60999,
      raw: DAEMON_CONFIG,
      killMode: node.killMode,
      unmounted: undefined,
    },
    brokenVolfiles: new Map(),
    lock: baseline?.lock ?? lockFacts(node),
    ...drainedFacts(node),
    transactions: baseline?.transactions ?? transactionsOf(node),
    marked: [...node.processes.values()].flatMap((p) =>
      p.transaction === undefined ? [] : [{ pid: p.pid, transaction: p.transaction }],
    ),
    optionCatalogue:
      request.optionCatalogue && node.daemon !== undefined && !isFrozen(node) ? OPTION_CATALOGUE : undefined,
  };
}

const DAEMON_CONFIG = [
  'volume management',
  '    type mgmt/glusterd',
  '    option working-directory /var/lib/glusterd',
  '    option max-port 60999',
  'end-volume',
  '',
].join('\n');

/** Paths, their file systems, and the hosts that are named: of the request and of all bricks and peers. */
function placeFacts(
  world: World,
  node: Node,
  { baseline, ...request }: ObserveRequest,
  store: NodeFacts['store'],
): Pick<NodeFacts, 'paths' | 'unreadPaths' | 'filesystems' | 'resolves'> {
  const bricks = [...store.volumes.values()].flatMap((v) => v.bricks);
  const listed = new Set([...request.paths, ...bricks.map((b) => b.path)]);
  const paths = withAncestors([...listed]);
  const read = (): NodeFacts['paths'] =>
    new Map(
      paths.flatMap((path) => {
        const f = pathFacts(node, path, listed.has(path));
        return f === undefined ? [] : [[path, f] as const];
      }),
    );
  const mounted = [...paths, STORE, '/run', '/tmp', '/var/log'].filter((p) => node.disk.has(p));
  const hosts = new Set([
    ...request.hosts,
    ...bricks.map((b) => b.hostname),
    ...store.peers.flatMap((p) => p.hostnames),
  ]);
  const addresses = (host: string): readonly string[] => {
    const address = nodeOf(world, host)?.address;
    return address === undefined ? [] : [address];
  };
  return {
    paths: baseline?.paths ?? read(),
    unreadPaths: baseline?.unreadPaths ?? new Map(),
    filesystems: baseline?.filesystems ?? new Map(mounted.map((p) => [p, filesystemFacts(node, p)])),
    resolves: baseline?.resolves ?? new Map([...hosts].map((host) => [host, addresses(host)])),
  };
}

/** As the probe, asks systemd only about a glusterd that does not answer. */
function serviceFacts(world: World, node: Node): NodeFacts['service'] {
  if (memoryOf(world, node).kind === 'up') return { manager: 'systemd', active: '', result: '' };
  const ended = node.serviceResult === 'success' ? 'inactive' : 'failed';
  return {
    manager: 'systemd',
    active: node.daemon === undefined ? ended : 'active',
    result: node.serviceResult,
  };
}

export function storeOf(node: Node): NodeFacts['store'] {
  const revision = node.disk.revision(STORE);
  if (node.storeRead?.revision !== revision) node.storeRead = { revision, store: readDisk(node) };
  return node.storeRead.store;
}

function readDisk(node: Node): NodeFacts['store'] {
  const hashes = new Map<string, string>();
  const entries: TarEntry[] = [];
  for (const path of node.disk.below(STORE)) {
    const name = path.slice(STORE.length + 1);
    const entry = node.disk.entries.get(path);
    if (entry === undefined || !IN_STORE.test(name)) continue;
    if (name.endsWith('.vol')) hashes.set(name, (entry.sha256 ??= sha256(entry.content)));
    else
      entries.push({
        path: name,
        kind: entry.kind,
        content: Buffer.from(entry.content),
        mode: entry.kind === 'file' ? 0o600 : 0o755,
        mtime: entry.mtime,
      });
  }
  return readStore(entries, true, hashes);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function memoryOf(world: World, node: Node): Memory {
  if (node.daemon === undefined)
    return { kind: 'down', detail: 'Connection failed. Please check if gluster daemon is operational.' };
  if (isFrozen(node)) return { kind: 'hung', detail: 'gluster get-state got no answer' };
  if ([...node.daemon.volumes.values()].some(({ task }) => task.status === 9))
    return { kind: 'down', detail: 'Failed to get daemon state. Check glusterd log file for more details' };
  return { kind: 'up', state: daemonState(world, node, node.daemon) };
}

function daemonState(world: World, node: Node, daemon: Daemon): DaemonState {
  const options = new Map(daemon.options);
  if (daemon.optionVersion > 0) options.set('global-option-version', String(daemon.optionVersion));
  const volumes = [...daemon.volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    uuid: peerUuid(daemon.uuid === '' ? ZERO_UUID : daemon.uuid),
    opVersion: daemon.opVersion,
    globalOptions: options,
    peers: [...daemon.peers.values()].map((p) => ({
      uuid: peerUuid(p.uuid),
      hostnames: [...p.hostnames],
      state: PEER_STATES[p.state] ?? '',
      connected: p.connected,
    })),
    volumes: new Map(volumes.map((v) => [volumeName(v.name), volumeState(world, node, v)])),
    services: new Map([
      ['bitd', false],
      ['scrub', false],
      ['quotad', false],
    ]),
  };
}

type DaemonVolume = DaemonState['volumes'] extends ReadonlyMap<VolumeName, infer V> ? V : never;

const isHealing = (world: World, node: Node): boolean =>
  [...node.processes.values()].some((p) => p.role === 'self-heal') &&
  world.clock.now() >= (node.daemon?.attach?.onlineAt ?? 0);

function volumeState(world: World, node: Node, volume: Volume): DaemonVolume {
  return {
    name: volumeName(volume.name),
    id: volume.id,
    status: STATUS[volume.status],
    options: new Map(volume.options),
    bricks: volume.bricks.map((b) => ({
      hostname: b.hostname,
      path: b.path,
      local: isLocal(node, b) ? { port: b.port, registered: b.registered, status: b.status } : undefined,
    })),
    rebalanceStatus: 'not_started',
    selfHealOnline: volume.type !== 0 && isHealing(world, node),
    snapshotDaemonOnline: undefined,
    quorumStatus: 'not_applicable',
    snapshotCount: 0,
  };
}

function processFacts({ pid, startTicks, state, argv, role, brick, cgroup }: Process): GlusterProcess {
  const host = argv[argv.indexOf('-s') + 1] ?? '';
  return {
    pid,
    startTicks,
    state,
    argv,
    role,
    brick: brick && { ...brick, host },
    ports: brick === undefined ? (role === 'glusterd' ? [24007] : []) : [brick.port],
    cgroup,
  };
}

function pidFileFacts(node: Node, path: string): NodeFacts['pidFiles'][number] {
  const pid = Number.parseInt(node.disk.read(path) ?? '', 10);
  return { path, pid: pid > 0 ? pid : undefined, alive: node.processes.has(pid) };
}

function withAncestors(paths: readonly string[]): readonly string[] {
  const found = new Set<string>(['/']);
  for (const path of paths) for (let at = path; at !== '/' && at !== ''; at = parentOf(at)) found.add(at);
  return [...found].sort();
}

function pathFacts(node: Node, path: string, listed: boolean): PathFacts | undefined {
  const entry = node.disk.entries.get(path);
  if (entry === undefined) return undefined;
  const { point, device } = node.disk.mountOf(path);
  return {
    path,
    kind: entry.kind,
    device,
    inode: entry.inode,
    mountPoint: point,
    volumeId: entry.xattrs.get(VOLUME_ID),
    gfid: entry.xattrs.has(GFID),
    ...(entry.xattrs.has(EC_VERSION) && { ecVersion: Number(entry.xattrs.get(EC_VERSION)) }),
    ...(entry.xattrs.has(DHT) && { takesFiles: true }),
    ...(listed && isLone(node, path)),
    entries: listed && entry.kind === 'directory' ? node.disk.list(path).slice(0, NAMES_MAX) : undefined,
    ...hiddenIn(node, path, listed),
    pendingHeals: node.pendingHeals.get(path) ?? 0,
  };
}

function isLone({ disk }: Node, path: string): Pick<PathFacts, 'isLone'> {
  const ranges = disk
    .list(path)
    .slice(0, NAMES_MAX)
    .filter((name) => !isOwn(name))
    .flatMap((name) => disk.entries.get(`${path}/${name}`)?.xattrs.get(DHT) ?? []);
  return ranges.length === 0 ? {} : { isLone: ranges.every((range) => range === WHOLE) };
}

function hiddenIn({ disk }: Node, path: string, listed: boolean): Pick<PathFacts, 'hidden'> {
  const names = listed ? disk.list(path).slice(0, NAMES_MAX) : [];
  const hidden = names.length > 0 && names.every(isOwn) ? dataIn(disk, path) : undefined;
  return hidden === undefined ? {} : { hidden };
}

function filesystemFacts(node: Node, path: string): FilesystemFacts {
  const { totalBytes, full, readOnly } = node.disk.mountOf(path);
  return { path, freeBytes: full ? 0 : (totalBytes * 3) / 4, totalBytes, freeInodes: 100_000, readOnly };
}

function drainedFacts({ disk }: Node): Pick<NodeFacts, 'drained'> {
  const text = disk.read(DRAIN_MARK);
  return text === undefined ? {} : { drained: readDrainMark(text) };
}

const lockFacts = ({ guard }: Node): LockFacts | undefined =>
  guard.lockFile
    ? { held: guard.holder !== undefined, pid: guard.holder?.pid, owner: guard.owner }
    : undefined;

function transactionsOf(node: Node): readonly TransactionRecord[] {
  return node.disk.list(JOURNAL).map((id) => {
    const state = node.disk.read(`${JOURNAL}/${id}/state`)?.trim();
    return {
      id,
      state: TRANSACTION_STATES.find((s) => s === state) ?? 'unreadable',
      owner: readOwner(node.disk.read(`${JOURNAL}/${id}/owner.json`) ?? ''),
    };
  });
}
