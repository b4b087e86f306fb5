/** Volumes whose copies on the nodes differ, as data: definitions, versions, volfiles, options. */
import { failing, inOrder, on, restartedEdit, stoppedEdit } from '../recover-acts.ts';
import { type Act, type FaultCase } from '../recover-case.ts';
import { UNNAMED } from './files.ts';

const REJECTED = ['gluster peer status', /Peer Rejected \(Connected\)/] as const;
const PING = (node: string, value: number): Act =>
  restartedEdit(node, `echo network.ping-timeout=${String(value)} >>vols/vol/info`);

export const VOLUMES: readonly FaultCase[] = [
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
    full: true,
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
    name:
      'a higher version with other content on a node that is down, ' +
      'of a volume that the file does not name',
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
    name: 'two volumes of one name: the bricks show whose data it is',
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
    full: true,
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
      'sed -i "s/option ping-timeout .*/option ping-timeout 7/" ' +
        '/var/lib/glusterd/vols/vol/vol.tcp-fuse.vol; ' +
        'echo >>/var/lib/glusterd/vols/vol/vol.tcp-fuse.vol',
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
        'gluster --mode=script volume quota vol enable && ' +
          'gluster --mode=script volume quota vol limit-usage / 1GB',
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
