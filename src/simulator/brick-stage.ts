/**
 * Bricks that a command brings: read from its words, defined, and staged. The stage has side effects that
 * nothing undoes: directories made, volume-id stamped. Moves no data.
 */
import { splitPlace } from '../model/names.ts';
import { GFID, VOLUME_ID } from './brick.ts';
import type { Member } from './operation.ts';
import { parentOf } from './path-tree.ts';
import { type Brick, type Node, nodeOf, type Volume } from './world.ts';

const USE_FORCE = "Use 'force' at the end of the command if you want to override this behavior.";

export interface BrickWord {
  readonly host: string;
  readonly path: string;
}

/** `HOST:/PATH` */
export const brickWord = (word: string): BrickWord | undefined => splitPlace(word);

export function hostsRefused(origin: Member, bricks: readonly BrickWord[]): string | undefined {
  for (const { host } of bricks) {
    if (nodeOf(origin.world, host) === origin.node) continue;
    const peer = [...origin.daemon.peers.values()].find((p) => p.hostnames.includes(host));
    if (peer?.state !== 3) return `Host ${host} is not in 'Peer in Cluster' state`;
    if (!peer.connected) return `Host ${host} not connected`;
  }
  return undefined;
}

/** Several bricks of a set on one host, which glusterd takes with `force` alone. */
export function crowdedSet(
  bricks: readonly BrickWord[],
  size: number,
  kind: 'replicate' | 'disperse',
): string | undefined {
  for (let i = 0; size > 1 && i < bricks.length; i += size) {
    const hosts = bricks.slice(i, i + size).map((b) => b.host);
    if (new Set(hosts).size < hosts.length)
      return (
        `Multiple bricks of a ${kind} volume are present on the same server. This setup is not optimal. ` +
        'Bricks should be on different nodes to have best fault tolerant configuration. ' +
        USE_FORCE
      );
  }
  return undefined;
}

export const defineBrick = ({ world, node, daemon }: Member, word: BrickWord, id: string): Brick => ({
  uuid:
    nodeOf(world, word.host) === node
      ? daemon.uuid
      : ([...daemon.peers.values()].find((p) => p.hostnames.includes(word.host))?.uuid ?? ''),
  hostname: word.host,
  path: word.path,
  id,
  mountDir: mountDirOf(nodeOf(world, word.host), word.path),
  decommissioned: false,
  fsid: '0',
  port: 0,
  status: 'Stopped',
  registered: false,
  rpc: false,
});

/** A real originator sends `mount_dir`; here every node computes the same. */
export const placedOn = (node: Node, brick: Brick): Brick => ({
  ...brick,
  fsid: String(BigInt(node.disk.mountOf(brick.path).device) * 1_000_003n),
});

function mountDirOf(node: Node | undefined, path: string): string {
  const point = node?.disk.mountOf(path).point ?? '/';
  return point === '/' ? path : path.slice(point.length);
}

/** Makes and stamps one brick after the other; a later refusal leaves the earlier ones stamped. */
export function stageBricks(
  { node, daemon }: Member,
  id: string,
  bricks: readonly Brick[],
  force: boolean,
  volumes: Iterable<Volume> = daemon.volumes.values(),
): string | undefined {
  const known = [...volumes];
  for (const brick of bricks) {
    if (brick.uuid !== daemon.uuid) continue;
    const refused = stageBrick(node, known, brick, id, force);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function stageBrick(
  node: Node,
  volumes: Iterable<Volume>,
  brick: Brick,
  id: string,
  force: boolean,
): string | undefined {
  const { disk } = node;
  const { path, hostname, uuid } = brick;
  const overlaps = (other: string): boolean =>
    other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`);
  for (const volume of volumes)
    if (volume.bricks.some((b) => b.uuid === uuid && overlaps(b.path)))
      return (
        `Brick: ${hostname}:${path} not available. ` +
        'Brick may be containing or be contained by an existing brick.'
      );
  const refused = disk.has(path) ? undefined : disk.mkdir(path);
  if (refused !== undefined)
    return `Failed to create brick directory for brick ${hostname}:${path}. Reason : ${refused} `;
  const point = disk.mountOf(path).point;
  if (!force && point === path)
    return (
      `The brick ${hostname}:${path} is a mount point. Please create a sub-directory under the mount point ` +
      `and use that as the brick directory. Or ${USE_FORCE.toLowerCase()}`
    );
  if (!force && point === '/') {
    disk.remove(path);
    return (
      `The brick ${hostname}:${path} is being created in the root partition. It is recommended that you ` +
      `don't use the system's root partition for storage backend. Or ${USE_FORCE.toLowerCase()}`
    );
  }
  for (let at = path; !force && at !== '/'; at = parentOf(at)) {
    const xattrs = disk.entries.get(at)?.xattrs;
    if (xattrs?.has(VOLUME_ID) === true || xattrs?.has(GFID) === true)
      return at === path
        ? `${path} is already part of a volume`
        : `parent directory ${at} is already part of a volume`;
  }
  const failed = disk.setXattr(path, VOLUME_ID, id) ?? disk.mkdir(`${path}/.glusterfs`);
  return failed === undefined
    ? undefined
    : `Glusterfs is not supported on brick: ${hostname}:${path}.\n` +
        `Setting extended attributes failed, reason: ${failed}.`;
}
