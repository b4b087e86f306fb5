/** glusterd writes its store, and loads it when it starts. Owns what a failed write leaves behind. */
import type { DiskError } from './disk.ts';
import {
  brickText,
  cksum,
  glusterdInfoText,
  infoText,
  nodeStateText,
  optionsText,
  parsePeer,
  parseVolume,
  peerText,
} from './store-text.ts';
import {
  brickFile,
  type Daemon,
  dashed,
  type Node,
  type Peer,
  STORE,
  type Volume,
  volumeDir,
  type World,
} from './world.ts';

export const MAX_OP_VERSION = 100000;
type Wrote = DiskError | undefined;

const inOrder = (...writes: readonly (() => Wrote)[]): Wrote => {
  for (const write of writes) {
    const error = write();
    if (error !== undefined) return error;
  }
  return undefined;
};

/** Comes before the memory is changed, so where it fails nothing has happened. */
export function writeVolfiles(node: Node, volume: Volume): Wrote {
  const dir = volumeDir(volume.name);
  const names = [
    `trusted-${volume.name}.tcp-fuse.vol`,
    `${volume.name}.tcp-fuse.vol`,
    ...volume.bricks.map((b) => `${volume.name}.${b.hostname}.${dashed(b.path)}.vol`),
  ];
  const text = [...volume.options].map((o) => o.join('=')).join(' ');
  return inOrder(...names.map((name) => () => node.disk.write(`${dir}/${name}`, `${name} ${text}\n`)));
}

/** glusterd_store_volinfo. The checksum goes through a file in /tmp, which must have room too. */
export function storeVolume(node: Node, daemon: Daemon, volume: Volume): Wrote {
  const dir = volumeDir(volume.name);
  const { disk } = node;
  const info = infoText(volume);
  return inOrder(
    () => disk.mkdirs(`${dir}/bricks`),
    () => disk.refuses(`/tmp/${volume.name}`),
    ...volume.bricks.map(
      (b) => () => disk.write(`${dir}/bricks/${brickFile(b)}`, brickText(b, b.uuid === daemon.uuid)),
    ),
    () => disk.write(`${dir}/node_state.info`, nodeStateText(volume.task)),
    () => disk.write(`${dir}/info`, info),
    () => disk.write(`${dir}/cksum`, `info=${String(cksum(info))}\n`),
    () => disk.write(`${dir}/snapd.info`, 'snapd-port=0\n'),
  );
}

export const storeTask = (node: Node, { name, task }: Volume): Wrote =>
  node.disk.write(`${volumeDir(name)}/node_state.info`, nodeStateText(task));

/**
 * glusterd_store_delete_volume: renamed away first. What cannot be removed there stays, and no error reports
 * it.
 */
export function deleteVolumeStore(node: Node, volume: Volume): Wrote {
  const trash = `${STORE}/trash`;
  const away = `${trash}/${volume.id}.deleted`;
  const error = node.disk.mkdirs(trash) ?? node.disk.rename(volumeDir(volume.name), away);
  if (error !== undefined) return error;
  node.disk.remove(away);
  if (node.disk.list(trash).length === 0) node.disk.remove(trash);
  return undefined;
}

export const storePeer = (node: Node, peer: Peer): Wrote => {
  node.disk.mkdirs(`${STORE}/peers`);
  return node.disk.write(`${STORE}/peers/${peer.uuid}`, peerText(peer));
};

export const storeOptions = (node: Node, daemon: Daemon): Wrote =>
  node.disk.write(`${STORE}/options`, optionsText(daemon.options, daemon.optionVersion));

/** A fresh glusterd has no identity until something needs one. */
export function ensureUuid(world: World, node: Node, daemon: Daemon): string {
  if (daemon.uuid !== '') return daemon.uuid;
  daemon.uuid = world.random.uuid();
  storeSelf(node, daemon);
  return daemon.uuid;
}

const storeSelf = (node: Node, daemon: Daemon): Wrote =>
  node.disk.write(`${STORE}/glusterd.info`, glusterdInfoText(daemon.uuid, daemon.opVersion));

type Loaded = Pick<Daemon, 'uuid' | 'opVersion' | 'options' | 'optionVersion' | 'volumes' | 'peers'>;

/** Memory from disk; a text where glusterd would refuse to start. */
export function loadStore(node: Node): Loaded | string {
  const self = pairsOf(node.disk.read(`${STORE}/glusterd.info`));
  const uuid = self.get('UUID') ?? '';
  const options = pairsOf(node.disk.read(`${STORE}/options`));
  const optionVersion = Number(options.get('global-option-version') ?? 0);
  options.delete('global-option-version');
  const peers = new Map<string, Peer>();
  for (const file of node.disk.list(`${STORE}/peers`)) {
    const peer = parsePeer(node.disk.read(`${STORE}/peers/${file}`) ?? '');
    if (peer?.uuid === file) peers.set(peer.uuid, peer);
  }
  const volumes = loadVolumes(
    node,
    (host, owner) => owner === uuid || host === node.name || peers.has(owner),
  );
  if (typeof volumes === 'string') return volumes;
  if (node.disk.list(`${STORE}/snaps`).some((name) => node.disk.isDirectory(`${STORE}/snaps/${name}`)))
    return 'Unable to restore snapshot';
  const opVersion = Number(self.get('operating-version') ?? MAX_OP_VERSION);
  if (opVersion > MAX_OP_VERSION) return `wrong op-version (${String(opVersion)}) retrieved`;
  return { uuid, opVersion, options, optionVersion, volumes, peers };
}

function loadVolumes(
  node: Node,
  isKnown: (host: string, owner: string) => boolean,
): Map<string, Volume> | string {
  const volumes = new Map<string, Volume>();
  for (const name of node.disk.list(`${STORE}/vols`)) {
    const dir = volumeDir(name);
    if (!node.disk.isDirectory(dir)) continue;
    const volume = parseVolume(
      name,
      node.disk.read(`${dir}/info`),
      (file) => node.disk.read(`${dir}/bricks/${file}`),
      node.disk.read(`${dir}/node_state.info`),
    );
    if (typeof volume === 'string') return volume;
    const lost = volume.bricks.find((b) => !isKnown(b.hostname, b.uuid));
    if (lost !== undefined)
      return `Failed to resolve brick ${lost.path} with host ${lost.hostname} of volume ${name} in restore`;
    const text = `info=${String(cksum(node.disk.read(`${dir}/info`) ?? ''))}\n`;
    if (node.disk.write(`${dir}/cksum`, text) !== undefined)
      return `Failed to compute checksum for volume ${name}`;
    volumes.set(name, volume);
  }
  return volumes;
}

const pairsOf = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? '').split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at > 0 && at < line.length - 1 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
