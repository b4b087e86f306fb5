/** Worlds that give `bricks-die-with-glusterd`. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: "Debian's unit",
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, killMode: 'control-group' };
    }),
    subject: 'cluster',
    nodes: ['node02'],
    severity: 'warning',
    says: ['KillMode=control-group', 'KillMode=process'],
  },
];
