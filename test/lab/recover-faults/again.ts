/** Glusterds that would not start again, as data: none is stopped before its cause is gone. */
import { BRICK, at, brick, everywhere, inOrder, on, restartedEdit, stoppedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const VOLFILE = '/etc/glusterfs/glusterd.vol';
const PUT_BACK = `cat /tmp/glusterd.vol >${VOLFILE}`;
const OWN_BRICK_FILE = 'vols/vol/bricks/node02:-bricks-d1-vol';
const opVersion = (edit: string): string => `sed -i '${edit}' /var/lib/glusterd/glusterd.info`;

export const AGAIN: readonly FaultCase[] = [
  {
    name: 'an empty glusterd.vol below a glusterd that runs, and a volume lost there: it is not stopped',
    full: true,
    fault: inOrder(
      on('node02', `cp ${VOLFILE} /tmp/glusterd.vol; : >${VOLFILE}`),
      on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    ),
    seen: [['node02', `wc -c <${VOLFILE}; systemctl is-active glusterd`, /^0\nactive/]],
    found: [
      ['glusterd-vol-damaged', 'node/node02', ['node02']],
      ['volume-missing-on-node', 'volume/vol', ['node02']],
    ],
    ends: {
      as: 'explained',
      says: /on node01: scp \/etc\/glusterfs\/glusterd\.vol node02:/,
      answered: { by: on('node02', PUT_BACK) },
    },
  },
  {
    name: 'a glusterd.vol that is cut off, and glusterd down with it: it is not tried',
    full: true,
    fault: restartedEdit(
      'node02',
      `cp ${VOLFILE} /tmp/glusterd.vol; head -c 30 /tmp/glusterd.vol >${VOLFILE}`,
    ),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['glusterd-vol-damaged', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      says: /glusterd is down: it does not start with it/,
      answered: { by: on('node02', PUT_BACK) },
    },
  },
  {
    name: 'an operating version that the program does not know, and glusterd down with it',
    full: true,
    fault: restartedEdit('node02', opVersion('s/^operating-version=.*/operating-version=110000/')),
    seen: [
      ['node02', 'systemctl is-active glusterd', /failed/],
      ['node02', 'cat /var/log/glusterfs/glusterd.log', /wrong op-version \(110000\) retrieved/],
    ],
    found: [['op-version-wrong', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'an operating version that is lost, before a restart',
    full: true,
    fault: on('node02', opVersion('/^operating-version/d')),
    seen: [['node02', 'wc -l </var/lib/glusterd/glusterd.info', /^1$/m]],
    found: [['op-version-wrong', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'the directory of a brick of an old release gone, and glusterd with it: it is not tried',
    full: true,
    fault: inOrder(
      stoppedEdit(
        'node02',
        `sed -i /^real_path=/d ${OWN_BRICK_FILE}; pkill -KILL -x glusterfsd; mv ${BRICK} ${BRICK}.away`,
      ),
      on('node02', 'systemctl start glusterd || :'),
    ),
    seen: [
      ['node02', 'systemctl is-active glusterd', /failed/],
      ['node02', 'cat /var/log/glusterfs/glusterd.log', /realpath\(\) failed/],
    ],
    found: [['brick-not-mounted', brick('node02'), ['node02']]],
    ends: {
      as: 'explained',
      says: /mount it on node02/,
      answered: { by: on('node02', `mv ${BRICK}.away ${BRICK}`), restarts: [at('node02')] },
    },
  },
  {
    name: 'a snapshot whose info is empty, below a glusterd that runs: it is not stopped',
    full: true,
    fault: inOrder(
      on('node02', 'mkdir /var/lib/glusterd/snaps/s1; : >/var/lib/glusterd/snaps/s1/info'),
      on('node02', 'rm -rf /var/lib/glusterd/vols/vol'),
    ),
    seen: [['node02', 'ls -s /var/lib/glusterd/snaps/s1/info', /^0 /]],
    found: [
      ['store-file-corrupt', 'node/node02', ['node02']],
      ['volume-missing-on-node', 'volume/vol', ['node02']],
    ],
    beside: ['snapshot-missing-on-node'],
    ends: {
      as: 'explained',
      says: /if nobody needs the snapshot, move its directory out of the store/,
      answered: { by: on('node02', 'mv /var/lib/glusterd/snaps/s1 /root/ && rm -r /root/s1') },
    },
  },
  {
    name: 'an address change by hand that reached half of the files: healthy bricks are left alone',
    full: true,
    fault: everywhere((node) => restartedEdit(node, 'sed -i s/node02/gl02/ vols/vol/info')),
    seen: [['node01', 'systemctl is-active glusterd', /failed/]],
    found: [
      ['store-file-corrupt', 'node/node01', ['node01']],
      ['store-file-corrupt', 'node/node02', ['node02']],
      ['store-file-corrupt', 'node/node03', ['node03']],
    ],
    ends: {
      as: 'explained',
      says: /no node has a copy of it/,
      answered: {
        by: everywhere((node) => on(node, 'sed -i s/gl02/node02/ /var/lib/glusterd/vols/vol/info')),
      },
    },
  },
];
