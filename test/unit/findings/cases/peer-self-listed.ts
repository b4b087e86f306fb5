/** Worlds that give `peer-self-listed`, and what `recover` would do. */
import { addFile, type FindingCase, OLD_UUID, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'the old uuid, left after it was put back',
    world: on('node02', (n) => {
      addFile(n, `peers/${OLD_UUID}`, `uuid=${OLD_UUID}\nstate=3\nhostname1=node02\n`);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: [`on node02, glusterd stopped: remove peers/${OLD_UUID}`],
  },
];
