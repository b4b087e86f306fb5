/** Worlds that give `filesystem-full`. */
import { type FindingCase, forget, on } from '../case.ts';

const MIB = 1024 * 1024;

export const CASES: readonly FindingCase[] = [
  {
    name: 'store and /tmp on one file system',
    world: on('node02', (n) => {
      for (const path of ['/var/lib/glusterd', '/tmp'])
        Object.assign(n.filesystems.get(path) ?? {}, { freeBytes: MIB });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['/var/lib/glusterd and /tmp'],
  },
  {
    name: '/run: no repair restarts the glusterd there, which would not come up',
    also: ['peer-one-way'],
    world: on('node02', (n) => {
      Object.assign(n.filesystems.get('/run') ?? {}, { freeBytes: MIB / 2 });
      forget(n, 1);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['/run on node02 has almost no space left', 'do not restart glusterd on node02'],
    recovery: [],
  },
  {
    name: '/run of a small machine, with room enough for glusterd',
    world: on('node02', (n) => {
      Object.assign(n.filesystems.get('/run') ?? {}, { freeBytes: 4 * MIB });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
  },
  {
    name: 'logs',
    world: on('node02', (n) => {
      Object.assign(n.filesystems.get('/var/log') ?? {}, { freeBytes: 0 });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
  },
];
