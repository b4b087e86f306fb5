/** Worlds that give `store-wiped`, and what `recover` would do. */
import { edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { type FindingCase, OLD_UUID, on, replace, wipe } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'with a new uuid',
    world: on('node02', (n) => {
      wipe(n);
      edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
        `write peers/${nodeUuid(3)}, take the definition of volume v from node01, ` +
        'rewrite all volfiles',
    ],
  },
  {
    name: 'and glusterd down, which must not be started',
    world: on('node02', (n) => {
      wipe(n);
      n.files.delete('glusterd.info');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['must not be started'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
        `write peers/${nodeUuid(3)}, take the definition of volume v from node01, ` +
        'rewrite all volfiles',
    ],
  },
  {
    name: 'with its old uuid',
    world: on('node02', wipe),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
        `write peers/${nodeUuid(3)}, take the definition of volume v from node01, ` +
        'rewrite all volfiles',
    ],
  },
];
