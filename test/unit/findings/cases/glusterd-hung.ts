/** Worlds that give `glusterd-hung`, and what `recover` would do. */
import { setMemory } from '../../../worlds.ts';
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'stopped by a signal',
    world: on('node02', (n) => {
      setMemory(n, 'hung');
      n.processes = n.processes.map((p) => (p.role === 'glusterd' ? { ...p, state: 'T' } : p));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['kill -CONT 100'],
    recovery: ['start glusterd on node02, its bricks left running'],
  },
];
