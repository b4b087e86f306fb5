/** Daemons beside bricks that are gone or too many, and a rejection that nothing justifies, as data. */
import { everywhere, inOrder, on, restartedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

const STRANGER =
  'glusterfs -s localhost --volfile-id shd/vol -p /run/extra.pid -l /var/log/glusterfs/extra.log ' +
  '-S /run/extra.socket --process-name glustershd --client-pid=-6';
/** No daemon younger than that is judged, and no glusterd that may still bring one up. */
const AGED = 'until [ "$(ps -o etimes= -C glusterd | tr -d " ")" -gt 62 ]; do sleep 1; done';
const SECOND_AGED = 'sleep 32';
/** Never the shell that counts. */
const COUNT = "pgrep -fc '[p]rocess-name glustershd'";
const kill = (daemon: string): string => `kill -KILL "$(cat /run/gluster/${daemon}/${daemon}.pid)"`;

export const SERVICES: readonly FaultCase[] = [
  {
    name: 'a self-heal daemon started by hand beside that of glusterd',
    full: true,
    fault: on('node02', `${STRANGER}; ${SECOND_AGED}`),
    seen: [['node02', COUNT, /^2$/m]],
    found: [['self-heal-daemon-duplicate', 'node/node02', ['node02']]],
    ends: {
      as: 'recovered',
      also: on('node02', `[ "$(${COUNT})" = 1 ]`),
    },
  },
  {
    name: 'a self-heal daemon started by hand, and that of glusterd killed',
    full: true,
    fault: inOrder(
      on('node02', STRANGER),
      on('node02', `pgrep -f '[r]un/gluster/shd/vol/vol-shd.pid' | xargs kill -KILL; ${SECOND_AGED}`),
    ),
    seen: [['node02', "pgrep -fa '[p]rocess-name glustershd'", /extra\.pid/]],
    found: [['self-heal-daemon-duplicate', 'node/node02', ['node02']]],
    beside: ['self-heal-daemon-offline'],
    ends: {
      as: 'recovered',
      also: on('node02', `[ "$(${COUNT})" = 1 ] && ! pgrep -f '[e]xtra.pid'`),
    },
  },
  {
    name: 'an operating version that is lost, and a restart: rejected, though all files are equal',
    fault: restartedEdit('node02', 'sed -i /^operating-version/d glusterd.info'),
    seen: [['node01', 'gluster peer status', /Peer Rejected/]],
    found: [['peer-rejected', 'peer/node02', ['node01', 'node02', 'node03']]],
    beside: ['op-version-wrong', 'op-version-mismatch'],
    ends: { as: 'recovered' },
  },
  {
    name: 'the quota daemon killed',
    full: true,
    alters: true,
    fault: inOrder(
      on('node01', 'gluster volume quota vol enable'),
      everywhere((node) => on(node, 'until [ -s /run/gluster/quotad/quotad.pid ]; do sleep 0.2; done')),
      on('node02', kill('quotad')),
      on('node02', AGED),
    ),
    seen: [['node01', 'gluster volume status vol', /Quota Daemon on node02 +N\/A +N\/A +N/]],
    found: [['daemon-offline', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'the bitrot daemon and the scrubber killed',
    full: true,
    alters: true,
    fault: inOrder(
      on('node01', 'gluster volume bitrot vol enable'),
      on('node02', 'until [ -s /run/gluster/scrub/scrub.pid ]; do sleep 0.2; done'),
      on('node02', `${kill('bitd')}; ${kill('scrub')}; ${AGED}`),
    ),
    seen: [['node01', 'gluster volume status vol', /Bitrot Daemon on node02 +N\/A +N\/A +N/]],
    found: [['daemon-offline', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
];
