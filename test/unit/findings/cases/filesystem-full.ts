/** Worlds that give `filesystem-full`. */
import { type FindingCase, on } from '../case.ts';

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
    name: 'logs',
    world: on('node02', (n) => {
      Object.assign(n.filesystems.get('/var/log') ?? {}, { freeBytes: 0 });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'warning',
  },
];
