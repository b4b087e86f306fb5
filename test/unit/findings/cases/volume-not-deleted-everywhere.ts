/** Worlds that give `volume-not-deleted-everywhere`, and what `recover` would do. */
import { removeTree } from '../../../worlds.ts';
import { BRICK, broken, type FindingCase, killBrick, markAbsent, removeVolume } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'one node still has it',
    world: broken((w) => {
      markAbsent(w);
      for (const n of w.nodes)
        if (n.node !== 'node03') {
          removeVolume(n);
          killBrick(n);
        }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    recovery: [`end process 1000 of node03:${BRICK}`, 'on node03, glusterd stopped: remove vols/v'],
  },
  {
    name: 'in the memory of one node only',
    world: broken((w) => {
      markAbsent(w);
      for (const n of w.nodes) {
        killBrick(n);
        if (n.node === 'node03') removeTree(n, 'vols/v');
        else removeVolume(n);
      }
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    recovery: ['on node03, glusterd stopped: remove vols/v'],
  },
];
