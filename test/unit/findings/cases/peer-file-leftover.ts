/** Worlds that give `peer-file-leftover`, and what `recover` would do. */
import { NULL_UUID } from '../../../../src/model/names.ts';
import { nodeUuid } from '../../../worlds.ts';
import { addFile, type FindingCase, on } from '../case.ts';

const CONTENTS = [
  { name: 'from a probe', file: 'node02', text: `uuid=${nodeUuid(2)}\nstate=1\nhostname1=node02\n` },
  {
    name: 'of a peer that has not answered',
    file: 'node09',
    text: `uuid=${NULL_UUID}\nstate=0\nhostname1=node09\n`,
  },
  {
    name: 'a backup with a name that leads nowhere: nobody calls the peer by it',
    file: `${nodeUuid(2)}.bak`,
    text: `uuid=${nodeUuid(2)}\nstate=3\nhostname1=elsewhere\n`,
  },
  { name: 'an empty backup, which is not damaged', file: `${nodeUuid(2)}.bak`, text: '' },
  {
    name: 'named after the null uuid: no peer that nobody has',
    file: NULL_UUID,
    text: `uuid=${NULL_UUID}\nstate=3\nhostname1=node02\n`,
  },
];

export const CASES: readonly FindingCase[] = CONTENTS.map(({ name, file, text }) => ({
  name,
  world: on('node01', (n) => {
    addFile(n, `peers/${file}`, text);
  }),
  subject: 'node/node01',
  nodes: ['node01'],
  severity: 'warning',
  says: [`passes over peers/${file}`],
  recovery: [
    `on node01, glusterd stopped: move peers/${file} out of the store, into the folder of this transaction`,
  ],
}));
