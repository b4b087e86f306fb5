/**
 * `volume create`: its command line, its stage phase and its commit. The stage has side effects that nothing
 * undoes: directories made, volume-id stamped. Owns the layouts; moves no data.
 */
import { GFID, VOLUME_ID } from './brick.ts';
import { ensureUuid, storeVolume, writeVolfiles } from './daemon-store.ts';
import { parentOf } from './path-tree.ts';
import type { Member, Operation } from './operation.ts';
import { type Brick, type Node, nodeOf, type Volume, volumeDir } from './world.ts';

const USE_FORCE = "Use 'force' at the end of the command if you want to override this behavior.";

interface Words {
  readonly replica: number;
  readonly arbiter: number;
  readonly disperse: number;
  readonly redundancy: number;
  readonly transport: 0 | 1 | 2;
  readonly force: boolean;
  readonly bricks: readonly { readonly host: string; readonly path: string }[];
}

function readWords(words: readonly string[]): Words | string {
  const numbers = new Map<string, number>();
  const bricks: { host: string; path: string }[] = [];
  let transport: 0 | 1 | 2 = 0;
  let force = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const brick = /^([^:]+):(\/.*)$/.exec(word);
    if (brick?.[1] !== undefined && brick[2] !== undefined) bricks.push({ host: brick[1], path: brick[2] });
    else if (word === 'force') force = true;
    else if (word === 'transport') transport = words[++i] === 'rdma' ? 1 : words[i] === 'tcp,rdma' ? 2 : 0;
    else if (['replica', 'arbiter', 'disperse', 'redundancy'].includes(word))
      numbers.set(word, Number(words[++i]));
    else return `Wrong brick type: ${word}, use <HOSTNAME>:<export-dir-abs-path>`;
  }
  const number = (key: string, other: number): number => numbers.get(key) ?? other;
  return {
    replica: number('replica', 1),
    arbiter: number('arbiter', 0),
    disperse: number('disperse', 0),
    redundancy: number('redundancy', 0),
    transport,
    force,
    bricks,
  };
}

/** The operation, or what the command line itself refuses. */
export function createOperation(origin: Member, name: string, args: readonly string[]): Operation | string {
  const words = readWords(args);
  if (typeof words === 'string') return words;
  const set = Math.max(words.replica, words.disperse);
  if (words.bricks.length === 0) return 'Wrong number of bricks';
  if (words.bricks.length % Math.max(1, set) !== 0)
    return `number of bricks is not a multiple of ${words.disperse > 0 ? 'disperse' : 'replica'} count`;
  const { world, node, daemon } = origin;
  ensureUuid(world, node, daemon);
  const made: { volume?: Volume } = {};
  return {
    volume: name,
    framework: 'synctask',
    stage(on) {
      if (on.daemon.volumes.has(name)) return `Volume ${name} already exists`;
      if (on.node === node) {
        const refused = namesRefused(origin, words);
        if (refused !== undefined) return refused;
        made.volume = define(origin, name, words);
      }
      return made.volume === undefined ? '' : stageBricks(on, made.volume, words.force);
    },
    commit(on) {
      if (made.volume === undefined) return '';
      const volume: Volume = {
        ...made.volume,
        version: 1,
        options: new Map(made.volume.options),
        bricks: made.volume.bricks.map((b) => ({ ...b, ...place(on.node, b) })),
      };
      const error =
        on.node.disk.mkdirs(volumeDir(name)) ??
        writeVolfiles(on.node, volume) ??
        storeVolume(on.node, on.daemon, volume);
      if (error !== undefined) return 'Failed to store the Volume information';
      on.daemon.volumes.set(name, volume);
      return undefined;
    },
  };
}

/** A real originator sends `mount_dir`; here every node computes the same. */
const place = (node: Node, brick: Brick): Pick<Brick, 'fsid'> => ({
  fsid: String(BigInt(node.disk.mountOf(brick.path).device) * 1_000_003n),
});

function namesRefused(origin: Member, { bricks, force, replica, disperse }: Words): string | undefined {
  for (const { host } of bricks) {
    if (nodeOf(origin.world, host) === origin.node) continue;
    const peer = [...origin.daemon.peers.values()].find((p) => p.hostnames.includes(host));
    if (peer?.state !== 3) return `Host ${host} is not in 'Peer in Cluster' state`;
    if (!peer.connected) return `Host ${host} not connected`;
  }
  const set = Math.max(replica, disperse);
  const kind = disperse > 0 ? 'disperse' : 'replicate';
  for (let i = 0; set > 1 && !force && i < bricks.length; i += set) {
    const hosts = bricks.slice(i, i + set).map((b) => b.host);
    if (new Set(hosts).size < hosts.length)
      return (
        `Multiple bricks of a ${kind} volume are present on the same server. This setup is not optimal. ` +
        'Bricks should be on different nodes to have best fault tolerant configuration. ' +
        USE_FORCE
      );
  }
  return undefined;
}

function define({ world, node, daemon }: Member, name: string, words: Words): Volume {
  const { replica, arbiter, disperse, redundancy, transport } = words;
  const type = disperse > 0 ? 4 : replica > 1 ? 2 : 0;
  const owner = (host: string): string => {
    if (nodeOf(world, host) === node) return daemon.uuid;
    return [...daemon.peers.values()].find((p) => p.hostnames.includes(host))?.uuid ?? '';
  };
  const full = [
    ['cluster.granular-entry-heal', 'on'],
    ['storage.fips-mode-rchecksum', 'on'],
  ] as const;
  return {
    name,
    id: world.random.uuid(),
    type,
    subCount: type === 0 ? 0 : Math.max(replica, disperse),
    replica: type === 2 ? replica : 1,
    arbiter,
    disperse,
    redundancy,
    transport,
    username: world.random.uuid(),
    password: world.random.uuid(),
    clientOpVersion: type === 2 ? 30800 : type === 4 ? 30600 : 2,
    status: 0,
    version: 0,
    options: new Map([
      ...(type === 2 ? full : full.slice(1)),
      ['transport.address-family', 'inet'] as const,
      ['nfs.disable', 'on'] as const,
      ...(type === 2 ? [['performance.client-io-threads', 'off'] as const] : []),
    ]),
    bricks: words.bricks.map(({ host, path }, i) => ({
      uuid: owner(host),
      hostname: host,
      path,
      id: `${name}-client-${String(i)}`,
      mountDir: mountDirOf(nodeOf(world, host), path),
      decommissioned: false,
      fsid: '0',
      port: 0,
      status: 'Stopped',
      registered: false,
      rpc: false,
    })),
  };
}

function mountDirOf(node: Node | undefined, path: string): string {
  const point = node?.disk.mountOf(path).point ?? '/';
  return point === '/' ? path : path.slice(point.length);
}

/** Makes and stamps one brick after the other; a later refusal leaves the earlier ones stamped. */
function stageBricks({ node, daemon }: Member, volume: Volume, force: boolean): string | undefined {
  for (const brick of volume.bricks) {
    if (brick.uuid !== daemon.uuid) continue;
    const refused = stageBrick(node, daemon.volumes.values(), brick, volume.id, force);
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
