/** Worlds that give `volume-memory-disk-mismatch`, and what `recover` would do. */
import { believeVolume, edit, removeTree } from '../../../worlds.ts';
import { broken, type FindingCase, INFO, killBrick, on, removeVolume, replace, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'edited under a running glusterd, which the others explain: not reported again as a mismatch',
    world: broken((w) => {
      for (const n of w.nodes) setOption(n, 'user.a', '1');
      edit(w.node('node03'), INFO, replace('user.a=1', 'user.a=7'));
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['user.a=7; in memory: 1', 'node01 and node02: vols/v/info: user.a=1'],
    recovery: [
      'on node03, glusterd stopped: take the definition of volume v from node01, rewrite all volfiles',
    ],
  },
  {
    name: 'options, both ways',
    world: on('node02', (n) => {
      believeVolume(n, 'v', (v) => ({ ...v, status: 'stopped' }));
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    says: ['status=started; in memory: stopped'],
    recovery: ['on node02, glusterd stopped: take the definition of volume v from node01'],
  },
  {
    name: 'a volume that glusterd does not have',
    world: on('node02', (n) => {
      believeVolume(n, 'v', () => undefined);
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    recovery: ['on node02, glusterd stopped: take the definition of volume v from node01'],
  },
  {
    name: 'a volume that no disk has, in the memory of one',
    world: broken((w) => {
      w.desired = { ...w.desired, volumes: [] };
      for (const n of w.nodes) {
        killBrick(n);
        if (n.node === 'node03') removeTree(n, 'vols/v');
        else removeVolume(n);
      }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    says: ['its memory is the only copy'],
    recovery: [],
  },
];
