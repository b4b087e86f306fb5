/** `peer probe` and `peer detach`: who learns of whom, and when. Owns the volumes' part of a detach. */
import { PEER_IN_CLUSTER, PEER_REJECTED } from '../model/observed.ts';
import { stopBricks } from './brick.ts';
import { deleteVolumeStore, ensureUuid, storePeer } from './daemon-store.ts';
import { befriend, isMember } from './peers.ts';
import type { Member } from './operation.ts';
import { canTalk, type Daemon, type Node, nodeOf, nodeOfUuid, type Peer, STORE, unfrozen } from './world.ts';

/** How the command line answers: `ret` 0 may carry a remark. */
export interface Answer {
  readonly ret: number;
  readonly text: string;
  /** What its output holds besides. */
  readonly xml?: string;
  /** It prints no XML, and its exit code says how it ended. */
  readonly isPlain?: true;
}

const INTRODUCE_MIN_MS = 200;
const INTRODUCE_MAX_MS = 1500;
const CLI_GIVES_UP_MS = 120_000;

export async function probe(origin: Member, host: string): Promise<Answer> {
  const { world, node, daemon } = origin;
  const target = nodeOf(world, host);
  if (target === node) return { ret: 0, text: 'Probe on localhost not needed' };
  if ([...daemon.peers.values()].some((p) => p.hostnames.includes(host)))
    return { ret: 0, text: `Host ${host} port 24007 already in peer list` };
  ensureUuid(world, node, daemon);
  await world.clock.pause(10);
  const other = target === undefined ? undefined : await unfrozen(target);
  if (target === undefined || other === undefined || !canTalk(world, node, target))
    return { ret: -1, text: 'Probe returned with Transport endpoint is not connected' };
  if (other.peers.size > 0 || other.volumes.size > 0)
    return {
      ret: -1,
      text: `${host} is either already part of another cluster or having volumes configured`,
    };
  ensureUuid(world, target, other);
  introduce(origin, { world, node: target, daemon: other });
  for (const { uuid } of [...daemon.peers.values()].filter(isMember)) {
    const third = nodeOfUuid(world, uuid);
    if (third !== undefined && third !== target)
      introduceLater(third, { world, node: target, daemon: other });
  }
  return { ret: 0, text: 'success' };
}

function introduceLater(third: Node, newcomer: Member): void {
  const { world } = newcomer;
  world.clock.after(world.random.int(INTRODUCE_MIN_MS, INTRODUCE_MAX_MS), () => {
    const { daemon } = third;
    if (
      daemon === undefined ||
      newcomer.node.daemon !== newcomer.daemon ||
      !canTalk(world, third, newcomer.node)
    )
      return;
    introduce({ world, node: third, daemon }, newcomer);
  });
}

/** Both store each other as a peer, then each compares the volumes. */
function introduce(a: Member, b: Member): void {
  add(a, b);
  add(b, a);
  befriend(a.world, a, b);
  befriend(a.world, b, a);
}

function add(to: Member, who: Member): void {
  const { uuid } = who.daemon;
  const peer = to.daemon.peers.get(uuid) ?? {
    uuid,
    hostnames: [who.node.name],
    state: PEER_IN_CLUSTER,
    connected: true,
  };
  peer.connected = true;
  to.daemon.peers.set(uuid, peer);
  storePeer(to.node, peer);
}

/** Of glusterd's state machine: neither "Peer in Cluster" nor "Peer Rejected". */
const isHalfWay = ({ state }: Peer): boolean => state !== PEER_IN_CLUSTER && state !== PEER_REJECTED;

export async function detach(origin: Member, host: string, force: boolean): Promise<Answer> {
  const { world, node, daemon } = origin;
  if (nodeOf(world, host) === node) return { ret: -1, text: `${host} is localhost` };
  const peer = [...daemon.peers.values()].find((p) => p.hostnames.includes(host));
  if (peer === undefined) return { ret: -1, text: `${host} is not part of cluster` };
  const partly = [...daemon.volumes.values()].some(
    (v) => v.bricks.some((b) => b.uuid === peer.uuid) && v.bricks.some((b) => b.uuid !== peer.uuid),
  );
  if (partly)
    return {
      ret: 1,
      text:
        `Peer ${host} hosts one or more bricks. If the peer is in not recoverable state then use either ` +
        'replace-brick or remove-brick command with force to remove all bricks from the peer and attempt ' +
        'the peer detach again.',
    };
  if (!force && [...daemon.peers.values()].some((p) => p !== peer && !p.connected))
    return { ret: -1, text: "One of the peers is probably down. Check with 'peer status'" };
  await world.clock.pause(15);
  const target = nodeOfUuid(world, peer.uuid);
  const gone = target === undefined || !peer.connected ? undefined : await unfrozen(target);
  if (isHalfWay(peer) || (gone !== undefined && [...gone.peers.values()].some(isHalfWay))) {
    await world.clock.pause(CLI_GIVES_UP_MS);
    return { ret: -1, text: 'Error : Request timed out' };
  }
  if (target !== undefined && gone !== undefined) leave(origin, target, gone);
  for (const other of [node, ...[...daemon.peers.values()].flatMap((p) => nodeOfUuid(world, p.uuid) ?? [])])
    if (other !== target && other.daemon !== undefined && canTalk(world, node, other))
      forget(origin, other, other.daemon, peer.uuid);
  return { ret: 0, text: 'success' };
}

/** glusterd_peer_detach_cleanup: alone again, with what it has bricks for. */
function leave({ world }: Member, node: Node, daemon: Daemon): void {
  for (const uuid of daemon.peers.keys()) node.disk.remove(`${STORE}/peers/${uuid}`);
  daemon.peers.clear();
  for (const volume of [...daemon.volumes.values()]) {
    if (volume.bricks.some((b) => b.uuid === daemon.uuid)) continue;
    deleteVolumeStore(node, volume);
    daemon.volumes.delete(volume.name);
  }
  world.trace.push(`${node.name} leaves the pool`);
}

/** glusterd_friend_remove_cleanup_vols: volumes that live wholly on the node that left go from here. */
function forget({ world }: Member, node: Node, daemon: Daemon, uuid: string): void {
  daemon.peers.delete(uuid);
  node.disk.remove(`${STORE}/peers/${uuid}`);
  for (const volume of [...daemon.volumes.values()]) {
    if (volume.bricks.some((b) => b.uuid !== uuid)) continue;
    stopBricks(world, node, volume);
    deleteVolumeStore(node, volume);
    daemon.volumes.delete(volume.name);
  }
}
