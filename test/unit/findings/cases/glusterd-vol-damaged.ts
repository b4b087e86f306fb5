/** Worlds that give `glusterd-vol-damaged`: never stopped, never started. */
import { edit, setMemory } from '../../../worlds.ts';
import { broken, type FindingCase, INFO, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'empty, while glusterd runs',
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, raw: '' };
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['would not start again', 'on node01: scp /etc/glusterfs/glusterd.vol node02:/etc/glusterfs/'],
    recovery: [],
  },
  {
    name: 'cut off, and glusterd is down with it',
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, raw: 'volume management\n    type mgmt/glust' };
      setMemory(n, 'down');
    }),
    also: ['glusterd-down'],
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['is down', 'has no "type mgmt/glusterd"'],
    recovery: [],
  },
  {
    name: 'empty, and a store that could be repaired: its glusterd is not stopped for that',
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, raw: '' };
      edit(n, INFO, () => '');
    }),
    also: ['store-file-corrupt'],
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [],
  },
  {
    name: 'the same on all nodes: there is none to take it from',
    world: broken((w) => {
      for (const n of w.nodes) n.daemonConfig = { ...n.daemonConfig, raw: '' };
    }),
    also: ['glusterd-vol-damaged', 'glusterd-vol-damaged'],
    subject: 'node/node01',
    nodes: ['node01'],
    says: ['from a backup or the package'],
  },
];
