/** Worlds that give `brick-not-adopted`, and what `recover` would do. */
import { believeBrick } from '../../../worlds.ts';
import { BRICK, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'never signed in',
    world: on('node02', (n) => {
      believeBrick(n, 'v', { registered: false, status: 'Stopped' });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    recovery: [`restart brick node02:${BRICK} of volume v, alone of its set`],
  },
  {
    name: 'its connection stands, and glusterd has missed it',
    world: on('node02', (n) => {
      believeBrick(n, 'v', { status: 'Starting' });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['status Starting', 'restarts glusterd there'],
    recovery: ['on node02, glusterd stopped: nothing but the restart'],
  },
];
