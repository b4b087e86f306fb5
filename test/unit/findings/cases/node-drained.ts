/** Worlds that give `node-drained`, and what `recover` would do. */
import { broken, type FindingCase, killBrick, on } from '../case.ts';

const MARK = { who: 'ann@desk', when: '2026-11-28T20:00:00.000Z', why: 'new disk' };

export const CASES: readonly FindingCase[] = [
  {
    name: 'with its bricks down, which is no fault',
    world: on('node02', (n) => {
      n.drained = MARK;
      killBrick(n);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'info',
    says: ['node02 is drained by ann@desk since 2026-11-28T20:00:00.000Z: new disk', 'undrain FILE node02'],
    recovery: [],
  },
  {
    name: 'with its bricks up again',
    world: on('node02', (n) => {
      n.drained = MARK;
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'info',
    says: ['its bricks are up again'],
  },
  {
    name: 'by a mark that cannot be understood',
    world: broken((w) => {
      w.node('node02').drained = { who: '', when: '', why: '' };
      killBrick(w.node('node02'));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'info',
    says: ['node02 is drained'],
    recovery: [],
  },
];
