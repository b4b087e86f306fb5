/**
 * Brick processes: how glusterd starts, adopts and stops them, and what a launch by somebody else does. Owns
 * ports and sockets. Changes nothing in a brick but gluster's own marks.
 */
import { xxh64 } from '../core/xxh64.ts';
import { storeVolume } from './daemon-store.ts';
import { end, GLUSTERD_CGROUP, livingPid, pidFileOf, spawn } from './process.ts';
import {
  type Brick,
  type Daemon,
  dashed,
  isLocal,
  type Node,
  type Process,
  RUN,
  type Volume,
  type World,
} from './world.ts';

export const VOLUME_ID = 'trusted.glusterfs.volume-id';
export const GFID = 'trusted.gfid';
/** The part of a brick in the root of its volume. */
export const DHT = 'trusted.glusterfs.dht';
/** Of a disperse brick: changes of the names in its root. */
export const EC_VERSION = 'trusted.ec.version';
/** Of a directory that was made while its volume had one set. */
export const WHOLE = 'whole';
const BASE_PORT = 49152;
const MAX_PORT = 60999;
/** glusterd's own connection to a brick's socket is tried every three seconds. */
const RECONNECT_MS = 3000;
const FIRST_CONNECT_MS = 200;

export const socketOf = (volume: string, brick: Pick<Brick, 'hostname' | 'path'>): string =>
  `${RUN}/${xxh64(`${RUN}/vols/${volume}/run/${brick.hostname}-${dashed(brick.path)}`)}.socket`;

export const localBricks = (node: Node, volume: Volume): readonly Brick[] =>
  volume.bricks.filter((brick) => isLocal(node, brick));

/** glusterd_volume_start_glusterfs, word for word. */
const brickArgv = (volume: Volume, brick: Brick, uuid: string, port: number): readonly string[] => [
  '/usr/sbin/glusterfsd',
  '-s',
  brick.hostname,
  '--volfile-id',
  `${volume.name}.${brick.hostname}.${dashed(brick.path)}`,
  '-p',
  pidFileOf(volume.name, brick),
  '-S',
  socketOf(volume.name, brick),
  '--brick-name',
  brick.path,
  '-l',
  `/var/log/glusterfs/bricks/${dashed(brick.path)}.log`,
  '--xlator-option',
  `*-posix.glusterd-uuid=${uuid}`,
  '--process-name',
  'brick',
  '--brick-port',
  String(port),
  '--xlator-option',
  `${volume.name}-server.listen-port=${String(port)}`,
];

const portsInUse = (node: Node): ReadonlySet<number> =>
  new Set([...node.processes.values()].flatMap((p) => (p.brick === undefined ? [] : [p.brick.port])));

function freePort(world: World, node: Node): number {
  const used = portsInUse(node);
  let port = world.random.int(BASE_PORT, MAX_PORT);
  while (used.has(port)) port = port === MAX_PORT ? BASE_PORT : port + 1;
  return port;
}

/**
 * Starts every local brick of a started volume that does not run. One that cannot start is passed over, as
 * glusterd does.
 */
export function startBricks(world: World, node: Node, daemon: Daemon, volume: Volume): void {
  for (const brick of localBricks(node, volume)) startBrick(world, node, daemon, volume, brick);
  selfHeal(world, node, daemon);
}

export function startBrick(world: World, node: Node, daemon: Daemon, volume: Volume, brick: Brick): void {
  if (node.disk.entries.get(brick.path)?.xattrs.get(VOLUME_ID) !== volume.id) return;
  if (livingPid(node, pidFileOf(volume.name, brick)) !== undefined) {
    adopt(world, node, daemon, volume, brick);
    return;
  }
  brick.port = freePort(world, node);
  brick.rpc = true;
  const argv = brickArgv(volume, brick, daemon.uuid, brick.port);
  if (runBrick(world, node, argv, GLUSTERD_CGROUP).kind === 'up') connectLater(world, node, daemon, brick);
}

/** "discovered already-running brick": any process with the pid, on the port that the store names. */
function adopt(world: World, node: Node, daemon: Daemon, volume: Volume, brick: Brick): void {
  if (!node.disk.has(socketOf(volume.name, brick))) return;
  const wasConnected = brick.status === 'Started';
  brick.rpc = true;
  brick.registered = true;
  if (!wasConnected) connectLater(world, node, daemon, brick);
}

function connectLater(world: World, node: Node, daemon: Daemon, brick: Brick): void {
  const connect = (): void => {
    const serves = [...node.processes.values()].some((p) => p.brick?.path === brick.path);
    if (node.daemon === daemon && serves) brick.status = 'Started';
  };
  world.clock.after(FIRST_CONNECT_MS, connect);
}

export type Launched =
  { readonly kind: 'up'; readonly process: Process } | { readonly kind: 'ended'; readonly code: number };

/** glusterfsd itself: fetches its volfile, takes its port, signs in. */
export function runBrick(world: World, node: Node, argv: readonly string[], cgroup: string): Launched {
  const after = (flag: string): string => argv[argv.indexOf(flag) + 1] ?? '';
  const [path, port] = [after('--brick-name'), Number.parseInt(after('--brick-port'), 10)];
  const { daemon } = node;
  if (daemon === undefined) return { kind: 'ended', code: 107 };
  const tail = `.${after('-s')}.${dashed(path)}`;
  const volume = daemon.volumes.get(after('--volfile-id').slice(0, -tail.length));
  if (volume === undefined) return { kind: 'ended', code: 255 };
  if (portsInUse(node).has(port)) return { kind: 'ended', code: 98 };
  const at = node.disk.entries.get(path);
  if (at?.xattrs.get(VOLUME_ID) !== volume.id || !node.disk.has(`${path}/.glusterfs`))
    return { kind: 'ended', code: 1 };
  const brick = { volume: volume.name, path, port, pidFile: after('-p'), socket: after('-S') };
  const process = spawn(world, node, { argv, role: 'brick', cgroup, brick });
  node.disk.mkdirs(brick.pidFile.slice(0, brick.pidFile.lastIndexOf('/')));
  node.disk.write(brick.pidFile, `${String(process.pid)}\n`);
  node.disk.write(brick.socket, '');
  node.disk.setXattr(path, GFID, '00000000-0000-0000-0000-000000000001');
  node.disk.mkdirs(`${path}/.glusterfs/indices/xattrop`);
  if (volume.type === 2) node.disk.mkdirs(`${path}/.glusterfs-anonymous-inode-${volume.id}`);
  signIn(world, node, daemon, volume, process);
  return { kind: 'up', process };
}

/** Counts only where glusterd holds the same path and port; its own connection comes when it tries again. */
function signIn(world: World, node: Node, daemon: Daemon, volume: Volume, process: Process): void {
  const brick = localBricks(node, volume).find((b) => b.path === process.brick?.path);
  if (brick === undefined) return;
  if (brick.port === process.brick?.port) brick.registered = true;
  if (!brick.rpc || brick.port === 0) return;
  world.clock.after(world.random.int(FIRST_CONNECT_MS, RECONNECT_MS), () => {
    if (node.daemon === daemon && node.processes.has(process.pid)) brick.status = 'Started';
  });
}

/** glusterd_brick_signal: SIGTERM to whatever pid the file names. */
export function stopBricks(world: World, node: Node, volume: Volume): void {
  for (const brick of localBricks(node, volume)) stopBrick(world, node, volume, brick);
}

export function stopBrick(world: World, node: Node, volume: Volume, brick: Brick): void {
  const pid = livingPid(node, pidFileOf(volume.name, brick));
  if (pid !== undefined) end(world, node, pid, 'TERM');
  node.disk.remove(pidFileOf(volume.name, brick));
  brick.status = 'Stopped';
  brick.registered = false;
  brick.rpc = false;
}

const heals = (volume: Volume): boolean => volume.status === 1 && volume.type !== 0;

/** One glustershd a node, as long as a started volume needs it. */
export function selfHeal(world: World, node: Node, daemon: Daemon): void {
  const running = [...node.processes.values()].find((p) => p.role === 'self-heal');
  const volume = [...daemon.volumes.values()].find(heals);
  if (volume === undefined && running !== undefined) end(world, node, running.pid, 'TERM');
  if (volume === undefined || running !== undefined) return;
  const pidFile = `${RUN}/shd/${volume.name}/${volume.name}-shd.pid`;
  const socket = `${RUN}/${xxh64(`${RUN}/shd/${volume.name}/run-${daemon.uuid}`)}.socket`;
  const argv = [
    '/usr/sbin/glusterfs',
    '-s',
    'localhost',
    '--volfile-id',
    `shd/${volume.name}`,
    '-p',
    pidFile,
    '-l',
    '/var/log/glusterfs/glustershd.log',
    '-S',
    socket,
    '--xlator-option',
    `*replicate*.node-uuid=${daemon.uuid}`,
    '--process-name',
    'glustershd',
    '--client-pid=-6',
  ];
  spawn(world, node, { argv, role: 'self-heal', cgroup: GLUSTERD_CGROUP });
}

const ATTACH_MIN_MS = 500;
const ATTACH_MAX_MS = 3500;
/** The task sleeps up to a second more after the connection stands (glusterd_attach_svc). */
const ATTACH_TAIL_MS = 1000;

function attaching(world: World, daemon: Daemon): Daemon['attach'] {
  if (![...daemon.volumes.values()].some(heals)) return undefined;
  const onlineAt = world.clock.now() + world.random.int(ATTACH_MIN_MS, ATTACH_MAX_MS);
  return { onlineAt, overAt: onlineAt + world.random.int(0, ATTACH_TAIL_MS) };
}

/** All bricks of started volumes, once in the life of a glusterd. */
export function restartBricks(world: World, node: Node, daemon: Daemon): void {
  if (daemon.bricksStarted) return;
  daemon.bricksStarted = true;
  daemon.attach = attaching(world, daemon);
  for (const volume of daemon.volumes.values()) {
    if (volume.status !== 1) continue;
    startBricks(world, node, daemon, volume);
    storeVolume(node, daemon, volume);
  }
}
