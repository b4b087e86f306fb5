/** Volumes that are missing where they should be, and deletes that failed half way, as data. */
import type { Lab } from '../lab.ts';
import { everywhere, expectSays, failing, inOrder, on } from '../recover-acts.ts';
import { type FaultCase, seen } from '../recover-case.ts';
import { ABSENT, NO_VOLUMES, STOPPED, UNNAMED } from './files.ts';

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

/** A definition that is still on a disk goes by name only. */
const CONSENT = /requires --allow-destroy volume\/vol/;
const ALLOWED = ['--allow-destroy', 'volume/vol'];

const ONLY_IN_MEMORY = [
  ['node01', ...NO_VOLUMES],
  ['node02', ...NO_VOLUMES],
  ['node02', 'gluster volume list', /^vol$/m],
  ['node01', 'gluster volume list 2>&1', /No volumes/],
] as const;

export const DELETES: readonly FaultCase[] = [
  {
    name: 'a store directory removed under a running glusterd',
    full: true,
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
          'gluster --mode=script volume start vol force && ' +
            'gluster --mode=script volume set vol network.ping-timeout 42',
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
    full: true,
    cluster: STOPPED,
    file: ABSENT,
    fault: halfDeleted,
    seen: ONLY_IN_MEMORY,
    found: [['volume-not-deleted-everywhere', 'volume/vol', ['node02']]],
    ends: { as: 'recovered', also: gone },
  },
  {
    name: 'a delete that failed half way, only copy in one memory; the file has the volume',
    full: true,
    cluster: STOPPED,
    fault: halfDeleted,
    seen: ONLY_IN_MEMORY,
    found: [['volume-memory-disk-mismatch', 'volume/vol', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a delete that failed half way, only copy in one memory; the file does not name the volume',
    full: true,
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
    ends: { as: 'question', says: CONSENT, answered: { flags: ALLOWED, also: gone } },
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
    ends: { as: 'question', says: CONSENT, answered: { flags: ALLOWED, also: gone } },
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
