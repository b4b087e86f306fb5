/** Worlds that give `peer-unknown`. */
import { nodeUuid } from '../../../worlds.ts';
import { addFile, broken, type FindingCase } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a fourth node',
    world: broken((w) => {
      for (const n of w.nodes)
        addFile(n, `peers/${nodeUuid(4)}`, `uuid=${nodeUuid(4)}\nstate=3\nhostname1=node04\n`);
    }),
    subject: 'peer/node04',
    nodes: ['node01', 'node02', 'node03'],
  },
];
