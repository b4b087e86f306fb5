/** Stores that hold too much, too little or another identity, as data. */
import { brick, inOrder, on, restartedEdit, stoppedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const keptAside = on('node02', 'grep precious /var/lib/glusterctl/transactions/*/aside/vols/vol.bak/notes');

export const STORES: readonly FaultCase[] = [
  {
    name: 'a leftover directory in vols/, glusterd up',
    full: true,
    fault: on('node02', 'mkdir /var/lib/glusterd/vols/vol.bak'),
    seen: [['node02', 'ls /var/lib/glusterd/vols', /vol.bak/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'leftover directories in vols/ and snaps/, and glusterd does not start',
    full: true,
    fault: restartedEdit('node02', 'mkdir vols/vol.bak snaps/x'),
    seen: [['node02', 'systemctl is-active glusterd', /failed/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a leftover directory with files in it',
    full: true,
    fault: on(
      'node02',
      'mkdir /var/lib/glusterd/vols/vol.bak; echo precious >/var/lib/glusterd/vols/vol.bak/notes',
    ),
    seen: [['node02', 'ls /var/lib/glusterd/vols', /vol.bak/]],
    found: [['store-stray-directory', 'node/node02', ['node02']]],
    ends: { as: 'recovered', also: keptAside },
  },
  {
    name: 'a leftover directory with files in it, on a node with another fault',
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
    ends: { as: 'recovered', also: keptAside },
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
    full: true,
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
    name: 'a machine that was installed again, with empty disks, under the same name',
    full: true,
    fault: async (lab) => {
      await restartedEdit('node02', 'find . -mindepth 1 -delete')(lab);
      await on('node02', 'pkill -x glusterfsd; rm -rf /bricks/d1/vol')(lab);
    },
    seen: [['node02', 'ls -A /bricks/d1', /^$/]],
    found: [['store-wiped', 'node/node02', ['node02']]],
    ends: { as: 'question', says: /--prefer node\/node02=/ },
  },
  {
    name: 'a store that was wiped, and glusterd started with it',
    full: true,
    fault: restartedEdit('node02', 'find . -mindepth 1 -delete'),
    seen: [['node02', 'gluster pool list', /localhost/]],
    found: [['store-wiped', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
];
