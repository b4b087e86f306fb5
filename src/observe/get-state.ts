/**
 * Reads the file that `gluster get-state` writes: glusterd's memory. Owns the format (glusterd-handler.c,
 * glusterd_get_state).
 */
import { err, ok, type Result } from '../core/result.ts';
import { isVolumeName, peerUuid, volumeName, type VolumeName } from '../model/names.ts';
import type { DaemonBrick, DaemonPeer, DaemonState, DaemonVolume, VolumeStatus } from '../model/observed.ts';
import { isBrickPath, port, whole } from './checked.ts';

type Fields = ReadonlyMap<string, string>;

export function readGetState(text: string): Result<DaemonState, string> {
  const sections = splitSections(text);
  const global = sections.get('Global');
  if (global === undefined || !sections.has('Misc')) return err('the state file is cut off');
  return ok({
    uuid: peerUuid(global.get('MYUUID') ?? ''),
    opVersion: toInt(global.get('op-version')),
    globalOptions: sections.get('Global options') ?? new Map<string, string>(),
    peers: numbered(sections.get('Peers'), 'Peer').map(readPeer),
    volumes: new Map(numbered(sections.get('Volumes'), 'Volume').flatMap(readVolume)),
    services: new Map(
      numbered(sections.get('Services'), 'svc').map((s) => [
        s.get('name') ?? '',
        s.get('online_status') === 'Online',
      ]),
    ),
  });
}

function splitSections(text: string): ReadonlyMap<string, Fields> {
  const sections = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of text.split('\n')) {
    const header = /^\[(.+)\]$/.exec(line.trim())?.[1];
    if (header !== undefined) sections.set(header, (current = new Map<string, string>()));
    else {
      const split = line.indexOf(': ');
      if (split > 0) current.set(line.slice(0, split), line.slice(split + 2).trim());
      else if (line.endsWith(':')) current.set(line.slice(0, -1), '');
    }
  }
  return sections;
}

/**
 * Groups `Volume1.name`, `Volume1.id`, `Volume2.name` … into one map for each index, without the prefix.
 */
function numbered(fields: Fields | undefined, prefix: string): readonly Fields[] {
  const groups: Map<string, string>[] = [];
  for (const [key, value] of fields ?? []) {
    const match = /^([A-Za-z]+)(\d+)\.(.+)$/s.exec(key);
    if (match?.[1] !== prefix || match[3] === undefined) continue;
    const index = Number(match[2]);
    if (index < 1 || index > groups.length + 1) continue;
    const group = (groups[index - 1] ??= new Map<string, string>());
    group.set(match[3], value);
  }
  return groups;
}

function readPeer(fields: Fields): DaemonPeer {
  const names = [fields.get('primary_hostname') ?? '', ...(fields.get('othernames') ?? '').split(',')];
  return {
    uuid: peerUuid(fields.get('uuid') ?? ''),
    hostnames: names.map((n) => n.trim()).filter((n) => n !== ''),
    state: fields.get('state') ?? '',
    connected: fields.get('connected') === 'Connected',
  };
}

/** None where its name, its id or the path of a brick is invalid: glusterd did not write that text. */
function readVolume(fields: Fields): readonly (readonly [VolumeName, DaemonVolume])[] {
  const name = volumeName(fields.get('name') ?? '');
  const id = peerUuid(fields.get('id') ?? '');
  const bricks = numbered(fields, 'Brick').map(readBrick);
  const isSound = bricks.every((b) => b.hostname !== '' && isBrickPath(b.path));
  if (!isVolumeName(name) || id === undefined || !isSound) return [];
  const options = new Map<string, string>();
  for (const [key, value] of fields) if (key.startsWith('options.')) options.set(key.slice(8), value);
  return [
    [
      name,
      {
        name,
        id,
        status: readStatus(fields.get('status')),
        options,
        bricks,
        rebalanceStatus: fields.get('rebalance.status'),
        selfHealOnline: readOnline(fields.get('shd_svc.online_status')),
        snapshotDaemonOnline: readOnline(fields.get('snapd_svc.online_status')),
        quorumStatus: fields.get('quorum_status'),
        snapshotCount: toInt(fields.get('snap_count')),
      },
    ],
  ];
}

function readBrick(fields: Fields): DaemonBrick {
  const full = fields.get('path') ?? '';
  const split = full.indexOf(':/');
  const hasLocal = fields.has('port');
  const status = fields.get('status');
  return {
    hostname: fields.get('hostname') ?? full.slice(0, split),
    path: full.slice(split + 1),
    local: hasLocal
      ? {
          port: port(fields.get('port')) ?? 0,
          registered: fields.get('port_registered') === '1',
          status:
            status === 'Started' || status === 'Stopped' || status === 'Starting' || status === 'Stopping'
              ? status
              : 'Unknown',
        }
      : undefined,
  };
}

const readOnline = (word: string | undefined): boolean | undefined =>
  word === undefined ? undefined : word === 'Online';

const readStatus = (word: string | undefined): VolumeStatus =>
  word === 'Started' ? 'started' : word === 'Stopped' ? 'stopped' : 'created';

const toInt = (text: string | undefined): number => whole(text) ?? 0;
