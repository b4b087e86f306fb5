/** Worlds that give `name-resolution`. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'nothing',
    world: on('node01', (n) => {
      n.resolves.set('node03', []);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'error',
  },
  {
    name: 'another node',
    world: on('node01', (n) => {
      n.resolves.set('node03', ['192.0.2.2']);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'error',
  },
  {
    name: 'an address that no node has',
    world: on('node01', (n) => {
      n.resolves.set('node03', ['198.51.100.7']);
    }),
    subject: 'node/node03',
    nodes: ['node01'],
    severity: 'warning',
  },
];
