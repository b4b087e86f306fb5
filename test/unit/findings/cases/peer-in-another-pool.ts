/** Worlds that give `peer-in-another-pool`. */
import { believeVolume, removeTree, world } from '../../../worlds.ts';
import { type FindingCase, forget } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'volumes of its own',
    world: () => {
      const w = world({
        nodes: 4,
        volumes: [
          { name: 'v', bricks: ['node01:/bricks/d1/v', 'node02:/bricks/d1/v', 'node03:/bricks/d1/v'] },
          { name: 'own', bricks: ['node04:/bricks/d2/own'] },
        ],
      });
      for (const n of w.nodes)
        for (const other of w.nodes)
          if (n !== other && (n.node === 'node04') !== (other.node === 'node04'))
            forget(n, Number(other.node.slice(-1)));
      for (const n of w.nodes) {
        const name = n.node === 'node04' ? 'v' : 'own';
        removeTree(n, `vols/${name}`);
        believeVolume(n, name, () => undefined);
      }
      return w;
    },
    subject: 'node/node04',
    nodes: ['node04'],
    says: ['vols/own'],
  },
];
