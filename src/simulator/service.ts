/**
 * glusterd on a node: started by its unit, stopped, killed, frozen; and the node's power. Owns when bricks
 * end with it.
 */
import { restartBricks } from './brick.ts';
import { ensureUuid, loadStore, storeOptions, writeVolfiles } from './daemon-store.ts';
import { dialAll } from './peers.ts';
import { disconnect, end, endDaemonGroup, GLUSTERD_CGROUP, spawn } from './process.ts';
import { resumeTasks } from './remove-brick.ts';
import {
  canTalk,
  type Daemon,
  freeGuard,
  type Node,
  resumeWaiters,
  RUN,
  STORE,
  type World,
} from './world.ts';

/** A pool of three or more starts no brick before a peer has been met. */
const LONELY_PEERS_MAX = 1;
/** A silent cut is detected by the ping timer. */
const SILENCE_MS = 25_000;

/** Undefined: it runs; otherwise what its log ends with. */
export function startGlusterd(world: World, node: Node): string | undefined {
  if (node.daemon !== undefined) return undefined;
  for (const dir of ['vols', 'snaps', 'peers', 'ss_brick']) node.disk.mkdirs(`${STORE}/${dir}`);
  const loaded = loadStore(node);
  if (typeof loaded === 'string') {
    node.serviceResult = 'exit-code';
    world.trace.push(`${node.name} glusterd does not start: ${loaded}`);
    return loaded;
  }
  const argv = ['/usr/sbin/glusterd', '-p', '/run/glusterd.pid', '--log-level', 'INFO'];
  const { pid } = spawn(world, node, { argv, role: 'glusterd', cgroup: GLUSTERD_CGROUP });
  const daemon: Daemon = {
    pid,
    ...loaded,
    locks: new Map(),
    importing: new Set(),
    bricksStarted: false,
    attach: undefined,
  };
  node.daemon = daemon;
  node.stopped = false;
  node.entrusted = undefined;
  node.serviceResult = 'success';
  if (daemon.peers.size > 0) ensureUuid(world, node, daemon);
  if (!node.disk.has(`${STORE}/glusterd.upgrade`))
    for (const volume of daemon.volumes.values()) writeVolfiles(node, volume);
  node.disk.write(`${STORE}/glusterd.upgrade`, `maximum-operating-version=100000\n`);
  storeOptions(node, daemon);
  world.trace.push(`${node.name} glusterd starts as ${String(pid)}`);
  if (daemon.peers.size <= LONELY_PEERS_MAX) restartBricks(world, node, daemon);
  else adoptRunning(node, daemon);
  resumeTasks(world, node);
  dialAll(world, node);
  return undefined;
}

/** Bricks that survived connect again by themselves: their sockets are there, and they sign in again. */
function adoptRunning(node: Node, daemon: Daemon): void {
  for (const volume of daemon.volumes.values())
    for (const brick of volume.bricks) {
      const process = [...node.processes.values()].find(
        (p) => p.brick?.path === brick.path && p.brick.volume === volume.name,
      );
      if (process !== undefined && process.brick?.port === brick.port) brick.registered = true;
    }
}

/**
 * A stop under KillMode=process, as our own stop sets it, spares the bricks. The unit as shipped may not.
 */
export function stopGlusterd(world: World, node: Node, mode: Node['killMode'] = node.killMode): void {
  if (node.daemon === undefined) return;
  end(world, node, node.daemon.pid, 'TERM');
  if (mode === 'control-group') endDaemonGroup(world, node);
}

export function killGlusterd(world: World, node: Node): void {
  if (node.daemon === undefined) return;
  end(world, node, node.daemon.pid, 'KILL');
  node.serviceResult = 'signal';
  if (node.killMode === 'control-group' && !node.spared) endDaemonGroup(world, node);
}

const RESTART_MS = 60_000;
const SPARED_RESTART_MS = 1_000;

/** SIGSEGV: the unit starts it again, after its RestartSec. */
export function crashGlusterd(world: World, node: Node): void {
  if (node.daemon === undefined) return;
  world.trace.push(`${node.name} glusterd crashes`);
  killGlusterd(world, node);
  node.serviceResult = 'core-dump';
  const { bootId } = node;
  world.clock.after(node.spared ? SPARED_RESTART_MS : RESTART_MS, () => {
    if (node.on && node.bootId === bootId) startGlusterd(world, node);
  });
}

export function freezeGlusterd(node: Node, frozen: boolean): void {
  const process = node.processes.get(node.daemon?.pid ?? -1);
  if (process === undefined) return;
  process.state = frozen ? 'T' : 'S';
  if (!frozen) resumeWaiters(node);
}

/** Memory and /run are gone; the others see silence. */
export function powerOff(world: World, node: Node): void {
  if (!node.on) return;
  const uuid = node.daemon?.uuid;
  node.on = false;
  node.bootId = '';
  node.guard.holder?.end('its node is gone');
  node.guard = freeGuard();
  node.spared = false;
  node.stopped = false;
  node.entrusted = undefined;
  node.processes.clear();
  node.daemon = undefined;
  resumeWaiters(node);
  node.disk.remove('/var/run');
  world.trace.push(`${node.name} loses power`);
  if (uuid !== undefined) noticeLater(world, node, uuid);
}

/** After a silence the others drop the connection, unless it is alive again by then. */
export function noticeLater(world: World, node: Node, uuid: string): void {
  world.clock.after(SILENCE_MS, () => {
    for (const other of world.nodes.values())
      if (other !== node && (node.daemon?.uuid !== uuid || !canTalk(world, node, other)))
        disconnect(other, uuid);
  });
}

export function powerOn(world: World, node: Node): void {
  if (node.on) return;
  node.on = true;
  node.bootId = world.random.uuid();
  node.bootedAt = world.clock.now();
  node.nextPid = 300 + world.random.int(0, 100);
  node.disk.mkdirs(RUN);
  world.trace.push(`${node.name} boots`);
  // Its peers learn that the old connection is dead as soon as the new kernel answers.
  for (const other of world.nodes.values())
    for (const peer of other.daemon?.peers.values() ?? [])
      if (peer.hostnames.includes(node.name)) peer.connected = false;
  startGlusterd(world, node);
}
