/** Worlds that give `options-mismatch`, and what `recover` would do. */
import { edit } from '../../../worlds.ts';
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'multiplexing on one node',
    world: on('node03', (n) => {
      edit(n, 'options', (t) => `cluster.brick-multiplex=on\n${t}`);
    }),
    subject: 'cluster',
    nodes: ['node03'],
    recovery: ['on node03, glusterd stopped: take options from node01'],
  },
];
