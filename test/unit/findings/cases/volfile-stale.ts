/** Worlds that give `volfile-stale`, and what `recover` would do. */
import { type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'another hash',
    world: on('node03', (n) => {
      n.volfiles.set('vols/v/v.tcp-fuse.vol', 'ab'.repeat(32));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
    recovery: ['on node03, glusterd stopped: rewrite all volfiles'],
  },
  {
    name: 'empty',
    world: on('node03', (n) => {
      n.volfiles.set('vols/v/v-shd.vol', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['is empty'],
    recovery: ['on node03, glusterd stopped: rewrite all volfiles'],
  },
];
