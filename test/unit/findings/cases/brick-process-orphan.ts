/** Worlds that give `brick-process-orphan`, and what `recover` would do. */
import { brickProcess, world } from '../../../worlds.ts';
import { BRICK, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'of a volume that no node knows',
    world: on('node02', (n) => {
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'gone', host: 'node02', path: '/bricks/d3/gone', port: 51999, pid: 1999 }),
      ];
    }),
    subject: 'brick/node02:/bricks/d3/gone',
    nodes: ['node02'],
    severity: 'warning',
    recovery: [],
  },
  {
    name: 'where the volume has a brick of the same path on other nodes alone',
    world: () => {
      const bricks = ['node01', 'node02'].map((n) => `${n}:${BRICK}`);
      const w = world({
        volumes: [{ name: 'v', layout: { kind: 'replicate', replica: 2, arbiter: 0 }, bricks }],
      });
      const n = w.node('node03');
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host: 'node03', path: BRICK, port: 51999, pid: 1999 }),
      ];
      return w;
    },
    subject: `brick/node03:${BRICK}`,
    nodes: ['node03'],
    severity: 'warning',
    says: ['does not have that brick'],
    recovery: [],
  },
  {
    name: 'of a stopped volume',
    world: () => {
      const w = world({ volumes: [{ name: 'v', status: 'stopped' }] });
      const n = w.node('node02');
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host: 'node02', path: BRICK, port: 51999, pid: 1999 }),
      ];
      return w;
    },
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
    recovery: [`end process 1999 of node02:${BRICK}`],
  },
];
