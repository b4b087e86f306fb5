/** Worlds that give `brick-port-mismatch`, and what `recover` would do. */
import { believeBrick, edit } from '../../../worlds.ts';
import { BRICK, brickFile, type FindingCase, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'glusterd says 0',
    world: on('node02', (n) => {
      believeBrick(n, 'v', { port: 0 });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'error',
    recovery: ['on node02, glusterd stopped: set the port of node02:-bricks-d1-v to 50101'],
  },
  {
    name: 'only the file is stale',
    world: on('node02', (n) => {
      edit(n, brickFile(2), replace(/^listen-port=.*$/m, 'listen-port=0'));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    severity: 'warning',
    recovery: ['write the ports of the running bricks of v to the stores'],
  },
];
