/** Worlds that give `peer-one-way`, and what `recover` would do. */
import { nodeName } from '../../../../src/model/names.ts';
import { makeView } from '../../../../src/view/view.ts';
import { edit, idOf, nodeUuid, setMemory, type World, world } from '../../../worlds.ts';
import {
  broken,
  bump,
  type FindingCase,
  forget,
  INFO,
  on,
  removeVolume,
  replace,
  setOption,
} from '../case.ts';

const forgotten = (w: World): void => {
  for (const n of w.nodes) if (n.node !== 'node03') forget(n, 3);
};
const PUT_BACK = ['node01', 'node02']
  .map((n) => `on ${n}, glusterd stopped: write peers/${nodeUuid(3)}`)
  .join('; ');

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
    name: 'no member lists it any more: it takes from them what it has missed',
    world: broken((w) => {
      forgotten(w);
      bump(w.node('node03'), 1);
    }),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    says: ['is not known there', 'the missing peers file has to be written'],
    recovery: [`${PUT_BACK}; on node03, glusterd stopped: take the definition of volume v from node01`],
  },
  {
    name: 'nor has it a volume that was made meanwhile',
    world: broken((w) => {
      forgotten(w);
      removeVolume(w.node('node03'));
      w.node('node03').processes = w.node('node03').processes.filter((p) => p.role === 'glusterd');
    }),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    recovery: [`${PUT_BACK}; on node03, glusterd stopped: take the definition of volume v from node01`],
  },
  {
    name: 'no member lists it any more, and all have the same',
    world: broken(forgotten),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    recovery: [PUT_BACK],
  },
  {
    name: 'of two, the first is known to none',
    world: () => {
      const w = world({ nodes: 2 });
      forget(w.node('node02'), 1);
      bump(w.node('node01'), 9);
      return w;
    },
    subject: 'peer/node01',
    nodes: ['node02'],
    also: ['volume-version-skew'],
    says: ['node01 has a later version of volume v'],
  },
  ...[
    {
      name: 'they would take a later version from it',
      change: (w: World): void => {
        bump(w.node('node03'), 9);
      },
      says: 'node03 has a later version of volume v',
    },
    {
      name: 'it has the same version otherwise',
      change: (w: World): void => {
        setOption(w.node('node03'), 'auth.allow', '192.0.2.1');
      },
      says: 'node03 has volume v in the same version, but otherwise',
    },
    {
      name: 'its volume of that name is another one',
      change: (w: World): void => {
        edit(w.node('node03'), INFO, replace(/^volume-id=.*$/m, `volume-id=${idOf(7, 1)}`));
      },
      also: ['brick-volume-id-foreign', 'volume-memory-disk-mismatch'],
      says: 'on node03, volume v has another volume-id',
    },
    {
      name: 'they would take a volume from it',
      change: (w: World): void => {
        for (const n of ['node01', 'node02']) {
          removeVolume(w.node(n));
          w.node(n).processes = w.node(n).processes.filter((p) => p.role === 'glusterd');
        }
      },
      says: 'node03 alone has volume v',
    },
    {
      name: 'they do not agree themselves',
      change: (w: World): void => {
        bump(w.node('node02'), 9);
      },
      also: ['volume-version-skew'],
      says: 'node01 and node02 do not agree on volume v',
    },
  ].map(({ name, change, also = [], says }) => ({
    name: `no member lists it any more, and ${name}`,
    also,
    world: broken((w) => {
      forgotten(w);
      change(w);
    }),
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    says: [says, 'decide which copy is right'],
    recovery: [],
  })),
  {
    name: 'no member lists it any more, and the file wants it absent',
    world: () => {
      const w = broken(forgotten)();
      const leaving = new Set([nodeName('node03')]);
      return { ...w, view: () => makeView({ ...w.observed(), leaving }) };
    },
    subject: 'peer/node03',
    nodes: ['node01', 'node02'],
    says: ['the file says that node03 is to be absent'],
    recovery: [],
  },
];
