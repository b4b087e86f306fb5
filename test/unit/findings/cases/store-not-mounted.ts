/** Worlds that give `store-not-mounted`. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'its file system is in fstab alone',
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, unmounted: '/var/lib/glusterd' };
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['/etc/fstab', 'mount /var/lib/glusterd on node02'],
  },
];
