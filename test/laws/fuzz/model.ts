/**
 * Random valid volumes, peers and states, and glusterd's texts of them: the readers must return them
 * unchanged.
 */
import { type DaemonState, type DaemonVolume } from '../../../src/model/observed.ts';
import { peerUuid, volumeName, type VolumeName } from '../../../src/model/names.ts';
import type { Random } from '../../../src/simulator/random.ts';
import type { Brick, Volume } from '../../../src/simulator/world.ts';
import { noTask } from '../../../src/simulator/world.ts';

const HOSTS = ['node01', 'node02', 'node03', '10.0.0.4', 'fd00::5', 'a.example'] as const;
const VALUES = [
  'on',
  'off',
  '20',
  '64MB',
  'a=b',
  'x: y',
  ' padded',
  'ü',
  '/a/b',
  '[Misc]',
  'N/A',
  '-1',
] as const;
const OPTIONS = [
  'network.ping-timeout',
  'user.x',
  'performance.cache-size',
  'auth.allow',
  '__proto__',
  'constructor',
] as const;

export function drawVolume(random: Random, name: string): Volume {
  const type = random.pick([0, 2, 4] as const);
  const size = type === 0 ? 1 : random.int(3, 4);
  const sets = random.int(1, 2);
  const bricks = Array.from({ length: size * sets }, (_, i): Brick => {
    const path = `/bricks/d${String(i)}/${random.pick(['a', 'b-c', 'ü', 'x y'])}`;
    const hostname = HOSTS[i % HOSTS.length] ?? HOSTS[0];
    return {
      uuid: random.uuid(),
      hostname,
      path,
      id: `${name}-client-${String(i)}`,
      mountDir: '/x',
      decommissioned: false,
      fsid: '7',
      port: random.int(0, 65_535),
      status: 'Started',
      registered: random.chance(0.5),
      rpc: true,
    };
  });
  return {
    name,
    id: random.uuid(),
    type,
    subCount: size,
    replica: type === 2 ? size : 1,
    arbiter: type === 2 && size === 3 && random.chance(0.3) ? 1 : 0,
    disperse: type === 4 ? size : 0,
    redundancy: type === 4 ? 1 : 0,
    transport: random.pick([0, 1, 2] as const),
    username: random.uuid(),
    password: random.uuid(),
    clientOpVersion: 40_000,
    status: random.pick([0, 1, 2] as const),
    version: random.int(0, 1000),
    options: new Map(OPTIONS.filter(() => random.chance(0.4)).map((o) => [o, random.pick(VALUES)])),
    bricks,
    task: noTask(),
  };
}

const STATUS = ['created', 'started', 'stopped'] as const;

const remembered = (volume: Volume): DaemonVolume => ({
  name: volumeName(volume.name),
  id: volume.id,
  status: STATUS[volume.status],
  options: new Map([...volume.options].map(([key, value]) => [key, value.trim()])),
  bricks: volume.bricks.map(({ hostname, path, port, registered, status }, i) => ({
    hostname,
    path,
    local: i === 0 ? { port, registered, status } : undefined,
  })),
  rebalanceStatus: 'not_started',
  selfHealOnline: volume.type === 0 ? undefined : true,
  snapshotDaemonOnline: undefined,
  quorumStatus: 'not_applicable',
  snapshotCount: volume.version,
});

export function drawState(random: Random): DaemonState {
  const peers = Array.from({ length: random.int(0, 2) }, (_, i) => ({
    uuid: peerUuid(random.uuid()),
    hostnames: [HOSTS[i] ?? '', ...(random.chance(0.3) ? ['other.example'] : [])],
    state: random.pick(['Peer in Cluster', 'Peer Rejected']),
    connected: random.chance(0.8),
  }));
  const volumes = Array.from({ length: random.int(0, 2) }, (_, i) =>
    remembered(drawVolume(random, `v${String(i)}`)),
  );
  return {
    uuid: peerUuid(random.uuid()),
    opVersion: random.pick([0, 40_000, 100_000]),
    globalOptions: new Map([['cluster.server-quorum-ratio', '51%']]),
    peers,
    volumes: new Map(volumes.map((v): [VolumeName, DaemonVolume] => [v.name, v])),
    services: new Map([['glustershd', true]]),
  };
}

const word = (status: string): string => status.charAt(0).toUpperCase() + status.slice(1);

/** As glusterd_get_state writes it. */
export function stateText(state: DaemonState): string {
  const peers = state.peers.flatMap(
    ({ uuid, hostnames: [first = '', ...others], state: text, connected }, i) => {
      const fields = {
        primary_hostname: first,
        uuid: uuid ?? '',
        state: text,
        connected: connected ? 'Connected' : 'Disconnected',
        othernames: others.join(','),
      };
      return Object.entries(fields).map(([key, value]) => `Peer${String(i + 1)}.${key}: ${value}`);
    },
  );
  return [
    '[Global]',
    `MYUUID: ${state.uuid ?? ''}`,
    `op-version: ${String(state.opVersion)}`,
    '',
    '[Global options]',
    ...[...state.globalOptions].map(([key, value]) => `${key}: ${value}`),
    '',
    '[Peers]',
    ...peers,
    '',
    '[Volumes]',
    ...[...state.volumes.values()].flatMap((v, i) => volumeLines(v, `Volume${String(i + 1)}`)),
    '',
    '[Services]',
    'svc1.name: glustershd',
    'svc1.online_status: Online',
    '',
    '[Misc]',
    'Base port: 49152',
    'Last allocated port: 60999',
    '',
  ].join('\n');
}

function volumeLines(v: DaemonVolume, prefix: string): readonly string[] {
  const bricks = v.bricks.flatMap(({ hostname, path, local }, i) => [
    `Brick${String(i + 1)}.path: ${hostname}:${path}`,
    `Brick${String(i + 1)}.hostname: ${hostname}`,
    ...(local === undefined
      ? []
      : [
          `Brick${String(i + 1)}.port: ${String(local.port)}`,
          `Brick${String(i + 1)}.port_registered: ${local.registered ? '1' : '0'}`,
          `Brick${String(i + 1)}.status: ${local.status}`,
        ]),
  ]);
  return [
    `name: ${v.name}`,
    `id: ${v.id}`,
    `status: ${word(v.status)}`,
    ...bricks,
    `snap_count: ${String(v.snapshotCount)}`,
    `quorum_status: ${v.quorumStatus ?? ''}`,
    `rebalance.status: ${v.rebalanceStatus ?? ''}`,
    ...(v.selfHealOnline === undefined
      ? []
      : [`shd_svc.online_status: ${v.selfHealOnline ? 'Online' : 'Offline'}`]),
    ...[...v.options].map(([key, value]) => `options.${key}: ${value}`),
  ].map((line) => `${prefix}.${line}`);
}
