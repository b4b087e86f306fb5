/**
 * Processes of a node: how they begin and end, and what glusterd notices of their end. Owns pids and pid
 * files.
 */
import {
  type Brick,
  canTalk,
  dashed,
  isLocal,
  type Node,
  type Process,
  RUN,
  resumeWaiters,
  type World,
} from './world.ts';

export const GLUSTERD_CGROUP = '/system.slice/glusterd.service';

export function spawn(
  world: World,
  node: Node,
  what: Pick<Process, 'argv' | 'role' | 'cgroup'> & Partial<Pick<Process, 'transaction' | 'brick'>>,
): Process {
  const process: Process = {
    pid: node.nextPid,
    startTicks: Math.floor((world.clock.now() - node.bootedAt) / 10),
    state: 'S',
    transaction: undefined,
    brick: undefined,
    ...what,
  };
  node.nextPid += 1 + world.random.int(0, 6);
  node.processes.set(process.pid, process);
  return process;
}

/** SIGTERM lets a brick sign out; SIGKILL leaves its pid file and its registration behind. */
export function end(world: World, node: Node, pid: number, signal: 'TERM' | 'KILL'): void {
  const process = node.processes.get(pid);
  if (process === undefined) return;
  node.processes.delete(pid);
  world.trace.push(`${node.name} ${process.role} ${String(pid)} ${signal}`);
  if (process.role === 'glusterd' && node.daemon?.pid === pid) daemonEnded(world, node);
  if (process.brick !== undefined) brickEnded(node, process, signal);
}

function daemonEnded(world: World, node: Node): void {
  const gone = node.daemon;
  node.daemon = undefined;
  resumeWaiters(node);
  if (gone !== undefined) disconnectAll(world, node, gone.uuid);
}

/** The others see the connection close when the process ends; the locks of that node are free again. */
function disconnectAll(world: World, node: Node, uuid: string): void {
  for (const other of world.nodes.values()) {
    const peer = other.daemon?.peers.get(uuid);
    if (peer !== undefined && canTalk(world, node, other)) disconnect(other, uuid);
  }
}

export function disconnect(node: Node, uuid: string): void {
  const peer = node.daemon?.peers.get(uuid);
  if (peer !== undefined) peer.connected = false;
  for (const [volume, owner] of node.daemon?.locks ?? [])
    if (owner === uuid) node.daemon?.locks.delete(volume);
}

function brickEnded(node: Node, process: Process, signal: 'TERM' | 'KILL'): void {
  const served = process.brick;
  if (served === undefined) return;
  if (signal === 'TERM' && node.daemon !== undefined) node.disk.remove(served.pidFile);
  const believed = node.daemon?.volumes
    .get(served.volume)
    ?.bricks.find((b) => b.path === served.path && isLocal(node, b));
  if (believed === undefined) return;
  believed.status = 'Stopped';
  if (signal === 'TERM') believed.registered = false;
}

/** The processes that end with the daemon when its unit kills the whole control group. */
export function endDaemonGroup(world: World, node: Node): void {
  for (const process of [...node.processes.values()])
    if (process.cgroup === GLUSTERD_CGROUP && process.role !== 'glusterd')
      end(world, node, process.pid, 'KILL');
}

export const pidFileOf = (volume: string, brick: Pick<Brick, 'hostname' | 'path'>): string =>
  `${RUN}/vols/${volume}/${brick.hostname}-${dashed(brick.path)}.pid`;

export function livingPid(node: Node, pidFile: string): number | undefined {
  const pid = Number.parseInt(node.disk.read(pidFile) ?? '', 10);
  return node.processes.has(pid) ? pid : undefined;
}
