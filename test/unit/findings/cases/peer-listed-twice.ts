/** Worlds that give `peer-listed-twice`, and what `recover` would do. */
import { edit, type World } from '../../../worlds.ts';
import { addFile, broken, brickFile, type FindingCase, OLD_UUID, replace } from '../case.ts';
import { nodeUuid } from '../../../worlds.ts';

const listOn = (w: World, ...names: readonly string[]): void => {
  for (const name of names)
    addFile(w.node(name), `peers/${OLD_UUID}`, `uuid=${OLD_UUID}\nstate=3\nhostname1=node02\n`);
};

export const CASES: readonly FindingCase[] = [
  {
    name: 'on the others, and by now on the node itself',
    world: broken((w) => {
      listOn(w, 'node01', 'node02', 'node03');
    }),
    also: ['peer-self-listed'],
    subject: 'peer/node02',
    nodes: ['node01', 'node02', 'node03'],
    severity: 'error',
    says: [`under ${OLD_UUID}, which no node has`],
    recovery: [
      ['node01', 'node02', 'node03']
        .map((n) => `on ${n}, glusterd stopped: remove peers/${OLD_UUID}`)
        .join('; '),
    ],
  },
  {
    name: 'on one',
    world: broken((w) => {
      listOn(w, 'node01');
    }),
    subject: 'peer/node02',
    nodes: ['node01'],
    recovery: [`on node01, glusterd stopped: remove peers/${OLD_UUID}`],
  },
  {
    name: 'and a brick belongs to the old one: asked',
    world: broken((w) => {
      listOn(w, 'node01', 'node03');
      for (const n of w.nodes) edit(n, brickFile(2), replace(nodeUuid(2), OLD_UUID));
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node03'],
    says: ['belongs to'],
    recovery: [],
  },
];
