/**
 * What can go wrong between four witnesses, as data: how it is made on real glusterd, what a person sees,
 * what doctor says, how it ends.
 */
import assert from 'node:assert/strict';
import type { Lab } from './lab.ts';
import { waitConnected } from './pool.ts';
import {
  AHEAD,
  BRICK,
  KEEP_BRICKS,
  at,
  brick,
  everywhere,
  expectSays,
  failing,
  inOrder,
  killBrick,
  knowing,
  on,
  restartedEdit,
  stoppedEdit,
} from './recover-acts.ts';
import { type Act, type FaultCase, seen, VOL } from './recover-case.ts';
import { SURROUNDINGS } from './recover-surroundings.ts';

const STOPPED = `${VOL}\n    state: stopped`;
const ABSENT = '  vol: { state: absent }';
const UNNAMED = '  other: { state: absent }';
const NO_VOLUMES: readonly [string, RegExp] = ['ls -A /var/lib/glusterd/vols', /^$/];

const DELETE = 'gluster --mode=script volume delete vol';

/**
 * The store directory goes under a running glusterd; the delete that follows is done on the others and fails
 * here.
 */
const halfDeleted = inOrder(on('node02', 'rm -rf /var/lib/glusterd/vols/vol'), failing('node01', DELETE));
const refusedDelete = inOrder(
  (lab) => lab.node('node02').immutable('/var/lib/glusterd/vols/vol'),
  failing('node01', DELETE),
  (lab) => lab.node('node02').mutable('/var/lib/glusterd/vols/vol'),
);
const gone = (lab: Lab): Promise<unknown> =>
  everywhere((node) => (l) => expectSays(l, node, ...NO_VOLUMES))(lab);

const ONLY_IN_MEMORY = [
  ['node01', ...NO_VOLUMES],
  ['node02', ...NO_VOLUMES],
  ['node02', 'gluster volume list', /^vol$/m],
  ['node01', 'gluster volume list 2>&1', /No volumes/],
] as const;

const FOUNDING: readonly FaultCase[] = [
  {
    name: 'a store directory removed under a running glusterd',
    fault: on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    seen: [
      ['node02', ...NO_VOLUMES],
      ['node02', 'gluster volume info vol', /Status: Started/],
    ],
    found: [['volume-missing-on-node', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'the same, of a volume that the file does not name',
    full: true,
    fault: on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    file: UNNAMED,
    seen: [['node02', ...NO_VOLUMES]],
    found: [['volume-missing-on-node', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a volume on no disk any more, in every memory',
    full: true,
    alters: true,
    fault: everywhere((node) => on(node, 'rm -rf /var/lib/glusterd/vols/vol')),
    seen: [
      ['node01', ...NO_VOLUMES],
      ['node02', 'gluster volume info vol', /Status: Started/],
    ],
    found: [['volume-memory-disk-mismatch', 'volume/vol', ['node02']]],
    ends: {
      as: 'explained',
      says: /writes it to every disk/,
      answered: {
        by: on(
          'node01',
          'gluster --mode=script volume start vol force && gluster --mode=script volume set vol network.ping-timeout 42',
        ),
      },
    },
  },
  {
    name: 'a store directory removed, of a volume that serves though the file says absent',
    full: true,
    fault: on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    file: ABSENT,
    seen: [['node01', 'gluster volume info vol', /Status: Started/]],
    found: [['volume-not-deleted-everywhere', 'volume/vol', ['node01', 'node03', 'node02']]],
    ends: {
      as: 'question',
      says: /its bricks are serving/,
      answered: { flags: ['--prefer', 'volume/vol=node01'], planned: 2 },
    },
  },
  {
    name: 'a delete that failed half way, only copy in one memory; the file says absent',
    cluster: STOPPED,
    file: ABSENT,
    fault: halfDeleted,
    seen: ONLY_IN_MEMORY,
    found: [['volume-not-deleted-everywhere', 'volume/vol', ['node02']]],
    ends: { as: 'recovered', also: gone },
  },
  {
    name: 'a delete that failed half way, only copy in one memory; the file has the volume',
    cluster: STOPPED,
    fault: halfDeleted,
    seen: ONLY_IN_MEMORY,
    found: [['volume-memory-disk-mismatch', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a delete that failed half way, only copy in one memory; the file does not name the volume',
    cluster: STOPPED,
    file: UNNAMED,
    fault: halfDeleted,
    seen: ONLY_IN_MEMORY,
    found: [['volume-memory-disk-mismatch', 'volume/vol', ['node02']]],
    ends: { as: 'question', says: /shall it exist\?/, answered: { file: ABSENT, also: gone } },
  },
  {
    name: 'a delete that one store refused; the file says absent',
    full: true,
    cluster: STOPPED,
    file: ABSENT,
    fault: refusedDelete,
    seen: [
      ['node01', ...NO_VOLUMES],
      ['node02', 'ls /var/lib/glusterd/vols', /^vol$/m],
    ],
    found: [['volume-not-deleted-everywhere', 'volume/vol', ['node02']]],
    ends: { as: 'recovered', also: gone },
  },
  {
    name: 'a delete that one store refused; the file has the volume',
    full: true,
    cluster: STOPPED,
    fault: refusedDelete,
    seen: [['node02', 'ls /var/lib/glusterd/vols', /^vol$/m]],
    found: [['volume-missing-on-node', 'volume/vol', ['node01', 'node03']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a delete that one store refused; the file does not name the volume',
    full: true,
    cluster: STOPPED,
    file: UNNAMED,
    fault: refusedDelete,
    seen: [['node02', 'ls /var/lib/glusterd/vols', /^vol$/m]],
    found: [['volume-missing-on-node', 'volume/vol', ['node01', 'node03']]],
    ends: { as: 'question', says: /shall it exist\?/, answered: { file: STOPPED } },
  },
  {
    name: 'a deleted volume that restarts of glusterd brought back; the file says absent',
    full: true,
    cluster: STOPPED,
    file: ABSENT,
    fault: inOrder(
      halfDeleted,
      on('node01', 'systemctl restart glusterd'),
      (lab) => seen(lab, 'node01', 'ls /var/lib/glusterd/vols', /vol/),
      on('node03', 'systemctl restart glusterd'),
      (lab) => seen(lab, 'node03', 'ls /var/lib/glusterd/vols', /vol/),
    ),
    seen: [
      ['node01', 'gluster volume list', /^vol$/m],
      ['node02', 'gluster volume list', /^vol$/m],
      ['node02', ...NO_VOLUMES],
    ],
    found: [['volume-not-deleted-everywhere', 'volume/vol', ['node01', 'node03', 'node02']]],
    ends: { as: 'recovered', also: gone },
  },
  {
    name: 'a deleted volume that restarts of glusterd brought back; the file has it',
    full: true,
    cluster: STOPPED,
    fault: inOrder(halfDeleted, on('node01', 'systemctl restart glusterd'), (lab) =>
      seen(lab, 'node01', 'ls /var/lib/glusterd/vols', /vol/),
    ),
    seen: [['node02', ...NO_VOLUMES]],
    found: [['volume-missing-on-node', 'volume/vol', ['node02', 'node03']]],
    ends: { as: 'recovered' },
  },
];

const REJECTED = ['gluster peer status', /Peer Rejected \(Connected\)/] as const;
const PING = (node: string, value: number): Act =>
  restartedEdit(node, `echo network.ping-timeout=${String(value)} >>vols/vol/info`);

const DEFINITIONS: readonly FaultCase[] = [
  {
    name: 'a volume missing on a node whose glusterd is down',
    full: true,
    fault: stoppedEdit('node02', 'rm -rf vols/vol'),
    seen: [['node02', 'systemctl is-active glusterd; ls /var/lib/glusterd/vols', /^inactive\n$/]],
    found: [
      ['volume-missing-on-node', 'volume/vol', ['node02']],
      ['glusterd-down', 'node/node02', ['node02']],
    ],
    ends: { as: 'recovered' },
  },
  {
    name: 'equal version, different content: Peer Rejected',
    fault: PING('node02', 77),
    seen: [['node01', ...REJECTED]],
    found: [
      ['peer-rejected', 'peer/node02', ['node01', 'node02', 'node03']],
      ['volume-config-mismatch', 'volume/vol', ['node02']],
    ],
    ends: { as: 'recovered' },
  },
  {
    name: 'equal version, different content on every node, of a volume that the file does not name',
    full: true,
    file: UNNAMED,
    fault: inOrder(PING('node02', 77), PING('node03', 78)),
    seen: [
      ['node01', ...REJECTED],
      ['node02', ...REJECTED],
    ],
    found: [['volume-config-mismatch', 'volume/vol', ['node02', 'node03']]],
    beside: ['peer-rejected'],
    ends: {
      as: 'question',
      says: /--prefer volume\/vol=node01/,
      answered: { flags: ['--prefer', 'volume/vol=node01'] },
    },
  },
  {
    name: 'a set that failed on one node: version skew',
    alters: true,
    fault: inOrder(
      (lab) => lab.node('node02').immutable('/var/lib/glusterd/vols/vol'),
      failing('node01', 'gluster --mode=script volume set vol performance.cache-size 40MB'),
      (lab) => lab.node('node02').mutable('/var/lib/glusterd/vols/vol'),
    ),
    seen: [
      ['node01', 'cat /var/lib/glusterd/vols/vol/info', /performance.cache-size=40MB/],
      ['node02', 'grep -c cache-size /var/lib/glusterd/vols/vol/info', /^0$/m],
    ],
    found: [['volume-version-skew', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a bogus higher version on a node that is down',
    full: true,
    fault: stoppedEdit('node03', 'sed -i s/^version=.*/version=99/ vols/vol/info'),
    seen: [['node03', 'cat /var/lib/glusterd/vols/vol/info', /^version=99$/m]],
    found: [
      ['volume-version-skew', 'volume/vol', ['node01', 'node02']],
      ['glusterd-down', 'node/node03', ['node03']],
    ],
    ends: { as: 'recovered' },
  },
  {
    name: 'a higher version with other content on a node that is down, of a volume that the file does not name',
    full: true,
    file: UNNAMED,
    fault: stoppedEdit(
      'node03',
      'sed -i s/^version=.*/version=99/ vols/vol/info; echo network.ping-timeout=78 >>vols/vol/info',
    ),
    seen: [['node03', 'cat /var/lib/glusterd/vols/vol/info', /^version=99$/m]],
    found: [
      ['volume-version-skew', 'volume/vol', ['node01', 'node02']],
      ['glusterd-down', 'node/node03', ['node03']],
    ],
    ends: {
      as: 'question',
      says: /which copy is right\?/,
      answered: { flags: ['--prefer', 'volume/vol=node01'] },
    },
  },
  {
    name: 'brick files that differ, which glusterd never sees',
    full: true,
    fault: restartedEdit('node02', 'sed -i s/^decommissioned=.*/decommissioned=1/ vols/vol/bricks/node01:*'),
    seen: [['node02', 'cat /var/lib/glusterd/vols/vol/bricks/node01:*', /decommissioned=1/]],
    found: [['volume-config-mismatch', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'two volumes of one name: the bricks tell whose data it is',
    full: true,
    fault: restartedEdit(
      'node03',
      'sed -i s/^volume-id=.*/volume-id=aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/ vols/vol/info',
    ),
    seen: [['node03', 'gluster volume info vol', /Volume ID: aaaaaaaa/]],
    found: [['volume-id-conflict', 'volume/vol', ['node03']]],
    beside: ['peer-rejected'],
    ends: { as: 'recovered' },
  },
  {
    name: 'an empty info, and glusterd does not start',
    fault: restartedEdit('node02', ': >vols/vol/info'),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a truncated info under a running glusterd',
    full: true,
    fault: on('node02', 'cd /var/lib/glusterd/vols/vol && head -c 200 info >x && cat x >info && rm x'),
    seen: [['node02', 'wc -c </var/lib/glusterd/vols/vol/info', /^200$/m]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'an empty brick file, and glusterd does not start',
    full: true,
    fault: restartedEdit('node02', ': >"vols/vol/bricks/node01:-bricks-d1-vol"'),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'an empty volfile on the node that serves it',
    fault: on('node01', ': >/var/lib/glusterd/vols/vol/trusted-vol.tcp-fuse.vol'),
    seen: [['node01', 'wc -c </var/lib/glusterd/vols/vol/trusted-vol.tcp-fuse.vol', /^0$/m]],
    found: [['volfile-stale', 'volume/vol', ['node01']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a stale volfile on another node',
    full: true,
    fault: on(
      'node03',
      'sed -i "s/option ping-timeout .*/option ping-timeout 7/" /var/lib/glusterd/vols/vol/vol.tcp-fuse.vol; echo >>/var/lib/glusterd/vols/vol/vol.tcp-fuse.vol',
    ),
    seen: [['node03', 'tail -c 1 /var/lib/glusterd/vols/vol/vol.tcp-fuse.vol', /\n/]],
    found: [['volfile-stale', 'volume/vol', ['node03']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'limits of a quota on two nodes only',
    full: true,
    alters: true,
    fault: inOrder(
      on(
        'node01',
        'gluster --mode=script volume quota vol enable && gluster --mode=script volume quota vol limit-usage / 1GB',
      ),
      restartedEdit('node03', 'head -n 1 vols/vol/quota.conf >x; cat x >vols/vol/quota.conf; rm x'),
    ),
    seen: [['node03', 'wc -c </var/lib/glusterd/vols/vol/quota.conf', /^37$/m]],
    found: [['quota-conf-mismatch', 'volume/vol', ['node03']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'options of the whole cluster that differ on one node',
    full: true,
    alters: true,
    fault: inOrder(
      on('node01', 'gluster --mode=script volume set all cluster.server-quorum-ratio 55'),
      restartedEdit('node03', 'sed -i s/ratio=55/ratio=66/ options'),
    ),
    seen: [['node03', 'cat /var/lib/glusterd/options', /ratio=66/]],
    found: [['options-mismatch', 'cluster', ['node03']]],
    ends: { as: 'recovered' },
  },
];

const NODES: readonly FaultCase[] = [
  {
    name: 'a stray directory in vols/, glusterd up',
    full: true,
    fault: on('node02', 'mkdir /var/lib/glusterd/vols/vol.bak'),
    seen: [['node02', 'ls /var/lib/glusterd/vols', /vol.bak/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'stray directories in vols/ and snaps/, and glusterd does not start',
    fault: restartedEdit('node02', 'mkdir vols/vol.bak snaps/x'),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a stray directory with files in it',
    full: true,
    fault: on(
      'node02',
      'mkdir /var/lib/glusterd/vols/vol.bak; echo precious >/var/lib/glusterd/vols/vol.bak/notes',
    ),
    seen: [['node02', 'ls /var/lib/glusterd/vols', /vol.bak/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      says: /mv \/var\/lib\/glusterd\/vols\/vol.bak/,
      answered: {
        by: on(
          'node02',
          'mv /var/lib/glusterd/vols/vol.bak /root/ && cat /root/vol.bak/notes && rm -r /root/vol.bak',
        ),
      },
    },
  },
  {
    name: 'a stray directory with files in it, on a node with another fault: its glusterd goes on',
    full: true,
    fault: inOrder(
      on(
        'node02',
        'mkdir /var/lib/glusterd/vols/vol.bak; echo precious >/var/lib/glusterd/vols/vol.bak/notes',
      ),
      on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    ),
    seen: [['node02', 'systemctl is-active glusterd', /^active/]],
    found: [
      ['store-stray-directory', 'node/node02', ['node02']],
      ['volume-missing-on-node', 'volume/vol', ['node02']],
    ],
    ends: {
      as: 'explained',
      says: /mv \/var\/lib\/glusterd\/vols\/vol.bak/,
      answered: { by: on('node02', 'mv /var/lib/glusterd/vols/vol.bak /root/ && rm -r /root/vol.bak') },
    },
  },
  {
    name: 'a copy of a volume directory, made by hand beside it',
    full: true,
    fault: on('node02', 'cp -a /var/lib/glusterd/vols/vol /var/lib/glusterd/vols/vol.bak'),
    seen: [['node02', 'ls /var/lib/glusterd/vols/vol.bak', /info/]],
    found: [['volume-missing-on-node', 'volume/vol.bak', ['node01', 'node03']]],
    beside: ['volume-memory-disk-mismatch'],
    ends: {
      as: 'question',
      says: /one of the two is a copy/,
      answered: { by: on('node02', 'rm -rf /var/lib/glusterd/vols/vol.bak') },
    },
  },
  {
    name: 'a copy of a volume directory that a restart of glusterd has spread',
    full: true,
    fault: restartedEdit('node02', 'cp -a vols/vol vols/vol.bak'),
    seen: [['node01', 'ls /var/lib/glusterd/vols', /^vol\.bak$/m]],
    found: [['brick-offline', brick('node01'), ['node01']]],
    beside: ['volume-missing-on-node', 'volume-memory-disk-mismatch', 'peer-state-stuck'],
    ends: { as: 'question', says: /one of the two is a copy/ },
  },
  {
    name: 'an emptied glusterd.info, before a restart',
    fault: on('node02', ': >/var/lib/glusterd/glusterd.info'),
    seen: [['node02', 'wc -c </var/lib/glusterd/glusterd.info', /^0$/m]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'an emptied glusterd.info, after a restart: another identity',
    full: true,
    fault: restartedEdit('node02', ': >glusterd.info'),
    seen: [['node02', 'cat /var/lib/glusterd/glusterd.info', /UUID=/]],
    found: [['node-uuid-changed', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a store that was wiped, glusterd down, its bricks there',
    fault: stoppedEdit('node02', 'find . -mindepth 1 -delete'),
    seen: [['node02', 'ls -A /var/lib/glusterd', /^$/]],
    found: [['store-wiped', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a store that was wiped, and glusterd started with it',
    full: true,
    fault: restartedEdit('node02', 'find . -mindepth 1 -delete'),
    seen: [['node02', 'gluster pool list', /localhost/]],
    found: [['store-wiped', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer that one node has lost, with its bricks: glusterd does not start',
    full: true,
    fault: knowing('node03', (u) => restartedEdit('node02', `${u}; rm peers/$U`)),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['peer-one-way', 'peer/node03', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer that one node has lost on disk',
    full: true,
    fault: knowing('node03', (u) => on('node02', `${u}; rm /var/lib/glusterd/peers/$U`)),
    seen: [['node02', 'ls /var/lib/glusterd/peers | wc -l', /^1$/m]],
    found: [['peer-one-way', 'peer/node03', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer that nobody knows any more, without bricks',
    full: true,
    cluster: '  vol:\n    replica: 2\n    bricks: [node01:/bricks/d1/vol, node02:/bricks/d1/vol]',
    fault: knowing('node03', (u) =>
      inOrder(
        stoppedEdit('node01', `${u}; rm peers/$U`),
        stoppedEdit('node02', `${u}; rm peers/$U`),
        on('node01', 'systemctl start glusterd'),
        on('node02', 'systemctl start glusterd'),
      ),
    ),
    seen: [
      ['node01', 'gluster peer status', /Number of Peers: 1/],
      ['node03', 'gluster peer status', /Disconnected/],
    ],
    found: [['peer-one-way', 'peer/node03', ['node01', 'node02']]],
    ends: { as: 'explained', says: /clear its store and probe it/ },
  },
  {
    name: 'an empty peers file, and glusterd does not start',
    full: true,
    fault: knowing('node03', (u) => restartedEdit('node02', `${u}; : >peers/$U`)),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a node that has itself among its peers',
    full: true,
    fault: knowing('node02', (u) =>
      restartedEdit('node02', `${u}; printf 'uuid=%s\\nstate=3\\nhostname1=node02\\n' $U >peers/$U`),
    ),
    seen: [['node02', 'gluster peer status', /Number of Peers: 3/]],
    found: [['peer-self-listed', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'peers that a closed port keeps apart',
    full: true,
    fault: inOrder(
      (lab) => lab.node('node02').blockPort(24007, 'refused'),
      on('node01', `${KEEP_BRICKS}\nsystemctl start glusterd`),
    ),
    seen: [
      ['node01', 'gluster peer status', /Disconnected/],
      ['node03', 'gluster peer status', /Disconnected/],
    ],
    found: [['peer-disconnected', 'peer/node02', ['node01', 'node03', 'node02']]],
    ends: {
      as: 'explained',
      says: /port 24007 of node02/,
      answered: {
        by: (lab) =>
          lab
            .node('node02')
            .unblockPort(24007)
            .then(() => waitConnected(lab.nodes)),
      },
    },
  },
  {
    name: 'a peer that stays half way into the pool, behind a closed port',
    full: true,
    fault: inOrder(
      (lab) => lab.node('node02').blockPort(24007, 'refused'),
      (lab) => lab.node('node01').blockPort(24007, 'refused'),
      knowing('node02', (u) => restartedEdit('node01', `${u}; sed -i s/^state=.*/state=4/ peers/$U`)),
    ),
    seen: [['node01', 'gluster peer status', /Accepted peer request \(Disconnected\)/]],
    found: [['peer-state-stuck', 'peer/node02', ['node01']]],
    beside: ['peer-disconnected'],
    ends: {
      as: 'explained',
      says: /port 24007 of node0[12]/,
      answered: {
        by: async (lab) => {
          for (const name of ['node01', 'node02']) await lab.node(name).unblockPort(24007);
          await waitConnected(lab.nodes);
        },
      },
    },
  },
  {
    name: 'a peer file left over from a probe that was broken off',
    full: true,
    harmless: true,
    fault: knowing('node03', (u) => on('node02', `cd /var/lib/glusterd; ${u}; cp peers/$U peers/node03`)),
    seen: [['node02', 'ls /var/lib/glusterd/peers', /^node03$/m]],
    found: [['peer-file-leftover', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      exit: 0,
      says: /left over from a probe/,
      answered: { by: on('node02', 'rm /var/lib/glusterd/peers/node03') },
    },
  },
  {
    name: 'a clock that runs ahead',
    full: true,
    fault: on('node03', AHEAD),
    seen: [['node03', 'echo $(($(date +%s) - $(/run/date.true +%s)))', /^(599|600|601)$/m]],
    found: [['clock-skew', 'node/node03', ['node03']]],
    ends: {
      as: 'explained',
      exit: 0,
      says: /the clock of node03 is \d+ s ahead/,
      answered: { by: on('node03', 'umount /usr/bin/date') },
    },
  },
  {
    name: 'an operating version of its own on one node',
    full: true,
    fault: on(
      'node03',
      'sed -i s/^operating-version=.*/operating-version=90000/ /var/lib/glusterd/glusterd.info',
    ),
    seen: [['node03', 'cat /var/lib/glusterd/glusterd.info', /90000/]],
    found: [['op-version-mismatch', 'cluster', ['node03']]],
    ends: {
      as: 'explained',
      says: /raise cluster.op-version/,
      answered: {
        by: on(
          'node03',
          'sed -i s/^operating-version=.*/operating-version=100000/ /var/lib/glusterd/glusterd.info',
        ),
      },
    },
  },
];

const DAEMONS: readonly FaultCase[] = [
  {
    name: 'glusterd down, and its bricks with it',
    fault: on('node02', 'systemctl stop glusterd'),
    seen: [['node01', 'gluster peer status', /Disconnected/]],
    found: [['glusterd-down', 'node/node02', ['node02']]],
    beside: ['brick-offline'],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'glusterd killed',
    full: true,
    fault: (lab) => lab.node('node02').killGlusterd(),
    seen: [['node01', 'gluster peer status', /Disconnected/]],
    found: [['glusterd-down', 'node/node02', ['node02']]],
    beside: ['brick-offline'],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'glusterd frozen',
    fault: async (lab) => lab.node('node02').freezeGlusterd(),
    seen: [['node02', 'systemctl is-active glusterd', /^active/]],
    found: [['glusterd-hung', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'every glusterd down, and all bricks',
    full: true,
    fault: everywhere((node) => on(node, 'systemctl stop glusterd')),
    seen: [['node01', 'gluster peer status 2>&1', /Connection failed/]],
    found: [
      ['glusterd-down', 'node/node01', ['node01']],
      ['glusterd-down', 'node/node02', ['node02']],
      ['glusterd-down', 'node/node03', ['node03']],
    ],
    beside: ['brick-offline'],
    ends: { as: 'recovered', failsWrites: true, restarts: [at('node01'), at('node02'), at('node03')] },
  },
  {
    name: 'every glusterd frozen',
    full: true,
    fault: async (lab) => {
      for (const node of lab.nodes) node.freezeGlusterd();
    },
    seen: [['node01', 'systemctl is-active glusterd', /^active/]],
    found: [
      ['glusterd-hung', 'node/node01', ['node01']],
      ['glusterd-hung', 'node/node02', ['node02']],
      ['glusterd-hung', 'node/node03', ['node03']],
    ],
    ends: { as: 'recovered' },
  },
];

const PID_FILE = '/var/run/gluster/vols/vol/node02-bricks-d1-vol.pid';
const OFFLINE = ['gluster volume status vol', /Brick node02:\S+\s+N\/A\s+N\/A\s+N/] as const;
/** A brick's own words, kept to start it again by hand. */
const saveArgv = (path: string): string => String.raw`for p in /proc/[0-9]*; do
[ "$(cat $p/comm 2>/dev/null)" = glusterfsd ] && tr '\0' '\n' <$p/cmdline | grep -qx -- ${path} && tr '\0' '\n' <$p/cmdline | sed "s/.*/'&'/" | tr '\n' ' ' >/tmp/argv
done; test -s /tmp/argv`;
const RUN_ARGV = 'sh -c "$(cat /tmp/argv)"';

const MARK = String.raw`mkdir -p /bricks/d2/next/.glusterfs
setfattr -n trusted.glusterfs.volume-id -v 0xaaaaaaaabbbb4ccc8dddeeeeeeeeeeee /bricks/d2/next
setfattr -n trusted.gfid -v 0x00000000000000000000000000000001 /bricks/d2/next`;

const BRICKS: readonly FaultCase[] = [
  {
    name: 'a brick killed',
    fault: killBrick('node02'),
    seen: [['node01', ...OFFLINE]],
    found: [['brick-offline', brick('node02'), ['node02']]],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'a brick killed, and its pid file names a stranger',
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >/tmp/stranger; cp /tmp/stranger ${PID_FILE}`,
      ),
    ),
    seen: [['node02', `ps -o args= -p $(cat ${PID_FILE})`, /sleep 1000/]],
    found: [['brick-pidfile-stale', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: inOrder(
        (lab) => expectSays(lab, 'node02', 'ps -o args= -p $(cat /tmp/stranger)', /sleep 1000/),
        on('node02', 'kill $(cat /tmp/stranger)'),
      ),
    },
  },
  {
    name: 'two processes for one brick',
    full: true,
    fault: inOrder(
      on('node02', `rm ${PID_FILE}`),
      on('node01', 'gluster --mode=script volume start vol force'),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^2$/m]],
    found: [['brick-process-duplicate', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: (lab) => expectSays(lab, 'node02', 'pgrep -cx glusterfsd', /^1$/m),
    },
  },
  {
    name: 'a brick that runs though its volume is stopped',
    full: true,
    cluster: STOPPED,
    fault: inOrder(
      on('node01', 'gluster --mode=script volume start vol'),
      on('node02', saveArgv(BRICK)),
      on('node01', 'gluster --mode=script volume stop vol'),
      on('node02', RUN_ARGV),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^1$/m]],
    found: [['brick-process-orphan', brick('node02'), ['node02']]],
    ends: {
      as: 'recovered',
      restarts: [at('node02')],
      also: async (lab) => assert.deepEqual(lab.node('node02').brickPids(BRICK), []),
    },
  },
  {
    name: 'a process of a volume that no node knows: somebody may be using it',
    full: true,
    alters: true,
    cluster: `${VOL}\n  old:\n    bricks: [node02:/bricks/d2/old]`,
    file: VOL,
    fault: inOrder(
      on('node02', saveArgv('/bricks/d2/old')),
      on('node01', 'gluster --mode=script volume stop old'),
      on('node02', RUN_ARGV),
      on('node01', 'gluster --mode=script volume delete old'),
    ),
    seen: [['node02', 'pgrep -cx glusterfsd', /^2$/m]],
    found: [['brick-process-orphan', 'brick/node02:/bricks/d2/old', ['node02']]],
    ends: {
      as: 'explained',
      exit: 0,
      says: /which no node knows/,
      answered: {
        by: inOrder(
          async (lab) => assert.equal(lab.node('node02').brickPids('/bricks/d2/old').length, 1),
          (lab) => lab.node('node02').killBrick('/bricks/d2/old'),
        ),
        restarts: ['node02:/bricks/d2/old'],
      },
    },
  },
  {
    name: 'a brick to be started by force, beside one that is not mounted',
    full: true,
    alters: true,
    fault: inOrder(
      on('node01', 'gluster --mode=script volume set all cluster.brick-multiplex on'),
      killBrick('node02'),
      killBrick('node03'),
      (lab) => lab.node('node03').umountBrick(1),
      on('node03', `mkdir -p ${BRICK}`),
    ),
    seen: [['node03', 'mountpoint /bricks/d1', /is not a mountpoint/]],
    found: [
      ['brick-not-mounted', brick('node03'), ['node03']],
      ['brick-offline', brick('node02'), ['node02']],
    ],
    ends: {
      as: 'explained',
      says: /mount it on node03/,
      answered: {
        by: inOrder(
          (lab) => expectSays(lab, 'node03', `getfattr -d -m . ${BRICK} 2>&1; ls -A ${BRICK}`, /^$/),
          (lab) => lab.node('node03').mountBrick(1),
        ),
        restarts: [at('node02'), at('node03')],
        failsWrites: true,
      },
    },
  },
  {
    name: 'Online on a dead port: a wrong listen-port, and a restart',
    fault: restartedEdit('node02', 'sed -i s/^listen-port=.*/listen-port=55555/ vols/vol/bricks/node02:*'),
    seen: [['node01', 'gluster volume status vol', /Brick node02:\S+\s+55555\s+0\s+Y/]],
    found: [['brick-port-mismatch', brick('node02'), ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a wrong listen-port that glusterd has not read yet',
    fault: on(
      'node02',
      'sed -i s/^listen-port=.*/listen-port=55555/ /var/lib/glusterd/vols/vol/bricks/node02:*',
    ),
    seen: [['node01', 'gluster volume status vol', /Brick node02:\S+\s+(?!55555)\d+\s+0\s+Y/]],
    found: [['brick-port-mismatch', brick('node02'), ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a brick whose file system is not mounted',
    fault: inOrder(
      killBrick('node02'),
      (lab) => lab.node('node02').umountBrick(1),
      on('node02', `mkdir -p ${BRICK}`),
    ),
    seen: [['node02', 'mountpoint /bricks/d1', /is not a mountpoint/]],
    found: [['brick-not-mounted', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /mount it on node02/,
      answered: {
        by: inOrder(
          (lab) => expectSays(lab, 'node02', `getfattr -d -m . ${BRICK} 2>&1; ls -A ${BRICK}`, /^$/),
          (lab) => lab.node('node02').mountBrick(1),
        ),
        restarts: [at('node02')],
      },
    },
  },
  {
    name: 'a brick without its volume-id',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `getfattr --absolute-names -d -m volume-id -e hex ${BRICK} >/tmp/id; setfattr -x trusted.glusterfs.volume-id ${BRICK}`,
      ),
    ),
    seen: [['node02', `getfattr --absolute-names -d -m volume-id ${BRICK}`, /^$/]],
    found: [['brick-volume-id-missing', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /reset-brick/,
      answered: { by: on('node02', 'setfattr --restore=/tmp/id'), restarts: [at('node02')] },
    },
  },
  {
    name: 'a brick with the volume-id of another volume',
    full: true,
    fault: inOrder(
      killBrick('node02'),
      on(
        'node02',
        `getfattr --absolute-names -d -m volume-id -e hex ${BRICK} >/tmp/id; setfattr -n trusted.glusterfs.volume-id -v 0xaaaaaaaabbbb4ccc8dddeeeeeeeeeeee ${BRICK}`,
      ),
    ),
    seen: [['node02', `getfattr --absolute-names -d -m volume-id -e hex ${BRICK}`, /0xaaaaaaaa/]],
    found: [['brick-volume-id-foreign', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /right disk is mounted/,
      answered: { by: on('node02', 'setfattr --restore=/tmp/id'), restarts: [at('node02')] },
    },
  },
  {
    name: 'marks of a creation that failed, on empty directories',
    full: true,
    file: `${VOL}\n  next:\n    replica: 3\n    bricks: [node01:/bricks/d2/next, node02:/bricks/d2/next, node03:/bricks/d2/next]`,
    fault: everywhere((node) => on(node, MARK)),
    seen: [['node01', 'getfattr --absolute-names -d -m . -e hex /bricks/d2/next', /volume-id=0xaaaa/]],
    found: ['node01', 'node02', 'node03'].map(
      (n) => ['brick-leftover-xattrs', `brick/${n}:/bricks/d2/next`, [n]] as const,
    ),
    ends: {
      as: 'recovered',
      planned: 2,
      also: (lab) =>
        expectSays(lab, 'node01', 'getfattr -d -m . /bricks/d2/next 2>&1; ls -A /bricks/d2/next', /^$/),
    },
  },
  {
    name: 'marks of another volume, with data beside them',
    full: true,
    file: `${VOL}\n  next:\n    replica: 3\n    bricks: [node01:/bricks/d2/next, node02:/bricks/d2/next, node03:/bricks/d2/next]`,
    fault: inOrder(
      everywhere((node) => on(node, 'mkdir -p /bricks/d2/next')),
      on('node01', `${MARK}\necho mine >/bricks/d2/next/file`),
    ),
    seen: [['node01', 'cat /bricks/d2/next/file', /mine/]],
    found: [['brick-leftover-xattrs', 'brick/node01:/bricks/d2/next', ['node01']]],
    ends: {
      as: 'explained',
      says: /check what node01:/,
      answered: {
        by: inOrder(
          (lab) =>
            expectSays(
              lab,
              'node01',
              'cat /bricks/d2/next/file; getfattr -d -m . /bricks/d2/next',
              /mine[^]*volume-id/,
            ),
          everywhere((node) => on(node, 'rm -rf /bricks/d2/next')),
        ),
        planned: 2,
      },
    },
  },
];

export const FAULTS: readonly FaultCase[] = [
  ...DEFINITIONS,
  ...DAEMONS,
  ...BRICKS,
  ...NODES,
  ...SURROUNDINGS,
  ...FOUNDING,
];
