/** Peers that are lost, one-sided, stuck or cut off, as data. */
import { NULL_UUID } from '../../../src/model/names.ts';
import { waitConnected } from '../pool.ts';
import { KEEP_BRICKS, inOrder, knowing, on, restartedEdit, stoppedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const TWO_OF_THREE = '  vol:\n    replica: 2\n    bricks: [node01:/bricks/d1/vol, node02:/bricks/d1/vol]';

/** Half a detach: it does not hear of it, nor of the change that is made then. */
const DETACHED_BEHIND_ITS_BACK = inOrder(
  on('node03', 'systemctl stop glusterd'),
  on(
    'node01',
    'gluster --mode=script peer detach node03 force; gluster volume set vol performance.cache-size 64MB',
  ),
);

export const PEERS: readonly FaultCase[] = [
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
    name: 'a peer that was detached by force while it was away, and that the file names',
    full: true,
    cluster: TWO_OF_THREE,
    fault: inOrder(DETACHED_BEHIND_ITS_BACK, on('node03', 'systemctl start glusterd')),
    seen: [
      ['node01', 'gluster peer status', /Number of Peers: 1/],
      ['node03', 'gluster peer status', /Disconnected/],
    ],
    found: [['peer-one-way', 'peer/node03', ['node01', 'node02']]],
    ends: { as: 'recovered' },
    alters: true,
  },
  {
    name: 'such a peer, whose volume was changed there meanwhile',
    full: true,
    cluster: TWO_OF_THREE,
    fault: inOrder(
      DETACHED_BEHIND_ITS_BACK,
      on(
        'node03',
        'systemctl start glusterd; gluster volume set vol diagnostics.client-log-level ERROR; ' +
          'gluster volume reset vol diagnostics.client-log-level',
      ),
    ),
    seen: [['node03', 'gluster peer status', /Disconnected/]],
    found: [['peer-one-way', 'peer/node03', ['node01', 'node02']]],
    ends: { as: 'explained', says: /node03 has a later version of volume vol/ },
  },
  {
    name: 'a peer that all others have lost, with its bricks: their glusterds do not start',
    full: true,
    fault: knowing('node03', (u) =>
      inOrder(
        stoppedEdit('node01', `${u}; rm peers/$U`),
        stoppedEdit('node02', `${u}; rm peers/$U; systemctl start glusterd || :`),
        stoppedEdit('node01', 'systemctl start glusterd || :'),
      ),
    ),
    seen: [
      ['node01', 'systemctl is-active glusterd', /failed/],
      ['node02', 'systemctl is-active glusterd', /failed/],
    ],
    found: [['peer-one-way', 'peer/node03', ['node01', 'node02']]],
    ends: { as: 'recovered' },
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
    fault: knowing('node03', (u) => on('node02', `cd /var/lib/glusterd; ${u}; cp peers/$U peers/node03`)),
    seen: [['node02', 'ls /var/lib/glusterd/peers', /^node03$/m]],
    found: [['peer-file-leftover', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a backup of a peer file, edited since, and one of the null uuid',
    full: true,
    fault: knowing('node03', (u) =>
      restartedEdit(
        'node02',
        `${u}; sed s/^hostname1=.*/hostname1=elsewhere/ peers/$U >peers/$U.bak
        sed s/^uuid=.*/uuid=${NULL_UUID}/ peers/$U >peers/${NULL_UUID}`,
      ),
    ),
    seen: [
      ['node02', 'gluster peer status', /Number of Peers: 2/],
      ['node02', 'grep skipping /var/log/glusterfs/glusterd.log', /malformed peer file/],
    ],
    found: [['peer-file-leftover', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a peer with the null uuid, and glusterd does not start',
    full: true,
    fault: knowing('node03', (u) =>
      restartedEdit('node02', `${u}; sed -i s/^uuid=.*/uuid=${NULL_UUID}/ peers/$U`),
    ),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-file-corrupt', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
];
