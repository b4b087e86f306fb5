/** Worlds that give `volume-id-conflict`, and what `recover` would do. */
import { believeVolume, edit, volumeId } from '../../../worlds.ts';
import { type FindingCase, INFO, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'created again while one was away',
    world: on('node03', (n) => {
      edit(n, INFO, replace(volumeId(1), volumeId(8)));
      believeVolume(n, 'v', (v) => ({ ...v, id: volumeId(8) }));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: [volumeId(1), volumeId(8), 'carries volume-id'],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];
