/**
 * Connections between peers, the handshake that follows each, and what a node takes over from another. Owns
 * the comparison by version (gluster-facts 4): the highest counter wins, equal counters with different
 * content are rejected.
 */
import { PEER_IN_CLUSTER, PEER_REJECTED } from '../model/observed.ts';
import { restartBricks, selfHeal, startBricks, stopBricks } from './brick.ts';
import { storeOptions, storePeer, storeVolume, writeVolfiles } from './daemon-store.ts';
import { cksum, infoText } from './store-text.ts';
import {
  canTalk,
  type Daemon,
  type Import,
  type Node,
  type Peer,
  unfrozen,
  type Volume,
  type World,
} from './world.ts';

const FIRST_CONNECT_MS = 150;
const RECONNECT_MIN_MS = 1000;
const RECONNECT_MAX_MS = 3000;
/** Between the old copy's end and the new one's bricks. */
const IMPORT_MS = 700;

/** A daemon has started: it dials its peers, and they find it again at their next try. */
export function dialAll(world: World, node: Node): void {
  for (const other of world.nodes.values()) {
    if (other === node) continue;
    if (lists(node, other)) connectLater(world, node, other, FIRST_CONNECT_MS);
    if (lists(other, node))
      connectLater(world, other, node, world.random.int(RECONNECT_MIN_MS, RECONNECT_MAX_MS));
  }
}

const lists = ({ daemon }: Node, other: Node): boolean =>
  [...(daemon?.peers.values() ?? [])].some((p) => p.hostnames.includes(other.name));

export function connectLater(world: World, from: Node, to: Node, ms: number): void {
  world.clock.after(ms, () => {
    void connect(world, from, to);
  });
}

/** One direction: `from` dials, and sends `to` all that it has. */
async function connect(world: World, from: Node, to: Node): Promise<void> {
  const [asker, answerer] = [await unfrozen(from), await unfrozen(to)];
  if (asker === undefined || answerer === undefined || !canTalk(world, from, to)) return;
  const peer = asker.peers.get(answerer.uuid);
  // A stranger's handshake is refused, and both stay disconnected.
  if (peer === undefined || !answerer.peers.has(asker.uuid)) return;
  peer.connected = true;
  befriend(world, { node: from, daemon: asker }, { node: to, daemon: answerer });
}

interface Side {
  readonly node: Node;
  readonly daemon: Daemon;
}

/** FRIEND_ADD: the receiver judges its own data against the sender's, and both keep the verdict. */
export function befriend(world: World, sender: Side, receiver: Side): void {
  const accepted = compareAll(world, sender.daemon, receiver);
  const verdict = accepted ? PEER_IN_CLUSTER : PEER_REJECTED;
  storeVerdict(sender, receiver.daemon.uuid, verdict);
  storeVerdict(receiver, sender.daemon.uuid, verdict);
  world.trace.push(`${sender.node.name} greets ${receiver.node.name}: ${accepted ? 'accepted' : 'rejected'}`);
  if (!accepted) return;
  for (const side of [sender, receiver]) restartBricks(world, side.node, side.daemon);
}

function storeVerdict({ node, daemon }: Side, uuid: string, state: number): void {
  const peer = daemon.peers.get(uuid);
  if (peer === undefined || (peer.state !== PEER_IN_CLUSTER && peer.state !== PEER_REJECTED)) return;
  peer.state = state;
  storePeer(node, peer);
}

function compareAll(world: World, sender: Daemon, receiver: Side): boolean {
  const updates: Volume[] = [];
  for (const theirs of [...sender.volumes.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (sender.importing.has(theirs.name)) continue;
    const ours = receiver.daemon.volumes.get(theirs.name);
    if (ours === undefined || theirs.version > ours.version) updates.push(theirs);
    else if (theirs.version === ours.version && sum(theirs) !== sum(ours)) return false;
  }
  for (const volume of updates) importVolume(world, receiver, volume);
  if (sender.optionVersion > receiver.daemon.optionVersion) importOptions(sender, receiver);
  return true;
}

const sum = (volume: Volume): number => cksum(infoText(volume));

function importOptions(sender: Daemon, { node, daemon }: Side): void {
  daemon.options.clear();
  for (const [name, value] of sender.options) daemon.options.set(name, value);
  daemon.optionVersion = sender.optionVersion;
  storeOptions(node, daemon);
}

/**
 * glusterd_import_friend_volume: local bricks are stopped, and started again on other ports. The store is
 * written in between, so its `listen-port` names the old port, or none.
 */
function importVolume(world: World, { node, daemon }: Side, theirs: Volume): void {
  if (daemon.importing.has(theirs.name)) return;
  daemon.importing.add(theirs.name);
  const old = daemon.volumes.get(theirs.name);
  world.imports.push({
    at: world.clock.now(),
    node: node.name,
    volume: theirs.name,
    ended: old === undefined ? [] : servingOf(world, node, old),
  });
  if (old !== undefined) {
    stopBricks(world, node, old);
    old.status = 2;
  }
  const copy = copyVolume(theirs, old);
  world.clock.after(old === undefined ? 0 : IMPORT_MS, () => {
    daemon.importing.delete(theirs.name);
    if (node.daemon !== daemon) return;
    daemon.volumes.set(copy.name, copy);
    storeVolume(node, daemon, copy);
    writeVolfiles(node, copy);
    world.trace.push(`${node.name} imports ${copy.name} version ${String(copy.version)}`);
    if (copy.status === 1 && daemon.bricksStarted) startBricks(world, node, daemon, copy);
    selfHeal(world, node, daemon);
  });
}

const servingOf = (world: World, node: Node, { name }: Volume): Import['ended'] =>
  [...node.processes.values()].flatMap(({ brick, startTicks }) => {
    const ageMs = world.clock.now() - node.bootedAt - startTicks * 10;
    return brick?.volume === name ? [{ path: brick.path, ageMs }] : [];
  });

function copyVolume(theirs: Volume, old: Volume | undefined): Volume {
  const bricks = theirs.bricks.map((brick) => {
    const before = old?.bricks.find((b) => b.uuid === brick.uuid && b.path === brick.path);
    return {
      ...brick,
      fsid: before?.fsid ?? '0',
      port: before?.port ?? 0,
      status: 'Stopped' as const,
      registered: false,
      rpc: false,
    };
  });
  const task = old?.task ?? { ...theirs.task, status: 0, files: 0, failures: 0 };
  return { ...theirs, options: new Map(theirs.options), bricks, task };
}

export const isMember = (peer: Peer): boolean => peer.connected && peer.state === PEER_IN_CLUSTER;
