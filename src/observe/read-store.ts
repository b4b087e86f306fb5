/**
 * Makes a `Store` of the files in /var/lib/glusterd. Owns the meaning of their keys (glusterd-store.c); a
 * file that it cannot read becomes a problem.
 */
import type { Layout, Transport } from '../model/desired.ts';
import { isVolumeName, NULL_UUID, peerUuid, volumeName, type VolumeName } from '../model/names.ts';
import type {
  Store,
  StoreBrick,
  StoreFile,
  StorePeer,
  StoreProblem,
  StoreVolume,
  VolumeStatus,
  VolumeTask,
} from '../model/observed.ts';
import { isBrickPath, port, staysInside, whole } from './checked.ts';
import { readStoreText, type StoreText } from './store-file.ts';
import type { TarEntry } from './tar.ts';

/**
 * Keys of `info` that are not options (glusterd_volume_exclude_options_write), besides those of bricks and of
 * geo-replication.
 */
const INFO_KEYS: ReadonlySet<string> = new Set([
  'type',
  'count',
  'status',
  'sub_count',
  'replica_count',
  'stripe_count',
  'arbiter_count',
  'disperse_count',
  'redundancy_count',
  'version',
  'transport-type',
  'volume-id',
  'username',
  'password',
  'op-version',
  'client-op-version',
  'quota-version',
  'tier-enabled',
  'thin_arbiter_count',
  'parent_volname',
  'restored_from_snap',
  'snap-max-hard-limit',
  'caps',
]);
const NEEDED = ['type', 'count', 'status', 'version', 'transport-type'] as const;
const NUMBERS = [
  ...NEEDED,
  'sub_count',
  'replica_count',
  'arbiter_count',
  'thin_arbiter_count',
  'disperse_count',
  'redundancy_count',
] as const;
const PEER_STATE_MAX = 10;
const NOT_AN_OPTION = /^(brick-\d+|ta-brick-\d+|secondary\d+|slave\d+)$/;
const STATUS: readonly VolumeStatus[] = ['created', 'started', 'stopped'];
const TRANSPORT: readonly Transport[] = ['tcp', 'rdma', 'tcp,rdma'];

export function readStore(
  entries: readonly TarEntry[] | undefined,
  complete: boolean,
  hashes: ReadonlyMap<string, string>,
  unread: Store['unread'] = [],
): Store {
  const files = new Map<string, StoreFile>();
  const directories: string[] = [];
  const problems: StoreProblem[] = [];
  // tar fills up with zeros what it could not read.
  const partly = new Set(unread.map(({ path }) => path));
  for (const e of entries ?? []) {
    if (e.path === '' || e.path === '.') continue;
    if (!staysInside(e.path)) {
      problems.push({
        path: '.',
        problem: `holds a name that cannot be: ${JSON.stringify(e.path.slice(0, 80))}`,
      });
      continue;
    }
    if (e.kind === 'directory') directories.push(e.path);
    else if (e.kind === 'file' && !partly.has(e.path))
      files.set(e.path, { path: e.path, content: e.content, mode: e.mode, mtime: e.mtime });
  }
  if (entries !== undefined && !complete)
    problems.push({ path: '.', problem: 'could not be read to the end' });
  const text = (path: string): StoreText | undefined => {
    const file = files.get(path);
    if (file === undefined) return undefined;
    const read = readStoreText(file.content);
    if (read.problem !== undefined) problems.push({ path, problem: read.problem });
    return read;
  };
  const info = text('glusterd.info')?.values;
  const peerFiles = namesBelow('peers', files);
  const untold = (file: string): StoreText | undefined => {
    const found = files.get(`peers/${file}`);
    return found === undefined ? undefined : readStoreText(found.content);
  };
  checkSnapshots(directories, files, text, problems);
  return {
    exists: entries !== undefined,
    files,
    directories,
    hashes,
    uuid: peerUuid(info?.get('UUID') ?? ''),
    operatingVersion: whole(info?.get('operating-version')),
    peers: peerFiles.filter(isTaken).map((file) => {
      const peer = readPeer(file, text(`peers/${file}`));
      if (peer.uuid !== NULL_UUID) return peer;
      problems.push({ path: `peers/${file}`, problem: 'has the null uuid' });
      return { ...peer, uuid: undefined };
    }),
    peerLeftovers: peerFiles.filter((file) => !isTaken(file)).map((file) => readPeer(file, untold(file))),
    volumes: readVolumes(directories, files, text, problems),
    options: text('options')?.values ?? new Map<string, string>(),
    problems,
    unread,
  };
}

const namesBelow = (directory: string, files: ReadonlyMap<string, unknown>): readonly string[] =>
  [...files.keys()]
    .filter(
      (p) =>
        p.startsWith(`${directory}/`) && !p.slice(directory.length + 1).includes('/') && !p.endsWith('.tmp'),
    )
    .map((p) => p.slice(directory.length + 1));

/** glusterd_store_retrieve_peers: what is named otherwise, it skips. */
const isTaken = (file: string): boolean => peerUuid(file) !== undefined && file !== NULL_UUID;

function readPeer(file: string, text: StoreText | undefined): StorePeer {
  const hostnames = (text?.pairs ?? [])
    .filter(([key]) => /^hostname\d*$/.test(key))
    .map(([, value]) => value);
  const state = whole(text?.values.get('state'));
  return {
    file,
    uuid: peerUuid(text?.values.get('uuid') ?? ''),
    state: state !== undefined && state <= PEER_STATE_MAX ? state : -1,
    hostnames,
  };
}

function readVolumes(
  directories: readonly string[],
  files: ReadonlyMap<string, StoreFile>,
  text: (path: string) => StoreText | undefined,
  problems: StoreProblem[],
): ReadonlyMap<VolumeName, StoreVolume> {
  const bricksOf = groupBricks(files);
  const volumes = new Map<VolumeName, StoreVolume>();
  for (const directory of directories) {
    const name = /^vols\/([^/]+)$/.exec(directory)?.[1];
    if (name === undefined) continue;
    if (!isVolumeName(name)) {
      problems.push({ path: `vols/${name}`, problem: 'is no name of a volume' });
      continue;
    }
    const info = text(`vols/${name}/info`);
    if (info === undefined) {
      problems.push({ path: `vols/${name}`, problem: 'has no info file' });
      continue;
    }
    const bricks = new Map<string, StoreText>();
    for (const file of bricksOf.get(name) ?? []) {
      const brick = text(`vols/${name}/bricks/${file}`);
      if (brick !== undefined) bricks.set(file, brick);
    }
    const extra = { quota: text(`vols/${name}/quota.cksum`), task: text(`vols/${name}/node_state.info`) };
    const volume = readVolume(volumeName(name), info, bricks, extra);
    if (typeof volume === 'string') problems.push({ path: `vols/${name}/info`, problem: volume });
    else volumes.set(volume.name, volume);
  }
  return volumes;
}

/** Each snapshot, and each volume in one, has an info that can be read; what they say is not judged. */
function checkSnapshots(
  directories: readonly string[],
  files: ReadonlyMap<string, StoreFile>,
  text: (path: string) => StoreText | undefined,
  problems: StoreProblem[],
): void {
  for (const directory of directories) {
    if (!/^snaps\/[^/]+(\/[^/]+)?$/.test(directory) || directory.endsWith('/geo-replication')) continue;
    const path = `${directory}/info`;
    const isVolume = directory.split('/').length === 3;
    if (text(path) === undefined && isVolume && files.has(`${parentOf(directory)}/info`))
      problems.push({ path, problem: 'is not there' });
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function groupBricks(files: ReadonlyMap<string, StoreFile>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const path of files.keys()) {
    const match = /^vols\/([^/]+)\/bricks\/([^/]+)$/.exec(path);
    if (match?.[1] === undefined || match[2] === undefined || match[2].endsWith('.tmp')) continue;
    const group = groups.get(match[1]);
    if (group === undefined) groups.set(match[1], [match[2]]);
    else group.push(match[2]);
  }
  return groups;
}

/** The volume, or the problem of its files. */
function readVolume(
  name: VolumeName,
  info: StoreText,
  brickTexts: ReadonlyMap<string, StoreText>,
  extra: { readonly quota: StoreText | undefined; readonly task: StoreText | undefined },
): StoreVolume | string {
  const wrong = NUMBERS.find((key) => whole(info.values.get(key) ?? '0') === undefined);
  if (wrong !== undefined) return `has ${wrong}=${info.values.get(wrong) ?? ''}, which is no number`;
  const missing = NEEDED.find((key) => !info.values.has(key));
  if (missing !== undefined) return `has no ${missing}`;
  const int = (key: string): number => whole(info.values.get(key)) ?? 0;
  const id = peerUuid(info.values.get('volume-id') ?? '');
  const status = STATUS[int('status')];
  const layout = readLayout(int);
  const transport = TRANSPORT[int('transport-type')];
  if (id === undefined) return 'has no valid volume-id';
  if (status === undefined) return `has an unknown status ${String(int('status'))}`;
  if (layout === undefined) return `has a layout that cannot be: type=${String(int('type'))}`;
  if (transport === undefined) return `has an unknown transport ${String(int('transport-type'))}`;
  const bricks: StoreBrick[] = [];
  for (let i = 0; i < int('count'); i++) {
    const file = info.values.get(`brick-${String(i)}`);
    if (file === undefined) return `says count=${String(int('count'))} but has no brick-${String(i)}`;
    const text = brickTexts.get(file);
    if (text === undefined) return `names brick ${file}, whose file is missing`;
    const brick = readBrick(file, text);
    if (typeof brick === 'string') return `names brick ${file}, which ${brick}`;
    bricks.push(brick);
  }
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  if (bricks.length === 0 || bricks.length % size !== 0)
    return `has ${String(bricks.length)} bricks, which are no sets of ${String(size)}`;
  const options = info.pairs.filter(([key]) => !INFO_KEYS.has(key) && !NOT_AN_OPTION.test(key));
  return {
    name,
    id,
    version: int('version'),
    status,
    layout,
    transport,
    options: new Map(options),
    bricks,
    signature: info.pairs
      .filter(([key]) => key !== 'version')
      .map(([k, v]) => `${k}=${v}`)
      .sort()
      .join('\n'),
    quotaVersion: whole(extra.quota?.values.get('version')) ?? 0,
    pendingTask: pendingTaskIn(bricks, extra.task),
    task: readTask(extra.task),
  };
}

function readLayout(int: (key: string) => number): Layout | undefined {
  switch (int('type')) {
    case 0:
      return { kind: 'distribute' };
    case 1:
      return { kind: 'distribute', obsolete: 'striped' };
    case 3:
      return { kind: 'distribute', obsolete: 'striped and replicated' };
    case 5:
      return { kind: 'distribute', obsolete: 'tiered' };
    case 2: {
      const replica = int('replica_count');
      if (replica < 2 || int('sub_count') === 0) return undefined;
      return {
        kind: 'replicate',
        replica,
        arbiter: int('arbiter_count') > 0 ? 1 : 0,
        ...(int('thin_arbiter_count') > 0 && { hasThinArbiter: true }),
      };
    }
    case 4: {
      const disperse = int('disperse_count');
      const redundancy = int('redundancy_count');
      if (redundancy === 0 || disperse <= 2 * redundancy) return undefined;
      return { kind: 'disperse', disperse, redundancy };
    }
    default:
      return undefined;
  }
}

/** The brick, or the problem of its file. */
function readBrick(file: string, text: StoreText): StoreBrick | string {
  const path = text.values.get('path') ?? '';
  const listenPort = port(text.values.get('listen-port') ?? '0');
  if ((text.values.get('hostname') ?? '') === '') return 'has no hostname';
  if (!isBrickPath(path)) return `has no valid path: ${JSON.stringify(path.slice(0, 80))}`;
  if (listenPort === undefined) return 'has no valid listen-port';
  return {
    file,
    hostname: text.values.get('hostname') ?? '',
    path,
    ownerUuid: peerUuid(text.values.get('uuid') ?? ''),
    listenPort,
    brickId: text.values.get('brick-id') ?? '',
    mountDir: text.values.get('mount_dir') ?? '',
    decommissioned: text.values.get('decommissioned') === '1',
  };
}

/**
 * Numbers of glusterd_op_t and gf_defrag_status_t: 19 rebalance, 9 remove-brick; status 1 is under way, 5 a
 * fix-layout.
 */
function pendingTaskIn(bricks: readonly StoreBrick[], task: StoreText | undefined): string | undefined {
  if (bricks.some((b) => b.decommissioned)) return 'remove-brick';
  const status = task?.values.get('status');
  if (status !== '1' && status !== '5') return undefined;
  return task?.values.get('rebalance_op') === '9' ? 'remove-brick' : 'rebalance';
}

const TASK_STATUS = ['not-started', 'running', 'stopped', 'completed', 'failed'] as const;
/** In memory alone a fix-layout has numbers of its own. */
const FIX_LAYOUT_STATUS = ['running', 'stopped', 'completed', 'failed'] as const;
/** A brick was replaced or reset since it was over: GF_DEFRAG_STATUS_RESET_DUE_REPLACE_BRC and …RESET_BRC. */
const RESET: readonly number[] = [9, 10];
/** gf_defrag_command of a fix-layout. */
const FIX_LAYOUT = '4';
const NO_ID = /^[0-]*$/;

/** A task that was stopped keeps its command and its status, and loses its number and its id. */
function readTask(task: StoreText | undefined): VolumeTask | undefined {
  const int = (key: string): number => whole(task?.values.get(key)) ?? 0;
  const [command, id, status] = [
    int('rebalance_status'),
    task?.values.get('rebalance-id') ?? '',
    int('status'),
  ];
  const isRemoval = int('rebalance_op') === 9;
  if (command === 0 && !isRemoval) return undefined;
  return {
    kind: isRemoval ? 'remove-brick' : String(command) === FIX_LAYOUT ? 'fix-layout' : 'rebalance',
    id: NO_ID.test(id) ? '' : id,
    ...(RESET.includes(status) && { isReset: true }),
    status: RESET.includes(status)
      ? 'completed'
      : (TASK_STATUS[status] ?? FIX_LAYOUT_STATUS[status - TASK_STATUS.length] ?? 'failed'),
    files: int('rebalanced-files'),
    bytes: int('size'),
    failures: int('failures'),
    skipped: int('skipped'),
  };
}
