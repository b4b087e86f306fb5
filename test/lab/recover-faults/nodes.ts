/** Faults of a node as a whole, as data: its clock and its operating version. */
import { AHEAD, on } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

export const NODES: readonly FaultCase[] = [
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
