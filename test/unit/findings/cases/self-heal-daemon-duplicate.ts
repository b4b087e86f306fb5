/** Worlds that give `self-heal-daemon-duplicate`, and what `recover` would do. */
import { believeVolume, type WorldNode } from '../../../worlds.ts';
import { type FindingCase, killBrick, on } from '../case.ts';

const stranger = (n: WorldNode, ageTicks = 100_000): void => {
  const [daemon] = n.processes.filter((p) => p.role === 'self-heal');
  if (daemon === undefined) throw new Error('no self-heal daemon');
  const argv = [...daemon.argv, '-p', '/run/extra.pid'];
  n.processes = [...n.processes, { ...daemon, pid: 777, startTicks: n.ticks - ageTicks, argv }];
};
const START = 'start the self-heal daemon by "volume start v force"';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a second one, started by hand',
    world: on('node02', stranger),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    says: ['2 self-heal daemons run on node02', '/proc/777/cmdline: -p /run/extra.pid', 'kill 200 777'],
    recovery: ['end self-heal daemon 200 on node02', 'end self-heal daemon 777 on node02', START],
  },
  {
    name: 'the right one killed, so that only the other is left: the cause of the one that is offline',
    world: on('node02', (n) => {
      stranger(n);
      n.processes = n.processes.filter((p) => p.pid !== 200);
      believeVolume(n, 'v', (v) => ({ ...v, selfHealOnline: false }));
    }),
    also: ['self-heal-daemon-offline'],
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['none that glusterd has started'],
    recovery: ['end self-heal daemon 777 on node02', START],
  },
  {
    name: 'a second one, and its brick is dead: that comes first',
    world: on('node02', (n) => {
      stranger(n);
      killBrick(n);
    }),
    also: ['brick-offline'],
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: ['start brick node02:/bricks/d1/v of volume v'],
  },
];
