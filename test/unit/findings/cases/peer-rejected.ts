/** Worlds that give `peer-rejected`, and what `recover` would do. */
import { believeBrick, believePeer, believeVolume, edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { broken, type FindingCase, INFO, killBrick, replace, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'because of an option',
    world: broken((w) => {
      setOption(w.node('node03'), 'nfs.rpc-auth-allow', '*');
      for (const [a, b] of [
        [1, 3],
        [2, 3],
        [3, 1],
        [3, 2],
      ] as const)
        believePeer(w.node(`node0${String(a)}`), nodeUuid(b), { state: 'Peer Rejected' });
    }),
    also: ['volume-config-mismatch'],
    subject: 'peer/node03',
    nodes: ['node01', 'node02', 'node03'],
    says: [
      'because of volume v',
      'nfs.rpc-auth-allow=*',
      'node01 and node02: vols/v/info: no nfs.rpc-auth-allow',
      'neither side win',
    ],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'for no reason that is left: the one that the others reject compares with a stale checksum',
    world: broken((w) => {
      for (const [a, b] of [
        [1, 2],
        [3, 2],
        [2, 1],
        [2, 3],
      ] as const)
        believePeer(w.node(`node0${String(a)}`), nodeUuid(b), { state: 'Peer Rejected' });
    }),
    subject: 'peer/node02',
    nodes: ['node01', 'node02', 'node03'],
    says: ['volumes are equal now', 'a stale checksum'],
    recovery: ['on node02, glusterd stopped: nothing but the restart'],
  },
  {
    name: 'for no reason that is left, of two: nobody knows whose checksum is stale',
    world: broken((w) => {
      believePeer(w.node('node01'), nodeUuid(2), { state: 'Peer Rejected' });
      believePeer(w.node('node02'), nodeUuid(1), { state: 'Peer Rejected' });
    }),
    subject: 'peer/node01',
    nodes: ['node01', 'node02'],
    recovery: [
      ['node01', 'node02'].map((n) => `on ${n}, glusterd stopped: nothing but the restart`).join('; '),
    ],
  },
  {
    name: 'for no reason that is left, beside a volume that the file does not name and nobody disputes',
    world: broken((w) => {
      for (const n of w.nodes) {
        edit(n, INFO, replace('status=1', 'status=0'));
        believeVolume(n, 'v', (v) => ({ ...v, status: 'created' }));
        killBrick(n);
      }
      w.desired = { ...w.desired, volumes: [] };
      believePeer(w.node('node01'), nodeUuid(2), { state: 'Peer Rejected' });
      believePeer(w.node('node02'), nodeUuid(1), { state: 'Peer Rejected' });
    }),
    subject: 'peer/node01',
    nodes: ['node01', 'node02'],
    recovery: [
      ['node01', 'node02'].map((n) => `on ${n}, glusterd stopped: nothing but the restart`).join('; '),
    ],
  },
  {
    name: 'for no reason that is left, by the store of a glusterd that is down',
    world: broken((w) => {
      for (const n of w.nodes) if (n.node !== 'node02') believePeer(n, nodeUuid(2), { connected: false });
      setMemory(w.node('node02'), 'down');
      edit(w.node('node02'), `peers/${nodeUuid(1)}`, replace('state=3', 'state=6'));
    }),
    also: ['glusterd-down'],
    subject: 'peer/node02',
    nodes: ['node01', 'node02'],
    says: ['volumes are equal now'],
    recovery: ['start glusterd on node02, its bricks left running'],
  },
  {
    name: 'after a restart: bricks that wait for peers are not reported again',
    world: broken((w) => {
      setOption(w.node('node03'), 'user.a', '1');
      for (const n of [1, 2]) believePeer(w.node('node03'), nodeUuid(n), { state: 'Peer Rejected' });
      believeBrick(w.node('node03'), 'v', { status: 'Stopped' });
      believeVolume(w.node('node03'), 'v', (v) => ({ ...v, selfHealOnline: false }));
    }),
    also: ['volume-config-mismatch'],
    subject: 'peer/node03',
    nodes: ['node01', 'node02', 'node03'],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
];
