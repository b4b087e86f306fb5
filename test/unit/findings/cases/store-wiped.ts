/** Worlds that give `store-wiped`, and what `recover` would do. */
import { believe, edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { BRICK, calledNew, type FindingCase, killBrick, OLD_UUID, on, replace, wipe } from '../case.ts';

/** Installed again, or another machine: its disks are empty, and none of its processes is there. */
const installedAgain = on('node02', (n) => {
  wipe(n);
  killBrick(n);
  edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
  believe(n, (s) => ({ ...s, uuid: undefined }));
  n.paths.delete(BRICK);
});

const RESTORED =
  `on node02, glusterd stopped: write glusterd.info, write peers/${nodeUuid(1)}, ` +
  `write peers/${nodeUuid(3)}, take the definition of volume v from node01, rewrite all volfiles`;

export const CASES: readonly FindingCase[] = [
  {
    name: 'on a machine that may be another, under the same name',
    world: installedAgain,
    subject: 'node/node02',
    nodes: ['node02'],
    says: [`--prefer node/node02=${nodeUuid(2)}`, '"replaces: node02" of it in the file'],
    recovery: [],
  },
  {
    name: 'on a new machine, which the file says has the name of the one that was lost',
    world: () => calledNew(installedAgain(), 'node02'),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['the file says that a new machine has its name'],
    recovery: [RESTORED],
  },
  {
    name: 'on such a machine whose glusterd is down: it is not started as another node',
    also: ['glusterd-down'],
    world: () => {
      const w = installedAgain();
      setMemory(w.node('node02'), 'down');
      return w;
    },
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [],
  },
  {
    name: 'with a new uuid',
    world: on('node02', (n) => {
      wipe(n);
      edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [RESTORED],
  },
  {
    name: 'and glusterd down, which must not be started',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      wipe(n);
      n.files.delete('glusterd.info');
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['must not be started'],
    recovery: [RESTORED],
  },
  {
    name: 'with its old uuid',
    world: on('node02', wipe),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [RESTORED],
  },
];
