/** Worlds that give `store-file-corrupt`, and what `recover` would do. */
import { edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { type FindingCase, INFO, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'an empty glusterd.info, and glusterd down',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', () => '');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['must not be started'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
        `write peers/${nodeUuid(3)}`,
    ],
  },
  {
    name: 'an empty info',
    world: on('node02', (n) => {
      edit(n, INFO, () => '');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['vols/v/info: is empty', 'would not start again'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'a brick that is missing in info, and glusterd down with it',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      edit(n, INFO, replace(/^brick-1=.*\n/m, ''));
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['brick-1', 'does not start with it'],
    recovery: [
      'on node02, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'an empty glusterd.info',
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', () => '');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
        `write peers/${nodeUuid(3)}`,
    ],
  },
];
