/**
 * glusterd's store as text, written and read as in glusterd-store.c. Owns the format; writes nothing to a
 * disk.
 */
import { readStoreText } from '../observe/store-file.ts';
import { type Brick, brickFile, type Peer, type Task, type Volume } from './world.ts';

const ZERO_UUID = '00000000-0000-0000-0000-000000000000';
/** Of each file that a rebalance moves. */
const FILE_BYTES = 4096;
const lines = (pairs: readonly (readonly [string, string | number])[]): string =>
  pairs.map(([key, value]) => `${key}=${String(value)}\n`).join('');

export const infoText = (v: Volume): string =>
  lines([
    ['type', v.type],
    ['count', v.bricks.length],
    ['status', v.status],
    ['sub_count', v.subCount],
    ['replica_count', v.replica],
    ...(v.arbiter > 0 ? [['arbiter_count', v.arbiter] as const] : []),
    ['disperse_count', v.disperse],
    ['redundancy_count', v.redundancy],
    ['version', v.version],
    ['transport-type', v.transport],
    ['volume-id', v.id],
    ['username', v.username],
    ['password', v.password],
    ['op-version', 40000],
    ['client-op-version', v.clientOpVersion],
    ['quota-version', 0],
    ['tier-enabled', 0],
    ['parent_volname', 'N/A'],
    ['restored_from_snap', ZERO_UUID],
    ['snap-max-hard-limit', 256],
    ...v.options,
    ...v.bricks.map((brick, i) => [`brick-${String(i)}`, brickFile(brick)] as const),
  ]);

/** `mine`: this node owns it; the port and the file system's id are known there alone. */
export const brickText = (brick: Brick, mine: boolean): string =>
  lines([
    ['uuid', brick.uuid],
    ['hostname', brick.hostname],
    ['path', brick.path],
    ['real_path', brick.path],
    ['listen-port', mine ? brick.port : 0],
    ['rdma.listen-port', 0],
    ['decommissioned', brick.decommissioned ? 1 : 0],
    ['brick-id', brick.id],
    ['mount_dir', brick.mountDir],
    ['snap-status', 0],
    ['brick-fsid', mine ? brick.fsid : 0],
  ]);

export const peerText = (peer: Peer): string =>
  lines([
    ['uuid', peer.uuid],
    ['state', peer.state],
    ...peer.hostnames.map((h, i) => [`hostname${String(i + 1)}`, h] as const),
  ]);

export const nodeStateText = ({ command, operation, id, status, files, failures }: Task): string =>
  lines([
    ['rebalance_status', command],
    ['status', status],
    ['rebalance_op', operation],
    ['rebalance-id', id === '' ? ZERO_UUID : id],
    ['rebalanced-files', files],
    ['size', files * FILE_BYTES],
    ['scanned', files],
    ['failures', failures],
    ['skipped', 0],
    ['run-time', '0.000000'],
  ]);

export function parseTask(content: string | undefined): Task {
  const { values } = readStoreText(Buffer.from(content ?? ''));
  const int = (key: string): number => Number.parseInt(values.get(key) ?? '', 10) || 0;
  const [command, status, id] = [int('rebalance_status'), int('status'), values.get('rebalance-id') ?? ''];
  const operation = int('rebalance_op');
  return {
    command: command === 1 || command === 4 || command === 5 ? command : 0,
    operation: operation === 9 || operation === 19 ? operation : 0,
    id: id === ZERO_UUID ? '' : id,
    status: status === 1 || status === 2 || status === 3 || status === 4 ? status : 0,
    files: int('rebalanced-files'),
    failures: int('failures'),
  };
}

export const glusterdInfoText = (uuid: string, opVersion: number): string =>
  lines([
    ['UUID', uuid],
    ['operating-version', opVersion],
  ]);

export const optionsText = (options: ReadonlyMap<string, string>, version: number): string =>
  lines([...options, ['global-option-version', version]]);

/** glusterd_volume_compute_cksum: the lines of `info`, sorted, through an exclusive-or of shifted bytes. */
export function cksum(info: string): number {
  const data = Buffer.from(
    info
      .split('\n')
      .slice(0, -1)
      .sort()
      .map((l) => `${l}\n`)
      .join(''),
    'utf8',
  );
  const state = new Uint8Array(4);
  for (let start = 0; start < data.length; start += 1024) {
    const read = data.subarray(start, start + 1024);
    if (state.every((byte) => byte === 0)) state.set([0xba, 0xbe, 0xb0, 0x0b]);
    for (let at = 0; at < read.length - 4; at += 4) mix(state, read, at, 4);
    mix(state, read, read.length - 4, (read.length % 4) + 1);
  }
  return new DataView(state.buffer).getUint32(0, true);
}

function mix(state: Uint8Array, read: Buffer, at: number, count: number): void {
  for (let k = 0; k < count; k++) state[k] = (state[k] ?? 0) ^ ((read[at + k] ?? 0) << k);
}

const NOT_OPTIONS = new RegExp(
  [
    '^(type|count|status|sub_count|(replica|stripe|arbiter|disperse|redundancy|thin_arbiter)_count',
    'version|transport-type|volume-id|username|password|(client-)?op-version|quota-version|tier-enabled',
    'parent_volname|restored_from_snap|snap-max-hard-limit|caps|(ta-)?brick-\\d+)$',
  ].join('|'),
);

/** A volume as glusterd loads it, or why glusterd would not start with it. */
export function parseVolume(
  name: string,
  info: string | undefined,
  brickOf: (file: string) => string | undefined,
  state?: string,
): Volume | string {
  const text = info === undefined ? undefined : readStoreText(Buffer.from(info));
  if (text === undefined || text.values.size === 0 || text.problem?.startsWith('line') === true)
    return `Unable to restore volume: ${name}`;
  const word = (key: string): string => text.values.get(key) ?? '';
  const int = (key: string): number => Number.parseInt(word(key), 10) || 0;
  const bricks: Brick[] = [];
  for (let i = 0; i < int('count'); i++) {
    const file = text.values.get(`brick-${String(i)}`);
    const brick = file === undefined ? undefined : parseBrick(brickOf(file));
    if (brick === undefined) return `Unable to restore volume: ${name}`;
    bricks.push(brick);
  }
  const type = int('type');
  const status = int('status');
  const transport = int('transport-type');
  return {
    name,
    id: word('volume-id'),
    type: type === 2 || type === 4 ? type : 0,
    subCount: int('sub_count'),
    replica: int('replica_count'),
    arbiter: int('arbiter_count'),
    disperse: int('disperse_count'),
    redundancy: int('redundancy_count'),
    transport: transport === 1 || transport === 2 ? transport : 0,
    username: word('username'),
    password: word('password'),
    clientOpVersion: int('client-op-version'),
    status: status === 1 || status === 2 ? status : 0,
    version: int('version'),
    options: new Map(text.pairs.filter(([key]) => !NOT_OPTIONS.test(key))),
    bricks,
    task: parseTask(state),
  };
}

function parseBrick(content: string | undefined): Brick | undefined {
  const text = content === undefined ? undefined : readStoreText(Buffer.from(content));
  if (text === undefined || text.problem?.startsWith('line') === true) return undefined;
  const word = (key: string): string => text.values.get(key) ?? '';
  if (word('hostname') === '' || word('path') === '') return undefined;
  return {
    uuid: word('uuid'),
    hostname: word('hostname'),
    path: word('path'),
    id: word('brick-id'),
    mountDir: word('mount_dir'),
    decommissioned: word('decommissioned') === '1',
    fsid: word('brick-fsid') === '' ? '0' : word('brick-fsid'),
    port: Number.parseInt(word('listen-port'), 10) || 0,
    status: 'Stopped',
    registered: false,
    rpc: false,
  };
}

export function parsePeer(content: string): Peer | undefined {
  const { values, pairs } = readStoreText(Buffer.from(content));
  const uuid = values.get('uuid');
  const hostnames = pairs.filter(([key]) => /^hostname\d+$/.test(key)).map(([, value]) => value);
  if (uuid === undefined || hostnames.length === 0) return undefined;
  return { uuid, hostnames, state: Number(values.get('state') ?? 0), connected: false };
}
