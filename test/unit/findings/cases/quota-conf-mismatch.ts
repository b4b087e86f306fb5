/** Worlds that give `quota-conf-mismatch`, and what `recover` would do. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a limit on one node',
    world: on('node03', (n) => {
      n.files.set('vols/v/quota.conf', `GlusterFS Quota conf | version: v1.2\n${'\x11'.repeat(17)}`);
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
    recovery: [
      'on node03, glusterd stopped: take vols/v/quota.conf from node01, take vols/v/quota.cksum from node01',
    ],
  },
];
