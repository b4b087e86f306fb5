/** Worlds that give `node-uuid-changed`, and what `recover` would do. */
import { edit, nodeUuid } from '../../../worlds.ts';
import { addFile, type FindingCase, OLD_UUID, on, replace } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a new uuid after glusterd.info was emptied',
    world: on('node02', (n) => {
      edit(n, 'glusterd.info', replace(nodeUuid(2), OLD_UUID));
      addFile(n, `peers/${nodeUuid(2)}`, `uuid=${nodeUuid(2)}\nstate=3\nhostname1=node02\n`);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: [`UUID=${OLD_UUID}`, `peers/${nodeUuid(2)}`, 'vols/v/bricks'],
    recovery: [
      `on node02, glusterd stopped: write glusterd.info, remove peers/${nodeUuid(2)}, ` +
        `write peers/${nodeUuid(1)}, write peers/${nodeUuid(3)}`,
    ],
  },
];
