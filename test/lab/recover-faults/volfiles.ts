/** What keeps bricks or glusterd from starting the next time, as data: broken volfiles, a full /run. */
import { at, inOrder, killBrick, on } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

export const VOLFILES: readonly FaultCase[] = [
  {
    name: 'a volfile of a brick that names a translator of an older release, and the brick is down',
    full: true,
    fault: inOrder(
      on(
        'node02',
        'sed -i "s,type features/trash,type features/changetimerecorder," ' +
          '/var/lib/glusterd/vols/vol/vol.node02.bricks-d1-vol.vol',
      ),
      killBrick('node02'),
      on('node01', 'gluster --mode=script volume start vol force || :'),
    ),
    seen: [
      ['node02', 'cat /var/log/glusterfs/bricks/bricks-d1-vol.log', /changetimerecorder/],
      ['node01', 'gluster volume status vol', /Brick node02:\/bricks\/d1\/vol +N\/A +N\/A +N/],
    ],
    found: [['volfile-stale', 'volume/vol', ['node02']]],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'a volfile that is cut off, of a brick that runs',
    full: true,
    fault: on(
      'node03',
      'cd /var/lib/glusterd/vols/vol; f=vol.node03.bricks-d1-vol.vol; head -c 300 $f >x; cat x >$f; rm x',
    ),
    seen: [['node03', 'wc -c </var/lib/glusterd/vols/vol/vol.node03.bricks-d1-vol.vol', /^300$/m]],
    found: [['volfile-stale', 'volume/vol', ['node03']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'a full /run, in which glusterd could not write its pid file',
    full: true,
    fault: on('node02', 'dd if=/dev/zero of=/run/filler bs=64k 2>/dev/null || truncate -s -512K /run/filler'),
    seen: [['node02', 'df --output=avail /run', /^\s*\d{1,3}$/m]],
    found: [['filesystem-full', 'node/node02', ['node02']]],
    ends: {
      as: 'explained',
      says: /free space there/,
      answered: { by: on('node02', 'rm /run/filler') },
    },
  },
];
