/** glusterds that are down, and whose start would change what others have, as data. */
import { stoppedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';
import { UNNAMED } from './files.ts';

const AHEAD =
  'sed -i s/^version=.*/version=99/ vols/vol/info; ' +
  "sed -i 's/^brick-0=/network.ping-timeout=78\\n&/' vols/vol/info";

export const STARTS: readonly FaultCase[] = [
  {
    name: 'a higher version on a node that is down, and it is the right one: no brick is restarted',
    full: true,
    alters: true,
    file: UNNAMED,
    fault: stoppedEdit('node03', AHEAD),
    seen: [
      ['node03', 'cat /var/lib/glusterd/vols/vol/info', /^version=99$/m],
      ['node03', 'systemctl is-active glusterd', /inactive/],
    ],
    found: [
      ['volume-version-skew', 'volume/vol', ['node01', 'node02']],
      ['glusterd-down', 'node/node03', ['node03']],
    ],
    ends: {
      as: 'question',
      says: /which copy is right\?/,
      answered: { flags: ['--prefer', 'volume/vol=node03'] },
    },
  },
];
