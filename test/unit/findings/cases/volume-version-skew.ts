/** Worlds that give `volume-version-skew`, and what `recover` would do. */
import { broken, bump, type FindingCase, on, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'one node missed a change',
    world: broken((w) => {
      for (const n of w.nodes)
        if (n.node !== 'node02') {
          setOption(n, 'user.x', '1');
          bump(n, 3);
        }
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    severity: 'error',
    says: ['would take over version=3', 'node02:/bricks/d1/v'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'the version alone',
    world: on('node02', (n) => {
      bump(n, 9);
    }),
    subject: 'volume/v',
    nodes: ['node01', 'node03'],
    severity: 'warning',
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];
