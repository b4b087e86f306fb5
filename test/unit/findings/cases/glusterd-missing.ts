/** Worlds that give `glusterd-missing`. */
import { setMemory, world } from '../../../worlds.ts';
import { type FindingCase, forget } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'no package',
    world: () => {
      const w = world({ volumes: [] });
      const n = w.node('node03');
      n.version = undefined;
      setMemory(n, 'absent');
      for (const m of w.nodes) forget(m, 3);
      n.files.clear();
      n.directories.clear();
      return w;
    },
    subject: 'node/node03',
    nodes: ['node03'],
  },
];
