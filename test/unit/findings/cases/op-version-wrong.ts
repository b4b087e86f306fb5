/** Worlds that give `op-version-wrong`, and what `recover` would do. */
import { believe, edit, setMemory, type WorldNode } from '../../../worlds.ts';
import { broken, type FindingCase, on, replace } from '../case.ts';

const tooHigh = (n: WorldNode): void => {
  edit(n, 'glusterd.info', replace('100000', '110000'));
};
const without = (n: WorldNode): void => {
  edit(n, 'glusterd.info', replace(/^operating-version=.*\n/m, ''));
};

export const CASES: readonly FindingCase[] = [
  {
    name: 'one that 10.3 does not know, and glusterd is down: it is not started with that',
    world: on('node02', (n) => {
      tooHigh(n);
      setMemory(n, 'down');
    }),
    also: ['glusterd-down'],
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['does not know operating version 110000', 'knows 100000 and below', 'is down'],
    recovery: ['on node02, glusterd stopped: write glusterd.info'],
  },
  {
    name: 'the same before a restart',
    world: on('node02', tooHigh),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['would not start again'],
    recovery: ['on node02, glusterd stopped: write glusterd.info'],
  },
  {
    name: 'one above what is known on all nodes, and all are down: nobody knows the right one',
    world: broken((w) => {
      for (const n of w.nodes) {
        edit(n, 'glusterd.info', replace('100000', '100001'));
        setMemory(n, 'down');
      }
    }),
    also: ['op-version-wrong', 'op-version-wrong', ...Array<string>(3).fill('glusterd-down')],
    subject: 'node/node01',
    nodes: ['node01'],
    says: ['100001', 'write operating-version=100000 '],
    recovery: [],
  },
  {
    name: 'no line, before a restart',
    world: on('node02', without),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    says: ['starts at version 1'],
    recovery: ['on node02, glusterd stopped: write glusterd.info'],
  },
  {
    name: 'no line on a node alone: as it runs',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node01') n.unreachable = true;
      without(w.node('node01'));
      believe(w.node('node01'), (s) => ({ ...s, opVersion: 100_000 }));
    }),
    subject: 'node/node01',
    nodes: ['node01'],
    recovery: ['on node01, glusterd stopped: write glusterd.info'],
  },
];
