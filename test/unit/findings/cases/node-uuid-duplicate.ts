/** Worlds that give `node-uuid-duplicate`. */
import { edit, nodeUuid } from '../../../worlds.ts';
import { type FindingCase, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a clone',
    world: on('node03', (n) => {
      edit(n, 'glusterd.info', replace(nodeUuid(3), nodeUuid(2)));
    }),
    subject: 'node/node03',
    nodes: ['node02', 'node03'],
  },
];
