/** Worlds that give `op-version-mismatch`. */
import { edit } from '../../../worlds.ts';
import { type FindingCase, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'one node behind',
    world: on('node03', (n) => {
      edit(n, 'glusterd.info', replace('100000', '90000'));
    }),
    subject: 'cluster',
    nodes: ['node03'],
  },
];
