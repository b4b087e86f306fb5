/** Options that the installed release does not know any more, as an upgrade leaves them, as data. */
import { restartedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

export const OLD_OPTIONS: readonly FaultCase[] = [
  {
    name: 'options of an older release on one node, which the others reject for them',
    full: true,
    fault: restartedEdit(
      'node03',
      "printf 'features.ctr-enabled=on\\nstorage.reserve-size=0\\n' >>vols/vol/info",
    ),
    seen: [['node01', 'gluster peer status', /Peer Rejected \(Connected\)/]],
    found: [
      ['volume-memory-disk-mismatch', 'volume/vol', ['node03']],
      ['peer-rejected', 'peer/node03', ['node01', 'node02', 'node03']],
    ],
    ends: { as: 'recovered' },
  },
];
