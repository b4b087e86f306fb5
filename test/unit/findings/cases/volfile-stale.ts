/** Worlds that give `volfile-stale`, and what `recover` would do. */
import { type FindingCase, killBrick, on } from '../case.ts';

const BRICK_VOLFILE = 'vols/v/v.node03.bricks-d1-v.vol';

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
      n.brokenVolfiles.set('vols/v/v-shd.vol', 'is empty');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['is empty'],
    recovery: ['on node03, glusterd stopped: rewrite all volfiles'],
  },
  {
    name: 'of a brick that runs: it would not start again',
    world: on('node03', (n) => {
      n.brokenVolfiles.set(BRICK_VOLFILE, 'is cut off');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'error',
    says: ['brick node03:/bricks/d1/v of volume v cannot be started', 'is cut off'],
    recovery: ['on node03, glusterd stopped: rewrite all volfiles'],
  },
  {
    name: 'with a translator that is gone: the cause of a brick that is down, and nobody starts it before',
    world: on('node03', (n) => {
      killBrick(n);
      n.brokenVolfiles.set(BRICK_VOLFILE, 'names features/changetimerecorder, which is not installed');
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'error',
    says: ['names features/changetimerecorder'],
    recovery: ['on node03, glusterd stopped: rewrite all volfiles'],
  },
];
