/** Worlds that give `volume-missing-on-node`, and what `recover` would do. */
import { removeTree } from '../../../worlds.ts';
import { type FindingCase, on, removeVolume } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'on one',
    world: on('node02', removeVolume),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['does not exist', 'would take the volume in again'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'held in memory only',
    world: on('node02', (n) => {
      removeTree(n, 'vols/v');
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['glusterd still has v in memory'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];
