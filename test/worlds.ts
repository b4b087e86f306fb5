/**
 * Builds observations for unit tests: a healthy cluster as text files, memory, processes and paths, to be
 * broken by plain edits. The store goes through the product's own reader, so that a broken file is broken in
 * the same way as on a node.
 */
import type { Brick, Desired, DesiredVolume, Layout } from '../src/model/desired.ts';
import { failure } from '../src/core/failure.ts';
import {
  brickPath,
  nodeName,
  peerUuid,
  volumeName,
  type NodeName,
  type PeerUuid,
  type VolumeName,
} from '../src/model/names.ts';
import type {
  DaemonBrick,
  DaemonPeer,
  DaemonState,
  DaemonVolume,
  FilesystemFacts,
  GlusterProcess,
  Memory,
  NodeFacts,
  NodeReading,
  Observed,
  PathFacts,
  PidFile,
  Unread,
  VolumeStatus,
} from '../src/model/observed.ts';
import { readStore } from '../src/observe/read-store.ts';
import type { TarEntry } from '../src/observe/tar.ts';
import { dashed, makeView, pidFilePath, type View } from '../src/view/view.ts';

export interface VolumeSpec {
  readonly name: string;
  readonly layout?: Layout;
  /** "node01:/bricks/d1/b". Default: one a node, on /bricks/d1/NAME. */
  readonly bricks?: readonly string[];
  readonly status?: VolumeStatus;
  readonly options?: Readonly<Record<string, string>>;
  readonly version?: number;
}

export interface WorldSpec {
  /** Default 3: node01 … */
  readonly nodes?: number;
  /** Default: node01 …; each is what all know it by. */
  readonly names?: readonly string[];
  /** Default: one started volume `v`, replica over all nodes. */
  readonly volumes?: readonly VolumeSpec[];
  readonly multiplex?: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One node's facts, open for edits. Change a file by `edit`; everything else by assignment. */
export interface WorldNode extends Mutable<
  Omit<
    NodeFacts,
    | 'store'
    | 'paths'
    | 'unreadPaths'
    | 'pidFiles'
    | 'processes'
    | 'resolves'
    | 'filesystems'
    | 'transactions'
    | 'brokenVolfiles'
  >
> {
  readonly uuid: PeerUuid;
  readonly files: Map<string, string>;
  readonly directories: Set<string>;
  readonly volfiles: Map<string, string>;
  readonly brokenVolfiles: Map<string, string>;
  readonly paths: Map<string, Mutable<PathFacts>>;
  readonly unreadPaths: Map<string, string>;
  /** Of its store. */
  readonly unread: Unread[];
  readonly filesystems: Map<string, Mutable<FilesystemFacts>>;
  readonly resolves: Map<string, readonly string[]>;
  processes: Mutable<GlusterProcess>[];
  pidFiles: Mutable<PidFile>[];
  transactions: NodeFacts['transactions'];
  /** No SSH. */
  unreachable: boolean;
  /** Nobody asks it. */
  leftOut: boolean;
}

export interface World {
  readonly nodes: readonly WorldNode[];
  readonly node: (name: string) => WorldNode;
  readonly observed: () => Observed;
  readonly view: () => View;
  /** What the cluster file says: the healthy world, unless changed. */
  desired: Desired;
}

const VERSION = '10.3';
const OP_VERSION = 100000;
const BASE_PORT = 50000;
const GIB = 1024 ** 3;

export const idOf = (kind: number, n: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const uuidOf = (kind: number, n: number): PeerUuid => {
  const uuid = peerUuid(idOf(kind, n));
  if (uuid === undefined) throw new Error('not a uuid');
  return uuid;
};
export const nodeUuid = (n: number): PeerUuid => uuidOf(1, n);
export const volumeId = (n: number): string => uuidOf(2, n);
export const nameOf = (n: number): string => `node${String(n).padStart(2, '0')}`;

interface Volume extends Required<VolumeSpec> {
  readonly id: string;
  readonly number: number;
}

export function world(spec: WorldSpec = {}): World {
  const names = spec.names ?? Array.from({ length: spec.nodes ?? 3 }, (_, i) => nameOf(i + 1));
  const specs = spec.volumes ?? [{ name: 'v' }];
  const volumes = specs.map((v, i) => complete(v, i + 1, names));
  const nodes = names.map((_, i) => makeNode(i + 1, names, volumes, spec.multiplex ?? false));
  const observed = (): Observed => ({
    nodes: new Map(nodes.map((n): [NodeName, NodeReading] => [n.node, reading(n)])),
  });
  return {
    nodes,
    node(name) {
      const found = nodes.find((n) => n.node === name);
      if (found === undefined) throw new Error(`no ${name} in this world`);
      return found;
    },
    observed,
    view: () => makeView(observed()),
    desired: desiredOf(names, volumes),
  };
}

function complete(v: VolumeSpec, number: number, names: readonly string[]): Volume {
  const bricks = v.bricks ?? names.map((n) => `${n}:/bricks/d1/${v.name}`);
  const layout: Layout =
    v.layout ??
    (bricks.length === 1
      ? { kind: 'distribute' }
      : { kind: 'replicate', replica: bricks.length, arbiter: 0 });
  return { status: 'started', options: {}, version: 2, ...v, bricks, layout, number, id: volumeId(number) };
}

const splitBrick = (brick: string): { readonly host: string; readonly path: string } => {
  const at = brick.indexOf(':/');
  return { host: brick.slice(0, at), path: brick.slice(at + 1) };
};

function desiredOf(names: readonly string[], volumes: readonly Volume[]): Desired {
  return {
    cluster: 'test',
    nodes: names.map((n, i) => ({
      name: nodeName(n),
      address: `192.0.2.${String(i + 1)}`,
      ssh: {
        user: 'root',
        port: 22,
        identityFile: undefined,
        knownHostsFile: '/root/.ssh/known_hosts',
        strictHostKeyChecking: 'yes',
        become: false,
        becomePasswordFile: undefined,
        proxyJump: undefined,
        configFile: 'none',
        connectTimeoutSeconds: 10,
      },
    })),
    volumes: volumes.map((v, i) => desiredVolume(v, i)),
    policy: { unmanagedVolumes: 'ignore', allowBricksOnRootPartition: false },
  };
}

function desiredVolume(v: Volume, index: number): DesiredVolume {
  return {
    name: volumeName(v.name),
    state: v.status === 'started' ? 'started' : 'stopped',
    layout: v.layout,
    transport: 'tcp',
    bricks: v.bricks.map((b): Brick => {
      const { host, path } = splitBrick(b);
      return { node: nodeName(host), path: brickPath(path) };
    }),
    options: new Map(Object.entries(v.options)),
    optionsMode: 'merge',
    rebalance: 'auto',
    protect: false,
    position: { file: 'cluster.yaml', line: 10 + index, column: 3 },
    optionPositions: new Map(),
  };
}

function makeNode(
  n: number,
  names: readonly string[],
  volumes: readonly Volume[],
  multiplex: boolean,
): WorldNode {
  const name = names[n - 1] ?? '';
  const uuid = nodeUuid(n);
  const globalOptions: Record<string, string> = multiplex ? { 'cluster.brick-multiplex': 'on' } : {};
  const files = storeFiles(n, names, volumes, globalOptions);
  const running = runningBricks(name, volumes, multiplex);
  const state = memoryOf(n, names, volumes, { globalOptions, running });
  return {
    node: nodeName(name),
    uuid,
    clockSkewMs: 5,
    hostname: name,
    bootId: idOf(3, n),
    version: VERSION,
    files,
    directories: new Set([
      'peers',
      'vols',
      'snaps',
      ...volumes.flatMap((v) => [`vols/${v.name}`, `vols/${v.name}/bricks`]),
    ]),
    volfiles: volfileHashes(volumes),
    memory: { kind: 'up', state },
    processes: [
      daemonProcess(),
      ...running.map((r) => r.process).filter((p, i, all) => all.indexOf(p) === i),
      ...selfHeal(name, volumes),
    ],
    otherPorts: new Map(),
    pidFiles: running.map((r) => ({
      path: pidFilePath(r.volume.name, name, r.path),
      pid: r.process.pid,
      alive: true,
    })),
    sockets: [],
    paths: pathsOf(name, volumes),
    unreadPaths: new Map(),
    unread: [],
    filesystems: filesystemsOf(),
    service: {
      manager: 'systemd',
      active: 'active',
      result: 'success',
    },
    resolves: new Map(names.map((h, i) => [h, [h === name ? '127.0.1.1' : `192.0.2.${String(i + 1)}`]])),
    addresses: ['127.0.0.1', `192.0.2.${String(n)}`, '::1'],
    daemonConfig: {
      listenPort: 24007,
      basePort: 49152,
      maxPort: 60999,
      raw: 'volume management\n    type mgmt/glusterd\nend-volume\n',
      killMode: 'process',
      unmounted: undefined,
    },
    ticks: 1_000_000,
    lock: undefined,
    transactions: [],
    marked: [],
    brokenVolfiles: new Map(),
    optionCatalogue: undefined,
    unreachable: false,
    leftOut: false,
  };
}

function reading(n: WorldNode): NodeReading {
  if (n.leftOut) return { kind: 'left-out' };
  if (n.unreachable)
    return {
      kind: 'failed',
      failure: failure('node-unreachable', `${n.node} cannot be reached`, { node: n.node }),
    };
  const {
    files,
    directories,
    volfiles,
    unread,
    uuid: _uuid,
    unreachable: _unreachable,
    leftOut: _leftOut,
    ...facts
  } = n;
  const entry = (path: string, kind: TarEntry['kind'], text: string): TarEntry => ({
    path,
    kind,
    content: Buffer.from(text, 'latin1'),
    mode: 0o600,
    mtime: 1_700_000_000,
  });
  const entries = [
    ...[...directories].map((d) => entry(d, 'directory', '')),
    ...[...files].map(([path, text]) => entry(path, 'file', text)),
  ];
  return { kind: 'read', facts: { ...facts, store: readStore(entries, true, new Map(volfiles), unread) } };
}

function storeFiles(
  n: number,
  names: readonly string[],
  volumes: readonly Volume[],
  globalOptions: Readonly<Record<string, string>>,
): Map<string, string> {
  const files = new Map<string, string>([
    ['glusterd.info', lines({ UUID: nodeUuid(n), 'operating-version': String(OP_VERSION) })],
    ['options', lines({ ...globalOptions, 'global-option-version': '0' })],
  ]);
  names.forEach((host, i) => {
    if (i + 1 !== n)
      files.set(`peers/${nodeUuid(i + 1)}`, lines({ uuid: nodeUuid(i + 1), state: '3', hostname1: host }));
  });
  for (const v of volumes) {
    files.set(`vols/${v.name}/info`, infoText(v));
    files.set(`vols/${v.name}/quota.cksum`, lines({ cksum: '0', version: '0' }));
    files.set(
      `vols/${v.name}/node_state.info`,
      lines({ rebalance_status: '0', status: '0', rebalance_op: '0', failures: '0' }),
    );
    v.bricks.forEach((b, i) =>
      files.set(`vols/${v.name}/bricks/${brickFile(b)}`, brickText(v, i, { names, n })),
    );
  }
  return files;
}

const lines = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([k, value]) => `${k}=${value}\n`)
    .join('');

const brickFile = (brick: string): string => {
  const { host, path } = splitBrick(brick);
  return `${host}:${path.replaceAll('/', '-')}`;
};

function infoText(v: Volume): string {
  const { layout } = v;
  const replica = layout.kind === 'replicate' ? layout.replica : 1;
  const disperse = layout.kind === 'disperse' ? layout.disperse : 0;
  return lines({
    type: layout.kind === 'distribute' ? '0' : layout.kind === 'replicate' ? '2' : '4',
    count: String(v.bricks.length),
    status: String(['created', 'started', 'stopped'].indexOf(v.status)),
    sub_count: String(layout.kind === 'replicate' ? replica : disperse),
    replica_count: String(replica),
    ...(layout.kind === 'replicate' && layout.arbiter > 0 ? { arbiter_count: '1' } : {}),
    disperse_count: String(disperse),
    redundancy_count: String(layout.kind === 'disperse' ? layout.redundancy : 0),
    version: String(v.version),
    'transport-type': '0',
    'volume-id': v.id,
    username: idOf(4, v.number),
    password: idOf(5, v.number),
    'op-version': '40100',
    'client-op-version': '40100',
    'quota-version': '0',
    'tier-enabled': '0',
    parent_volname: 'N/A',
    restored_from_snap: '00000000-0000-0000-0000-000000000000',
    'snap-max-hard-limit': '256',
    ...optionsOf(v),
    ...Object.fromEntries(v.bricks.map((b, i) => [`brick-${String(i)}`, brickFile(b)])),
  });
}

const optionsOf = (v: Volume): Readonly<Record<string, string>> => ({
  ...v.options,
  'storage.fips-mode-rchecksum': 'on',
  'transport.address-family': 'inet',
  'nfs.disable': 'on',
});

function brickText(
  v: Volume,
  index: number,
  { names, n }: { readonly names: readonly string[]; readonly n: number },
): string {
  const { host, path } = splitBrick(v.bricks[index] ?? '');
  const own = host === names[n - 1];
  return lines({
    uuid: nodeUuid(names.indexOf(host) + 1),
    hostname: host,
    path,
    real_path: path,
    'listen-port': own && v.status === 'started' ? String(portOf(v, index)) : '0',
    'rdma.listen-port': '0',
    decommissioned: '0',
    'brick-id': `${v.name}-client-${String(index)}`,
    mount_dir: path.slice(mountOf(path).length),
    'snap-status': '0',
    'brick-fsid': own ? '77' : '0',
  });
}

const portOf = (v: Volume, index: number): number => BASE_PORT + v.number * 100 + index;
/** Every brick lies on a file system mounted at its first two directories. */
const mountOf = (path: string): string => path.split('/').slice(0, 3).join('/');

function volfileHashes(volumes: readonly Volume[]): Map<string, string> {
  const hash = (text: string): string => Buffer.from(text.padEnd(32, '.')).toString('hex').slice(0, 64);
  return new Map(
    volumes.flatMap((v) =>
      [`${v.name}.tcp-fuse.vol`, `trusted-${v.name}.tcp-fuse.vol`, `${v.name}-shd.vol`].map(
        (f): [string, string] => [`vols/${v.name}/${f}`, hash(f)],
      ),
    ),
  );
}

interface Running {
  readonly volume: Volume;
  readonly path: string;
  readonly process: Mutable<GlusterProcess>;
}

function runningBricks(name: string, volumes: readonly Volume[], multiplex: boolean): readonly Running[] {
  const running: Running[] = [];
  for (const volume of volumes)
    volume.bricks.forEach((b, index) => {
      const { host, path } = splitBrick(b);
      if (host !== name || volume.status !== 'started') return;
      const shared = multiplex ? running[0]?.process : undefined;
      const process =
        shared ??
        brickProcess({
          volume: volume.name,
          host,
          path,
          port: portOf(volume, index),
          pid: 1000 + running.length,
          multiplex,
        });
      running.push({ volume, path, process });
    });
  return running;
}

export interface BrickProcessSpec {
  readonly volume: string;
  readonly host: string;
  readonly path: string;
  readonly port: number;
  readonly pid: number;
  readonly multiplex?: boolean;
}

/** A brick process as glusterd starts it. */
export function brickProcess(spec: BrickProcessSpec): Mutable<GlusterProcess> {
  const pidFile = pidFilePath(spec.volume, spec.host, spec.path);
  const socket = `/var/run/gluster/${spec.volume}-${spec.host}.socket`;
  const port = String(spec.port);
  return {
    pid: spec.pid,
    startTicks: 10_000 + spec.pid,
    state: 'S',
    argv: [
      '/usr/sbin/glusterfsd',
      '-s',
      spec.host,
      '--volfile-id',
      `${spec.volume}.${spec.host}.${dashed(spec.path)}`,
      '-p',
      pidFile,
      '-S',
      socket,
      '--brick-name',
      spec.path,
      '--process-name',
      'brick',
      '--brick-port',
      port,
      ...(spec.multiplex === true ? ['--brick-mux'] : []),
    ],
    role: 'brick',
    brick: { volume: spec.volume, host: spec.host, path: spec.path, pidFile, socket, port: spec.port },
    ports: [spec.port],
    cgroup: '/system.slice/glusterd.service',
  };
}

const plainProcess = (
  pid: number,
  argv: readonly string[],
  role: GlusterProcess['role'],
  ports: readonly number[],
): Mutable<GlusterProcess> => ({
  pid,
  startTicks: 9_000 + pid,
  state: 'S',
  argv,
  role,
  brick: undefined,
  ports,
  cgroup: '/system.slice/glusterd.service',
});

const daemonProcess = (): Mutable<GlusterProcess> =>
  plainProcess(100, ['/usr/sbin/glusterd', '-p', '/var/run/glusterd.pid'], 'glusterd', [24007]);

const heals = (v: Volume): boolean => v.layout.kind !== 'distribute' && v.status === 'started';
const isLocal = (v: Volume, name: string): boolean => v.bricks.some((b) => splitBrick(b).host === name);

const selfHeal = (name: string, volumes: readonly Volume[]): Mutable<GlusterProcess>[] =>
  volumes.some((v) => heals(v) && isLocal(v, name))
    ? [
        plainProcess(
          200,
          ['/usr/sbin/glusterfs', '-s', 'localhost', '--volfile-id', 'shd/v'],
          'self-heal',
          [],
        ),
      ]
    : [];

function memoryOf(
  n: number,
  names: readonly string[],
  volumes: readonly Volume[],
  more: { readonly globalOptions: Readonly<Record<string, string>>; readonly running: readonly Running[] },
): DaemonState {
  return {
    uuid: nodeUuid(n),
    opVersion: OP_VERSION,
    globalOptions: new Map(Object.entries(more.globalOptions)),
    peers: names.flatMap((host, i): DaemonPeer[] =>
      i + 1 === n
        ? []
        : [{ uuid: nodeUuid(i + 1), hostnames: [host], state: 'Peer in Cluster', connected: true }],
    ),
    volumes: new Map(
      volumes.map((v): [VolumeName, DaemonVolume] => [
        volumeName(v.name),
        daemonVolume(v, names[n - 1] ?? '', more.running),
      ]),
    ),
    services: new Map(),
  };
}

const daemonVolume = (v: Volume, name: string, running: readonly Running[]): DaemonVolume => ({
  name: volumeName(v.name),
  id: v.id,
  status: v.status,
  options: new Map(Object.entries(optionsOf(v))),
  bricks: v.bricks.map((b): DaemonBrick => {
    const { host, path } = splitBrick(b);
    const process = running.find((r) => r.volume === v && r.path === path)?.process;
    const up = process !== undefined;
    const local = {
      port: process?.ports[0] ?? 0,
      registered: up,
      status: up ? ('Started' as const) : ('Stopped' as const),
    };
    return { hostname: host, path, local: host === name ? local : undefined };
  }),
  rebalanceStatus: 'not_started',
  selfHealOnline: heals(v) && isLocal(v, name),
  snapshotDaemonOnline: undefined,
  quorumStatus: 'not_applicable',
  snapshotCount: 0,
});

function pathsOf(name: string, volumes: readonly Volume[]): Map<string, Mutable<PathFacts>> {
  const paths = new Map([['/', directory('/', '/', 1)]]);
  for (const v of volumes)
    for (const brick of v.bricks) {
      const { host, path } = splitBrick(brick);
      if (host !== name) continue;
      const mount = mountOf(path);
      path
        .split('/')
        .slice(1)
        .forEach((_, i, words) => {
          const at = `/${words.slice(0, i + 1).join('/')}`;
          const onBrick = at === mount || at.startsWith(`${mount}/`);
          paths.set(
            at,
            paths.get(at) ??
              directory(at, onBrick ? mount : '/', onBrick ? 50 + Number(/\d+$/.exec(mount)?.[0] ?? 0) : 1),
          );
        });
      const own = paths.get(path);
      if (own !== undefined) Object.assign(own, { volumeId: v.id, gfid: true, entries: ['.glusterfs'] });
    }
  return paths;
}

export const directory = (path: string, mountPoint: string, device: number): Mutable<PathFacts> => ({
  path,
  kind: 'directory',
  device,
  inode: path.length + 2,
  mountPoint,
  volumeId: undefined,
  gfid: false,
  entries: undefined,
  pendingHeals: 0,
});

const filesystemsOf = (): Map<string, Mutable<FilesystemFacts>> =>
  new Map(
    ['/var/lib/glusterd', '/run', '/tmp', '/var/log'].map((path) => [
      path,
      { path, freeBytes: 5 * GIB, totalBytes: 10 * GIB, freeInodes: 100_000, readOnly: false },
    ]),
  );

/** Rewrites a file of the store; `undefined` removes it. */
export function edit(node: WorldNode, path: string, change: (text: string) => string | undefined): void {
  const text = change(node.files.get(path) ?? '');
  if (text === undefined) node.files.delete(path);
  else node.files.set(path, text);
}

/** Removes a directory of the store with all that is below it. */
export function removeTree(node: WorldNode, path: string): void {
  for (const file of [...node.files.keys()]) if (file.startsWith(`${path}/`)) node.files.delete(file);
  for (const d of [...node.directories])
    if (d === path || d.startsWith(`${path}/`)) node.directories.delete(d);
  for (const f of [...node.volfiles.keys()]) if (f.startsWith(`${path}/`)) node.volfiles.delete(f);
}

export function setMemory(node: WorldNode, kind: Exclude<Memory['kind'], 'up'>): void {
  node.memory = { kind, detail: kind === 'hung' ? 'gluster get-state got no answer' : 'Connection failed.' };
  if (kind !== 'hung') node.processes = node.processes.filter((p) => p.role !== 'glusterd');
}

/** Changes what glusterd believes. */
export function believe(node: WorldNode, change: (state: DaemonState) => DaemonState): void {
  if (node.memory.kind === 'up') node.memory = { kind: 'up', state: change(node.memory.state) };
}

export const believeVolume = (
  node: WorldNode,
  name: string,
  change: (v: DaemonVolume) => DaemonVolume | undefined,
): void => {
  believe(node, (state) => {
    const volumes = new Map(state.volumes);
    const old = volumes.get(volumeName(name));
    const changed = old === undefined ? undefined : change(old);
    if (changed === undefined) volumes.delete(volumeName(name));
    else volumes.set(changed.name, changed);
    return { ...state, volumes };
  });
};

export const believeBrick = (
  node: WorldNode,
  name: string,
  local: Partial<NonNullable<DaemonBrick['local']>>,
): void => {
  believeVolume(node, name, (v) => ({
    ...v,
    bricks: v.bricks.map((b) => (b.local === undefined ? b : { ...b, local: { ...b.local, ...local } })),
  }));
};

export const believePeer = (
  node: WorldNode,
  uuid: PeerUuid,
  change: Partial<DaemonPeer> | undefined,
): void => {
  believe(node, (state) => ({
    ...state,
    peers: state.peers.flatMap((p) =>
      p.uuid !== uuid ? [p] : change === undefined ? [] : [{ ...p, ...change }],
    ),
  }));
};
