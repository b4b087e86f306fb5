/** Worlds that give `node-not-new`. */
import { edit, nodeUuid } from '../../../worlds.ts';
import { calledNew, type FindingCase, OLD_UUID, on, replace, wipe } from '../case.ts';

const MESSAGE = 'node02 is not a new machine: nothing to replace';

export const CASES: readonly FindingCase[] = [
  {
    name: 'with the disks of the old one',
    world: () =>
      calledNew(
        on('node02', (n) => {
          wipe(n);
          edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
        })(),
        'node02',
      ),
    subject: 'node/node02',
    nodes: ['node02'],
    also: ['store-wiped'],
    says: [MESSAGE, 'trusted.glusterfs.volume-id', 'take "replaces" out of the file'],
  },
  {
    name: 'with the uuid of the old one, and nothing else in its store',
    world: () => calledNew(on('node02', wipe)(), 'node02'),
    subject: 'node/node02',
    nodes: ['node02'],
    also: ['store-wiped'],
    says: [MESSAGE, `UUID=${nodeUuid(2)}, by which the others know it`],
  },
];
