/** Worlds that give `brick-process-duplicate`, and what `recover` would do. */
import { brickProcess } from '../../../worlds.ts';
import { BRICK, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'started twice',
    world: on('node02', (n) => {
      n.processes = [
        ...n.processes,
        brickProcess({ volume: 'v', host: 'node02', path: BRICK, port: 51999, pid: 1999 }),
      ];
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['51999'],
    recovery: [
      `end process 1999 of node02:${BRICK}`,
      'on node02, glusterd stopped: set the port of node02:-bricks-d1-v to 50101',
    ],
  },
];
