/** Worlds that give `self-heal-daemon-offline`, and what `recover` would do. */
import { believeVolume } from '../../../worlds.ts';
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'killed',
    world: on('node02', (n) => {
      believeVolume(n, 'v', (v) => ({ ...v, selfHealOnline: false }));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
    recovery: ['start the self-heal daemon by "volume start v force"'],
  },
];
