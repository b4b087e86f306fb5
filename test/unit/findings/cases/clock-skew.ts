/** Worlds that give `clock-skew`. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a minute behind',
    world: on('node02', (n) => {
      n.clockSkewMs = -60_000;
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    says: ['60 s behind'],
  },
];
