/** Worlds that give `peer-one-way`, and what `recover` would do. */
import { nodeUuid, setMemory } from '../../../worlds.ts';
import { broken, bump, type FindingCase, forget, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'node03 has lost node01',
    world: on('node03', (n) => {
      forget(n, 1);
    }),
    subject: 'peer/node01',
    nodes: ['node03'],
    says: ['node03 does not know node01'],
    recovery: [`on node03, glusterd stopped: write peers/${nodeUuid(1)}`],
  },
  {
    name: 'glusterd does not start without the owner of a brick',
    also: ['glusterd-down'],
    world: on('node03', (n) => {
      forget(n, 1);
      setMemory(n, 'down');
    }),
    subject: 'peer/node01',
    nodes: ['node03'],
    says: ['glusterd on node03 is down, and does not start without it'],
    recovery: [`on node03, glusterd stopped: write peers/${nodeUuid(1)}`],
  },
  {
    name: 'detached by force while away: old volumes are not compared',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node03') forget(n, 3);
      bump(w.node('node03'), 1);
    }),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    says: ['is not known there'],
    recovery: [],
  },
];
