/** Worlds that give `self-heal-daemon-offline`, and what `recover` would do. */
import { believeVolume, type WorldNode } from '../../../worlds.ts';
import { broken, type FindingCase, leaveOut, on } from '../case.ts';

const killed = (n: WorldNode): void => {
  believeVolume(n, 'v', (v) => ({ ...v, selfHealOnline: false }));
};

/** Ten seconds. */
const MOMENT_TICKS = 1000;

export const CASES: readonly FindingCase[] = [
  {
    name: 'killed',
    world: on('node02', killed),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    recovery: ['start the self-heal daemon by "volume start v force"'],
  },
  {
    name: 'not up yet: glusterd was started a moment ago',
    world: on('node02', (n) => {
      killed(n);
      n.processes = n.processes.map((p) =>
        p.role === 'glusterd' ? { ...p, startTicks: n.ticks - MOMENT_TICKS } : p,
      );
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'info',
    recovery: [],
  },
  {
    name: 'killed, and a node is dead whose bricks nobody can see: no command reaches them',
    world: broken((w) => {
      leaveOut(w, 3);
      killed(w.node('node02'));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    also: ['node-left-out'],
    recovery: ['start the self-heal daemon by "volume start v force"'],
  },
];
