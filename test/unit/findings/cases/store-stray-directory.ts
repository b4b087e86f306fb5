/** Worlds that give `store-stray-directory`, and what `recover` would do. */
import { edit, setMemory } from '../../../worlds.ts';
import { addFile, type FindingCase, INFO, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a backup in vols/, and glusterd down with it',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      n.directories.add('vols/v.bak');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['vols/v.bak', 'is down'],
    recovery: [
      'on node02, glusterd stopped: move vols/v.bak out of the store, into the folder of this transaction',
    ],
  },
  {
    name: 'a plain file in snaps/, which glusterd takes for a snapshot; in vols/ it passes over one',
    world: on('node02', (n) => {
      addFile(n, 'snaps/s1.tgz', 'x');
      addFile(n, 'snaps/missed_snaps_list', '');
      addFile(n, 'vols/v.tgz', 'x');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['snaps/s1.tgz: is a plain file', 'will not start again'],
    recovery: [
      'on node02, glusterd stopped: move snaps/s1.tgz out of the store, into the folder of this transaction',
    ],
  },
  {
    name: 'a volume whose info is gone: not reported again as missing',
    world: on('node02', (n) => {
      edit(n, INFO, () => undefined);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];
