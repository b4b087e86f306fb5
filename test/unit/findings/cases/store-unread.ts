/** Worlds that give `store-unread`: nothing else is concluded from such a store, and nothing is repaired. */
import { removeTree, setMemory } from '../../../worlds.ts';
import { addFile, BRICK, type FindingCase, INFO, killBrick, on, wipe } from '../case.ts';

const EIO = 'Read error at byte 0, while reading 512 bytes: Input/output error';

export const CASES: readonly FindingCase[] = [
  {
    name: 'an info that gives an error, with its volume',
    world: on('node02', (n) => {
      n.files.delete(INFO);
      n.unread.push({ path: INFO, reason: EIO });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: [`/var/lib/glusterd/${INFO}: ${EIO}`],
    recovery: [],
  },
  {
    name: 'a disk that gives nothing but errors, where glusterd is down',
    world: on('node02', (n) => {
      wipe(n);
      n.files.clear();
      n.directories.clear();
      n.unread.push({ path: '.', reason: 'Input/output error' });
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    also: ['glusterd-down'],
    says: ['/var/lib/glusterd: Input/output error'],
    recovery: [],
  },
  {
    name: 'a directory of peers that gives an error, and a file of another volume that is damaged',
    world: on('node02', (n) => {
      removeTree(n, 'peers');
      addFile(n, 'vols/w/info', '');
      n.unread.push({ path: 'peers', reason: 'Cannot open: Input/output error' });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [],
  },
  {
    name: 'with a brick that does not run',
    world: on('node02', (n) => {
      killBrick(n);
      n.unread.push({ path: `vols/v/bricks/node02:${BRICK.replaceAll('/', '-')}`, reason: EIO });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [],
  },
];
