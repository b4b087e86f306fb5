/**
 * Faults around the store, as data: names, disks, packages, strangers, clones, and daemons that glusterd no
 * longer sees.
 */
import { at, brick, inOrder, on } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const TWO_OF_THREE = '  vol:\n    replica: 2\n    bricks: [node01:/bricks/d1/vol, node02:/bricks/d1/vol]';

/** Detached and empty, as a newly installed machine. */
const LEAVE = inOrder(
  on('node01', 'gluster --mode=script peer detach node03'),
  on('node03', 'systemctl stop glusterd; rm -rf /var/lib/glusterd/vols/* /var/lib/glusterd/peers/*'),
);

export const SURROUNDINGS: readonly FaultCase[] = [
  {
    name: 'a self-heal daemon killed',
    full: true,
    fault: on('node02', 'kill -KILL "$(cat /run/gluster/shd/vol/vol-shd.pid)"'),
    seen: [['node01', 'gluster volume status vol', /Self-heal Daemon on node02 +N\/A +N\/A +N/]],
    found: [['self-heal-daemon-offline', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a brick started by hand beside glusterd: it runs, and glusterd takes it for offline',
    full: true,
    fault: on(
      'node02',
      String.raw`p=$(cat /run/gluster/vols/vol/node02-bricks-d1-vol.pid)
tr '\0' '\n' <"/proc/$p/cmdline" | sed -e 's,\.socket$,.byhand.socket,' -e 's,\.pid$,.byhand.pid,' >/tmp/argv
kill -KILL "$p"; while [ -d "/proc/$p" ]; do sleep 0.1; done
xargs -d '\n' setsid </tmp/argv >/dev/null 2>&1
until [ "$(ls /bricks/d1/vol/.glusterfs/indices/xattrop | wc -l)" -le 1 ] &&
  ! gluster volume heal vol info | grep -q 'entries: [1-9]'; do sleep 0.5; done`,
    ),
    seen: [
      ['node02', 'pgrep -f byhand', /\d/],
      ['node02', 'gluster volume status vol', /Brick node02:\/bricks\/d1\/vol +N\/A +N\/A +N/],
    ],
    found: [['brick-not-adopted', brick('node02'), ['node02']]],
    beside: ['brick-offline', 'brick-port-mismatch', 'brick-pidfile-stale'],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'a host name that one node takes for another',
    full: true,
    fault: on(
      'node03',
      'cp /etc/hosts /tmp/hosts; ' +
        'sed "/node01/s/^[^ \t]*/$(hostname -I | cut -d" " -f1)/" /tmp/hosts >/etc/hosts',
    ),
    seen: [
      [
        'node03',
        'test "$(getent hosts node01 | cut -d" " -f1)" = ' +
          '"$(getent hosts node03 | cut -d" " -f1)" && echo same',
        /same/,
      ],
    ],
    found: [['name-resolution', 'node/node01', ['node03']]],
    ends: {
      as: 'explained',
      says: /correct \/etc\/hosts or DNS on node03/,
      answered: { by: on('node03', 'cat /tmp/hosts >/etc/hosts') },
    },
  },
  {
    name: 'a disk full under the store',
    full: true,
    fault: (lab) => lab.node('node02').fillDisk(),
    seen: [['node02', 'df --output=avail /var/lib/glusterd', /^\s*\d{1,4}$/m]],
    found: [['filesystem-full', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      says: /free space there/,
      answered: { by: (lab) => lab.node('node02').freeDisk() },
    },
  },
  {
    name: '/var/log full, and nothing else',
    full: true,
    fault: on(
      'node02',
      `mkdir /tmp/log; cp -a /var/log/. /tmp/log; mount -t tmpfs -o size=16m tmpfs /var/log
cp -a /tmp/log/. /var/log; rm -rf /tmp/log; cat /dev/zero >/var/log/full 2>/dev/null || :`,
    ),
    seen: [['node02', 'df --output=avail /var/log', /^\s*0$/m]],
    found: [['filesystem-full', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      exit: 0,
      says: /\/var\/log on node02 has almost no space left/,
      answered: { by: on('node02', 'umount -l /var/log') },
    },
  },
  {
    name: 'a node without GlusterFS',
    full: true,
    fault: on(
      'node02',
      'systemctl stop glusterd; ' +
        'for f in gluster glusterd glusterfs glusterfsd; do mount --bind /dev/null /usr/sbin/$f; done',
    ),
    seen: [['node02', 'command -v gluster glusterd || echo none', /none/]],
    found: [['glusterd-missing', 'node/node02', ['node02']]],
    beside: ['glusterd-down', 'peer-disconnected', 'brick-offline', 'self-heal-daemon-offline'],
    ends: {
      as: 'explained',
      says: /install glusterfs-server on node02/,
      answered: {
        by: on('node02', 'for f in gluster glusterd glusterfs glusterfsd; do umount /usr/sbin/$f; done'),
        restarts: [at('node02')],
      },
    },
  },
  {
    name: 'a member that the cluster file does not name',
    full: true,
    alters: true,
    fault: async (lab) => {
      await lab.node('c1').run('systemctl start glusterd');
      await lab.node('node01').run('gluster peer probe c1');
    },
    seen: [['node02', 'gluster pool list', /c1\s+Connected/]],
    found: [['peer-unknown', 'peer/c1', ['node01', 'node02', 'node03']]],
    ends: {
      as: 'explained',
      says: /gluster peer detach c1/,
      answered: {
        by: async (lab) => {
          await lab.node('node01').run('gluster --mode=script peer detach c1');
          await lab.node('c1').run('systemctl stop glusterd');
        },
      },
    },
  },
  {
    name: 'a node with a volume of its own, outside the pool',
    full: true,
    cluster: TWO_OF_THREE,
    fault: inOrder(
      LEAVE,
      on(
        'node03',
        'systemctl start glusterd; gluster --mode=script volume create mine node03:/bricks/d1/mine',
      ),
    ),
    seen: [['node03', 'gluster volume list', /^mine$/m]],
    found: [['peer-in-another-pool', 'node/node03', ['node03']]],
    ends: { as: 'explained', says: /a node has to be empty to join a pool/ },
  },
  {
    name: 'a clone: a node that is to join has the uuid of another',
    full: true,
    cluster: TWO_OF_THREE,
    fault: async (lab) => {
      await LEAVE(lab);
      const { stdout } = await lab.node('node01').run('cat /var/lib/glusterd/glusterd.info');
      await lab
        .node('node03')
        .run(`printf '%s' '${stdout}' >/var/lib/glusterd/glusterd.info; systemctl start glusterd`);
    },
    seen: [['node03', 'gluster peer status', /Number of Peers: 0/]],
    found: [['node-uuid-duplicate', 'node/node03', ['node01', 'node03']]],
    ends: { as: 'explained', says: /a uuid of its own/ },
  },
];
