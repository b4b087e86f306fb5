/** Worlds that give `peer-file-leftover`. */
import { nodeUuid } from '../../../worlds.ts';
import { addFile, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'from a probe',
    world: on('node01', (n) => {
      addFile(n, 'peers/node02', `uuid=${nodeUuid(2)}\nstate=1\nhostname1=node02\n`);
    }),
    subject: 'node/node01',
    nodes: ['node01'],
    severity: 'info',
  },
];
