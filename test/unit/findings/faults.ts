/** Faults as edits of a healthy world, each with the finding that it must give. */
import type { Severity } from '../../../src/model/plan.ts';
import { brickPath, nodeName, volumeName } from '../../../src/model/names.ts';
import type { LockOwner } from '../../../src/model/transaction.ts';
import { pidFilePath } from '../../../src/view/view.ts';
import {
  believe,
  believeBrick,
  believePeer,
  believeVolume,
  brickProcess,
  directory,
  edit,
  idOf,
  nodeUuid,
  removeTree,
  setMemory,
  volumeId,
  type World,
  world,
  type WorldNode,
} from '../../worlds.ts';

export interface Fault {
  readonly code: string;
  readonly name: string;
  readonly world: () => World;
  readonly subject: string;
  readonly nodes: readonly string[];
  readonly severity?: Severity;
  /** Further findings that are faults of their own. */
  readonly also?: readonly string[];
  /** Words that must stand in the message, the evidence or the remedy. */
  readonly says?: readonly string[];
}

const broken = (change: (w: World) => void) => (): World => {
  const w = world();
  change(w);
  return w;
};
const on = (name: string, change: (n: WorldNode) => void): (() => World) =>
  broken((w) => {
    change(w.node(name));
  });
const replace =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);

const BRICK = '/bricks/d1/v';
const INFO = 'vols/v/info';
const brickFile = (n: number): string => `vols/v/bricks/node0${String(n)}:-bricks-d1-v`;
const PID_FILE = pidFilePath('v', 'node02', BRICK);
const OLD_UUID = idOf(9, 1);
const MIB = 1024 * 1024;

const OWNER: LockOwner = {
  transaction: '20261123T160000Z-abc',
  user: 'ann',
  host: 'laptop',
  pid: 7,
  since: '2026-11-23T16:00:00Z',
  command: 'glusterctl apply c.yaml',
};

const forget = (n: WorldNode, peer: number): void => {
  n.files.delete(`peers/${nodeUuid(peer)}`);
  believePeer(n, nodeUuid(peer), undefined);
};
const killBrick = (n: WorldNode): void => {
  n.processes = n.processes.filter((p) => p.role !== 'brick');
  n.pidFiles = n.pidFiles.map((f) => ({ ...f, alive: false }));
  believeBrick(n, 'v', { status: 'Stopped' });
};
const bump = (n: WorldNode, version: number): void => {
  edit(n, INFO, replace(/^version=.*$/m, `version=${String(version)}`));
};
const setOption = (n: WorldNode, key: string, value: string): void => {
  edit(n, INFO, replace('brick-0=', `${key}=${value}\nbrick-0=`));
  believeVolume(n, 'v', (v) => ({ ...v, options: new Map([...v.options, [key, value]]) }));
};
const removeVolume = (n: WorldNode): void => {
  removeTree(n, 'vols/v');
  believeVolume(n, 'v', () => undefined);
};
const markAbsent = (w: World): void => {
  w.desired = { ...w.desired, volumes: w.desired.volumes.map((v) => ({ ...v, state: 'absent' })) };
};
const wipe = (n: WorldNode): void => {
  removeTree(n, 'vols');
  removeTree(n, 'peers');
  believe(n, (s) => ({ ...s, peers: [], volumes: new Map() }));
};
const addFile = (n: WorldNode, path: string, text: string): void => {
  n.files.set(path, text);
  n.directories.add(path.slice(0, path.lastIndexOf('/')));
};

const NODE_FAULTS: readonly Fault[] = [
  {
    code: 'glusterd-missing',
    name: 'no package',
    world: () => {
      const w = world({ volumes: [] });
      const n = w.node('node03');
      n.version = undefined;
      setMemory(n, 'absent');
      for (const m of w.nodes) forget(m, 3);
      n.files.clear();
      n.directories.clear();
      return w;
    },
    subject: 'node/node03',
    nodes: ['node03'],
  },
  {
    code: 'glusterd-down',
    name: 'stopped, its brick still running',
    world: on('node02', (n) => {
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['no glusterd'],
  },
  {
    code: 'bricks-die-with-glusterd',
    name: "Debian's unit",
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, killMode: 'control-group' };
    }),
    subject: 'cluster',
    nodes: ['node02'],
    severity: 'warning',
    says: ['KillMode=control-group', 'KillMode=process'],
  },
  {
    code: 'store-not-mounted',
    name: 'its file system is in fstab alone',
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, unmounted: '/var/lib/glusterd' };
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['/etc/fstab', 'mount /var/lib/glusterd on node02'],
  },
  {
    code: 'server-quorum-lost',
    name: 'cut off from both others, its brick stopped on purpose',
    world: broken((w) => {
      for (const n of w.nodes) {
        setOption(n, 'cluster.server-quorum-type', 'server');
        const isCut = n === w.node('node02');
        for (const peer of isCut ? [1, 3] : [2]) believePeer(n, nodeUuid(peer), { connected: false });
        if (!isCut) continue;
        killBrick(n);
        believeVolume(n, 'v', (v) => ({ ...v, quorumStatus: 'does_not_meet' }));
      }
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    also: ['peer-disconnected', 'peer-disconnected'],
    says: ['server quorum is lost', '1 of 2 glusterds'],
  },
  {
    code: 'glusterd-down',
    name: 'the others see it disconnected, which is no finding of its own',
    world: broken((w) => {
      setMemory(w.node('node02'), 'down');
      for (const n of w.nodes) believePeer(n, nodeUuid(2), { connected: false });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'glusterd-hung',
    name: 'stopped by a signal',
    world: on('node02', (n) => {
      setMemory(n, 'hung');
      n.processes = n.processes.map((p) => (p.role === 'glusterd' ? { ...p, state: 'T' } : p));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['kill -CONT 100'],
  },
  {
    code: 'node-uuid-duplicate',
    name: 'a clone',
    world: on('node03', (n) => {
      edit(n, 'glusterd.info', replace(nodeUuid(3), nodeUuid(2)));
    }),
    subject: 'node/node03',
    nodes: ['node02', 'node03'],
  },
  {
    code: 'node-uuid-changed',
    name: 'a new uuid after glusterd.info was emptied',
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
      addFile(n, `peers/${nodeUuid(2)}`, `uuid=${nodeUuid(2)}\nstate=3\nhostname1=node02\n`);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: [`UUID=${OLD_UUID}`, `peers/${nodeUuid(2)}`, 'vols/v/bricks'],
  },
  {
    code: 'store-wiped',
    name: 'with a new uuid',
    world: on('node02', (n) => {
      wipe(n);
      edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'store-wiped',
    name: 'and glusterd down, which must not be started',
    world: on('node02', (n) => {
      wipe(n);
      n.files.delete('glusterd.info');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['must not be started'],
  },
  {
    code: 'store-file-corrupt',
    name: 'an empty glusterd.info, and glusterd down',
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', () => '');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['must not be started'],
  },
  {
    code: 'peer-disconnected',
    name: 'a blocked port: told once',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node02') believePeer(n, nodeUuid(2), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node03', 'node02'],
  },
  {
    code: 'store-wiped',
    name: 'with its old uuid',
    world: on('node02', wipe),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'store-file-corrupt',
    name: 'an empty info',
    world: on('node02', (n) => {
      edit(n, INFO, () => '');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['vols/v/info: is empty', 'would not start again'],
  },
  {
    code: 'store-file-corrupt',
    name: 'a brick that is missing in info, and glusterd down with it',
    world: on('node02', (n) => {
      edit(n, INFO, replace(/^brick-1=.*\n/m, ''));
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['brick-1', 'does not start with it'],
  },
  {
    code: 'store-file-corrupt',
    name: 'an empty glusterd.info',
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', () => '');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'store-stray-directory',
    name: 'a backup in vols/, and glusterd down with it',
    world: on('node02', (n) => {
      n.directories.add('vols/v.bak');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['vols/v.bak', 'is down', 'mv /var/lib/glusterd/vols/v.bak'],
  },
  {
    code: 'store-stray-directory',
    name: 'a volume whose info is gone: not told again as missing',
    world: on('node02', (n) => {
      edit(n, INFO, () => undefined);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'op-version-mismatch',
    name: 'one node behind',
    world: on('node03', (n) => {
      edit(n, 'glusterd.info', replace('100000', '90000'));
    }),
    subject: 'cluster',
    nodes: ['node03'],
  },
  {
    code: 'filesystem-full',
    name: 'store and /tmp on one file system',
    world: on('node02', (n) => {
      for (const path of ['/var/lib/glusterd', '/tmp'])
        Object.assign(n.filesystems.get(path) ?? {}, { freeBytes: MIB });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['/var/lib/glusterd and /tmp'],
  },
  {
    code: 'filesystem-full',
    name: 'logs',
    world: on('node02', (n) => {
      Object.assign(n.filesystems.get('/var/log') ?? {}, { freeBytes: 0 });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
  },
  {
    code: 'clock-skew',
    name: 'a minute behind',
    world: on('node02', (n) => {
      n.clockSkewMs = -60_000;
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    says: ['60 s behind'],
  },
  {
    code: 'name-resolution',
    name: 'nothing',
    world: on('node01', (n) => {
      n.resolves.set('node03', []);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'error',
  },
  {
    code: 'name-resolution',
    name: 'another node',
    world: on('node01', (n) => {
      n.resolves.set('node03', ['192.0.2.2']);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'error',
  },
  {
    code: 'name-resolution',
    name: 'an address that no node has',
    world: on('node01', (n) => {
      n.resolves.set('node03', ['198.51.100.7']);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'warning',
  },
];

const PEER_FAULTS: readonly Fault[] = [
  {
    code: 'peer-rejected',
    name: 'because of an option',
    world: broken((w) => {
      setOption(w.node('node03'), 'nfs.rpc-auth-allow', '*');
      for (const [a, b] of [
        [1, 3],
        [2, 3],
        [3, 1],
        [3, 2],
      ] as const)
        believePeer(w.node(`node0${String(a)}`), nodeUuid(b), { state: 'Peer Rejected' });
    }),
    also: ['volume-config-mismatch'],
    subject: 'peer/node03',
    nodes: ['node01', 'node02', 'node03'],
    says: [
      'because of volume v',
      'nfs.rpc-auth-allow=*',
      'node01 and node02: vols/v/info: no nfs.rpc-auth-allow',
      'neither side win',
    ],
  },
  {
    code: 'peer-rejected',
    name: 'for no reason that is left, by the store of a glusterd that is down',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node02') believePeer(n, nodeUuid(2), { connected: false });
      setMemory(w.node('node02'), 'down');
      edit(w.node('node02'), `peers/${nodeUuid(1)}`, replace('state=3', 'state=6'));
    }),
    also: ['glusterd-down'],
    subject: 'peer/node02',
    nodes: ['node01', 'node02'],
    says: ['volumes are equal now'],
  },
  {
    code: 'peer-one-way',
    name: 'node03 has lost node01',
    world: on('node03', (n) => {
      forget(n, 1);
    }),
    subject: 'peer/node01',
    nodes: ['node03'],
    says: ['node03 does not know node01'],
  },
  {
    code: 'peer-one-way',
    name: 'glusterd does not start without the owner of a brick',
    world: on('node03', (n) => {
      forget(n, 1);
      setMemory(n, 'down');
    }),
    subject: 'peer/node01',
    nodes: ['node03'],
    says: ['glusterd on node03 is down, and does not start without it'],
  },
  {
    code: 'peer-one-way',
    name: 'detached by force while away: old volumes are not compared',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node03') forget(n, 3);
      bump(w.node('node03'), 1);
    }),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    says: ['is not known there'],
  },
  {
    code: 'peer-disconnected',
    name: 'both ends say so',
    world: broken((w) => {
      believePeer(w.node('node01'), nodeUuid(2), { connected: false });
      believePeer(w.node('node02'), nodeUuid(1), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node02'],
  },
  {
    code: 'peer-disconnected',
    name: 'TLS on one side',
    world: broken((w) => {
      w.node('node02').files.set('secure-access', '');
      believePeer(w.node('node03'), nodeUuid(2), { connected: false });
    }),
    subject: 'peer/node02',
    nodes: ['node03', 'node02'],
    says: ['only some of them use TLS'],
  },
  {
    code: 'peer-unknown',
    name: 'a fourth node',
    world: broken((w) => {
      for (const n of w.nodes)
        addFile(n, `peers/${nodeUuid(4)}`, `uuid=${nodeUuid(4)}\nstate=3\nhostname1=node04\n`);
    }),
    subject: 'peer/node04',
    nodes: ['node01', 'node02', 'node03'],
  },
  {
    code: 'peer-state-stuck',
    name: 'half way in',
    world: on('node01', (n) => {
      believePeer(n, nodeUuid(3), { state: 'Accepted peer request' });
    }),
    subject: 'peer/node03',
    nodes: ['node01'],
    severity: 'warning',
  },
  {
    code: 'peer-file-leftover',
    name: 'from a probe',
    world: on('node01', (n) => {
      addFile(n, 'peers/node02', `uuid=${nodeUuid(2)}\nstate=1\nhostname1=node02\n`);
    }),
    subject: 'node/node01',
    nodes: ['node01'],
    severity: 'info',
  },
  {
    code: 'peer-self-listed',
    name: 'the old uuid, left after it was put back',
    world: on('node02', (n) => {
      addFile(n, `peers/${OLD_UUID}`, `uuid=${OLD_UUID}\nstate=3\nhostname1=node02\n`);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
  },
  {
    code: 'peer-in-another-pool',
    name: 'volumes of its own',
    world: () => {
      const w = world({
        nodes: 4,
        volumes: [
          { name: 'v', bricks: ['node01:/bricks/d1/v', 'node02:/bricks/d1/v', 'node03:/bricks/d1/v'] },
          { name: 'own', bricks: ['node04:/bricks/d2/own'] },
        ],
      });
      for (const n of w.nodes)
        for (const other of w.nodes)
          if (n !== other && (n.node === 'node04') !== (other.node === 'node04'))
            forget(n, Number(other.node.slice(-1)));
      for (const n of w.nodes) {
        const name = n.node === 'node04' ? 'v' : 'own';
        removeTree(n, `vols/${name}`);
        believeVolume(n, name, () => undefined);
      }
      return w;
    },
    subject: 'node/node04',
    nodes: ['node04'],
    says: ['vols/own'],
  },
];

const VOLUME_FAULTS: readonly Fault[] = [
  {
    code: 'volume-missing-on-node',
    name: 'on one',
    world: on('node02', removeVolume),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['does not exist', 'would take the volume in again'],
  },
  {
    code: 'volume-missing-on-node',
    name: 'held in memory only',
    world: on('node02', (n) => {
      removeTree(n, 'vols/v');
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['glusterd still has v in memory'],
  },
  {
    code: 'volume-not-deleted-everywhere',
    name: 'one node still has it',
    world: broken((w) => {
      markAbsent(w);
      for (const n of w.nodes)
        if (n.node !== 'node03') {
          removeVolume(n);
          killBrick(n);
        }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
  },
  {
    code: 'volume-not-deleted-everywhere',
    name: 'in the memory of one node only',
    world: broken((w) => {
      markAbsent(w);
      for (const n of w.nodes) {
        killBrick(n);
        if (n.node === 'node03') removeTree(n, 'vols/v');
        else removeVolume(n);
      }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
  },
  {
    code: 'volume-id-conflict',
    name: 'created anew while one was away',
    world: on('node03', (n) => {
      edit(n, INFO, replace(volumeId(1), volumeId(8)));
      believeVolume(n, 'v', (v) => ({ ...v, id: volumeId(8) }));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: [volumeId(1), volumeId(8), 'carries volume-id'],
  },
  {
    code: 'volume-config-mismatch',
    name: 'an option',
    world: broken((w) => {
      for (const n of w.nodes) setOption(n, 'network.frame-timeout', n.node === 'node03' ? '20000' : '10003');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: [
      'node01 and node02: vols/v/info: network.frame-timeout=10003',
      'node03: vols/v/info: network.frame-timeout=20000',
      'version=2',
    ],
  },
  {
    code: 'volume-config-mismatch',
    name: 'the credentials, which are not shown',
    world: on('node03', (n) => {
      edit(n, INFO, replace(/^password=.*$/m, 'password=hunter2'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['password differs (not shown)'],
  },
  {
    code: 'volume-config-mismatch',
    name: 'the owner in a brick file',
    world: on('node03', (n) => {
      edit(n, brickFile(1), replace(/^brick-id=.*$/m, 'brick-id=v-client-7'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['its brick files', 'brick-id=v-client-7', 'brick-id=v-client-0'],
  },
  {
    code: 'volume-memory-disk-mismatch',
    name: 'edited under a running glusterd, which the others explain: not told again as a mismatch',
    world: broken((w) => {
      for (const n of w.nodes) setOption(n, 'user.a', '1');
      edit(w.node('node03'), INFO, replace('user.a=1', 'user.a=7'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['user.a=7; in memory: 1', 'node01 and node02: vols/v/info: user.a=1'],
  },
  {
    code: 'volume-version-skew',
    name: 'one node missed a change',
    world: broken((w) => {
      for (const n of w.nodes)
        if (n.node !== 'node02') {
          setOption(n, 'user.x', '1');
          bump(n, 3);
        }
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    severity: 'error',
    says: ['would take over version=3', 'node02:/bricks/d1/v'],
  },
  {
    code: 'volume-version-skew',
    name: 'the version alone',
    world: on('node02', (n) => {
      bump(n, 9);
    }),
    subject: 'volume/v',
    nodes: ['node01', 'node03'],
    severity: 'warning',
  },
  {
    code: 'volume-memory-disk-mismatch',
    name: 'options, both ways',
    world: on('node02', (n) => {
      believeVolume(n, 'v', (v) => ({ ...v, status: 'stopped' }));
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['status=started; in memory: stopped'],
  },
  {
    code: 'volume-memory-disk-mismatch',
    name: 'a volume that glusterd does not have',
    world: on('node02', (n) => {
      believeVolume(n, 'v', () => undefined);
    }),
    subject: 'volume/v',
    nodes: ['node02'],
  },
  {
    code: 'volume-memory-disk-mismatch',
    name: 'a volume that no disk has, in the memory of one',
    world: broken((w) => {
      w.desired = { ...w.desired, volumes: [] };
      for (const n of w.nodes) {
        killBrick(n);
        if (n.node === 'node03') removeTree(n, 'vols/v');
        else removeVolume(n);
      }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['its memory is the only copy'],
  },
  {
    code: 'options-mismatch',
    name: 'multiplexing on one node',
    world: on('node03', (n) => {
      edit(n, 'options', (t) => `cluster.brick-multiplex=on\n${t}`);
    }),
    subject: 'cluster',
    nodes: ['node03'],
  },
  {
    code: 'volfile-stale',
    name: 'another hash',
    world: on('node03', (n) => {
      n.volfiles.set('vols/v/v.tcp-fuse.vol', 'ab'.repeat(32));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
  },
  {
    code: 'volfile-stale',
    name: 'empty',
    world: on('node03', (n) => {
      n.volfiles.set('vols/v/v-shd.vol', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['is empty'],
  },
  {
    code: 'quota-conf-mismatch',
    name: 'a limit on one node',
    world: on('node03', (n) => {
      n.files.set('vols/v/quota.conf', `GlusterFS Quota conf | version: v1.2\n${'\x11'.repeat(17)}`);
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
  },
  {
    code: 'snapshot-missing-on-node',
    name: 'on one',
    world: broken((w) => {
      for (const n of w.nodes)
        if (n.node !== 'node02') addFile(n, 'snaps/s1/info', `snap-id=${idOf(6, 1)}\n`);
    }),
    subject: 'snapshot/s1',
    nodes: ['node02'],
  },
  {
    code: 'volume-task-pending',
    name: 'a removal that waits for its commit',
    world: broken((w) => {
      for (const n of w.nodes) edit(n, brickFile(3), replace('decommissioned=0', 'decommissioned=1'));
    }),
    subject: 'volume/v',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'info',
    says: ['remove-brick'],
  },
];

const BRICK_FAULTS: readonly Fault[] = [
  {
    code: 'brick-offline',
    name: 'killed',
    world: on('node02', killBrick),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
  {
    code: 'brick-not-mounted',
    name: 'the empty directory below',
    world: on('node02', (n) => {
      killBrick(n);
      for (const path of ['/bricks/d1', BRICK]) n.paths.set(path, directory(path, '/', 1));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
  },
  {
    code: 'brick-not-mounted',
    name: 'no directory at all',
    world: on('node02', (n) => {
      killBrick(n);
      n.paths.delete(BRICK);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
  {
    code: 'brick-volume-id-missing',
    name: 'a new disk',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false, entries: [] });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['reset-brick'],
  },
  {
    code: 'brick-volume-id-foreign',
    name: 'the wrong disk',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: volumeId(7) });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
  {
    code: 'brick-leftover-xattrs',
    name: 'of a volume that is gone',
    world: broken((w) => {
      for (const n of w.nodes) {
        removeVolume(n);
        killBrick(n);
      }
      for (const n of w.nodes.slice(1))
        Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false });
    }),
    subject: `brick/node01:${BRICK}`,
    nodes: ['node01'],
    says: [volumeId(1)],
  },
  {
    code: 'brick-leftover-xattrs',
    name: 'on the directory above',
    world: broken((w) => {
      const [first] = w.desired.volumes;
      const n = w.node('node01');
      if (first === undefined) return;
      w.desired = {
        ...w.desired,
        volumes: [
          ...w.desired.volumes,
          {
            ...first,
            name: volumeName('w'),
            bricks: [{ node: nodeName('node01'), path: brickPath('/bricks/d9/old/new') }],
          },
        ],
      };
      n.paths.set('/bricks/d9/old', {
        ...directory('/bricks/d9/old', '/bricks/d9', 9),
        volumeId: volumeId(7),
      });
    }),
    subject: 'brick/node01:/bricks/d9/old/new',
    nodes: ['node01'],
    says: ['/bricks/d9/old carries the marks'],
  },
  {
    code: 'brick-pidfile-stale',
    name: 'a stranger has the pid',
    world: on('node02', (n) => {
      killBrick(n);
      n.pidFiles = [{ path: PID_FILE, pid: 4711, alive: true }];
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['4711', 'the brick has none'],
  },
  {
    code: 'brick-process-duplicate',
    name: 'started twice',
    world: on('node02', (n) => {
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host: 'node02', path: BRICK, port: 51999, pid: 1999 }),
      ];
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['51999'],
  },
  {
    code: 'brick-process-orphan',
    name: 'of a volume that no node knows',
    world: on('node02', (n) => {
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'gone', host: 'node02', path: '/bricks/d3/gone', port: 51999, pid: 1999 }),
      ];
    }),
    subject: 'brick/node02:/bricks/d3/gone',
    nodes: ['node02'],
    severity: 'warning',
  },
  {
    code: 'brick-process-orphan',
    name: 'of a stopped volume',
    world: () => {
      const w = world({ volumes: [{ name: 'v', status: 'stopped' }] });
      const n = w.node('node02');
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host: 'node02', path: BRICK, port: 51999, pid: 1999 }),
      ];
      return w;
    },
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
  },
  {
    code: 'brick-not-adopted',
    name: 'never signed in',
    world: on('node02', (n) => {
      believeBrick(n, 'v', { registered: false, status: 'Stopped' });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
  {
    code: 'peer-rejected',
    name: 'after a restart: bricks that wait for peers are not told again',
    world: broken((w) => {
      setOption(w.node('node03'), 'user.a', '1');
      for (const n of [1, 2]) believePeer(w.node('node03'), nodeUuid(n), { state: 'Peer Rejected' });
      believeBrick(w.node('node03'), 'v', { status: 'Stopped' });
      believeVolume(w.node('node03'), 'v', (v) => ({ ...v, selfHealOnline: false }));
    }),
    also: ['volume-config-mismatch'],
    subject: 'peer/node03',
    nodes: ['node01', 'node02', 'node03'],
  },
  {
    code: 'brick-port-mismatch',
    name: 'glusterd says 0',
    world: on('node02', (n) => {
      believeBrick(n, 'v', { port: 0 });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
  },
  {
    code: 'brick-port-mismatch',
    name: 'only the file is stale',
    world: on('node02', (n) => {
      edit(n, brickFile(2), replace(/^listen-port=.*$/m, 'listen-port=0'));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'warning',
  },
  {
    code: 'self-heal-daemon-offline',
    name: 'killed',
    world: on('node02', (n) => {
      believeVolume(n, 'v', (v) => ({ ...v, selfHealOnline: false }));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
  },
  {
    code: 'heal-pending',
    name: 'three files',
    world: on('node02', (n) => {
      Object.assign(n.paths.get(BRICK) ?? {}, { pendingHeals: 3 });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'info',
  },
];

const AWAY_FAULTS: readonly Fault[] = [
  {
    code: 'brick-offline',
    name: 'beside a node that cannot be reached, about which nothing is claimed',
    world: broken((w) => {
      w.node('node03').unreachable = true;
      for (const n of w.nodes) believePeer(n, nodeUuid(3), { connected: false });
      killBrick(w.node('node02'));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
  },
];

const TRANSACTION_FAULTS: readonly Fault[] = [
  {
    code: 'transaction-unfinished',
    name: 'a controller that died',
    world: broken((w) => {
      for (const n of w.nodes)
        n.transactions = [
          { id: OWNER.transaction, state: n.node === 'node01' ? 'committed' : 'committing', owner: OWNER },
        ];
    }),
    subject: 'cluster',
    nodes: ['node02', 'node03'],
    says: ['ann@laptop', 'committing'],
  },
  {
    code: 'transaction-unfinished',
    name: 'owed',
    world: on('node01', (n) => {
      n.transactions = [{ id: OWNER.transaction, state: 'owed', owner: OWNER }];
    }),
    subject: 'cluster',
    nodes: ['node01'],
  },
  {
    code: 'lock-held',
    name: 'by a live transaction, which is not unfinished',
    world: broken((w) => {
      for (const n of w.nodes) {
        n.lock = { held: true, pid: 55, owner: OWNER };
        n.transactions = [{ id: OWNER.transaction, state: 'committing', owner: OWNER }];
      }
    }),
    subject: 'cluster',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'info',
    says: ['ann@laptop'],
  },
];

export const FAULTS: readonly Fault[] = [
  ...NODE_FAULTS,
  ...PEER_FAULTS,
  ...VOLUME_FAULTS,
  ...BRICK_FAULTS,
  ...AWAY_FAULTS,
  ...TRANSACTION_FAULTS,
];
