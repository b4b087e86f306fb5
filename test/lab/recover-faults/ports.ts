/** Ports that glusterd or a brick needs and somebody else has, and a range with none left, as data. */
import { at, BRICK, brick, inOrder, on, restartedEdit } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

/** A service of the node that listens and never answers; it ends by itself where a case fails. */
const listen = (unit: string, ...ports: readonly string[]): string =>
  `systemd-run -q --collect --unit=${unit} -p RuntimeMaxSec=240 systemd-socket-activate ` +
  `${ports.map((p) => `-l ${p}`).join(' ')} sleep 240
until systemctl is-active -q ${unit} && ss -ltn | grep -q ":${ports[0] ?? ''} "; do sleep 0.1; done`;
const FREED = 'systemctl stop squatter';

const PID_FILE = '/run/gluster/vols/vol/node02-bricks-d1-vol.pid';
const KILLED = `p=$(cat ${PID_FILE}); kill -KILL "$p"; while [ -d "/proc/$p" ]; do sleep 0.1; done`;
/** And its port is held by somebody else from then on. */
const KILLED_AND_TAKEN = `
port=$(tr '\\0' '\\n' <"/proc/$(cat ${PID_FILE})/cmdline" | sed -n '/^--brick-port$/{n;p;q;}')
${KILLED}
${listen('taker', '"$port"')}`;
const CONFIG = '/etc/glusterfs/glusterd.vol';
const NARROW = '    option base-port 59990\\n    option max-port 59991';
const NARROWED =
  `cp ${CONFIG} /tmp/glusterd.vol\n` + `sed -i -e '/base-port/d' -e 's/^.*max-port.*/${NARROW}/' ${CONFIG}`;

export const PORTS: readonly FaultCase[] = [
  {
    name: 'the port of glusterd held by another service',
    full: true,
    fault: restartedEdit('node02', listen('squatter', '24007')),
    seen: [['node02', 'grep -a "Address already" /var/log/glusterfs/glusterd.log', /binding to .*in use/]],
    found: [['port-held', 'node/node02', ['node02']]],
    beside: ['glusterd-down', 'peer-disconnected'],
    ends: {
      as: 'explained',
      says: /cannot listen: port 24007 is held by pid \d+ \((sleep|systemd-socket-)\)/,
      answered: { by: on('node02', FREED) },
    },
  },
  {
    name: 'no port left for a brick, in a range narrowed for a firewall',
    full: true,
    alters: true,
    fault: inOrder(
      restartedEdit('node02', `${NARROWED}\n${listen('squatter', '59990', '59991')}`),
      on('node02', KILLED_AND_TAKEN),
      on('node01', 'gluster volume start vol force'),
    ),
    seen: [
      ['node02', 'grep -a exhausted /var/log/glusterfs/glusterd.log', /ports in the range are exhausted/],
    ],
    found: [['brick-ports-used-up', 'node/node02', ['node02']]],
    beside: ['brick-offline'],
    ends: {
      as: 'explained',
      says: /no port between 59990 and 59991 is free[^]*59990 by pid \d+ \((sleep|systemd-socket-)\)/,
      answered: {
        by: on('node02', FREED),
        restarts: [at('node02')],
        also: on(
          'node02',
          `pgrep -af ${BRICK} | grep -q 'brick-port 5999[01]' && mv /tmp/glusterd.vol ${CONFIG}
systemctl stop taker`,
        ),
      },
    },
  },
  {
    name: 'a brick killed, and its port taken by another service',
    full: true,
    fault: on('node02', KILLED_AND_TAKEN),
    seen: [['node02', 'gluster volume status vol', /Brick node02:\/bricks\/d1\/vol +N\/A +N\/A +N/]],
    found: [['brick-offline', brick('node02'), ['node02']]],
    ends: { as: 'recovered', restarts: [at('node02')], also: on('node02', 'systemctl stop taker') },
  },
];
