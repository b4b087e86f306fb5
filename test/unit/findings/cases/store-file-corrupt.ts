/** Worlds that give `store-file-corrupt`, and what `recover` would do. */
import { NULL_UUID } from '../../../../src/model/names.ts';
import { edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { addFile, broken, type FindingCase, INFO, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a peers file with the null uuid: it is written as the others have it',
    world: on('node02', (n) => {
      edit(n, `peers/${nodeUuid(3)}`, replace(/^uuid=.*$/m, `uuid=${NULL_UUID}`));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: [`peers/${nodeUuid(3)}: has the null uuid`],
    recovery: [`on node02, glusterd stopped: write peers/${nodeUuid(3)}`],
  },
  {
    name: 'the same, and glusterd is down: it does not start with it',
    world: on('node02', (n) => {
      edit(n, `peers/${nodeUuid(3)}`, replace(/^uuid=.*$/m, `uuid=${NULL_UUID}`));
      setMemory(n, 'down');
    }),
    also: ['glusterd-down'],
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [`on node02, glusterd stopped: write peers/${nodeUuid(3)}`],
  },
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
    name: 'an empty info of a snapshot, and of a volume in it',
    world: on('node02', (n) => {
      addFile(n, 'snaps/s1/info', '');
      n.directories.add('snaps/s1/0123abcd');
    }),
    also: ['snapshot-missing-on-node'],
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['snaps/s1/info: is empty', 'snaps/s1/0123abcd/info: is not there', 'would not start again'],
    recovery: [],
  },
  {
    name: 'renamed by hand in half of the files, on all nodes: no copy to take it from',
    world: broken((w) => {
      for (const n of w.nodes) {
        edit(n, INFO, replace('=node02:', '=gl02:'));
        setMemory(n, 'down');
      }
    }),
    also: ['store-file-corrupt', 'store-file-corrupt', ...Array<string>(3).fill('glusterd-down')],
    subject: 'node/node01',
    nodes: ['node01'],
    says: ['names brick gl02:-bricks-d1-v, whose file is missing', 'no node has a copy of it'],
    recovery: [],
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
