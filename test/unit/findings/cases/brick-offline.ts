/** Worlds that give `brick-offline`, and what `recover` would do. */
import { believePeer, nodeUuid } from '../../../worlds.ts';
import { BRICK, broken, type FindingCase, killBrick, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'killed',
    world: on('node02', killBrick),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    recovery: [`start brick node02:${BRICK} of volume v`],
  },
  {
    name: 'beside a node that cannot be reached, about which nothing is claimed',
    world: broken((w) => {
      w.node('node03').unreachable = true;
      for (const n of w.nodes) believePeer(n, nodeUuid(3), { connected: false });
      killBrick(w.node('node02'));
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    recovery: [`start brick node02:${BRICK} of volume v`],
  },
  {
    name: 'its port taken by another since: glusterd gives it a new one',
    world: on('node02', (n) => {
      const port = n.processes.find((p) => p.role === 'brick')?.ports[0] ?? 0;
      killBrick(n);
      n.otherPorts = new Map([[port, { pid: 17, name: 'nginx' }]]);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    recovery: [`start brick node02:${BRICK} by "volume start v force"`],
  },
  {
    name: 'marked for its volume and never filled: nothing starts it',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { gfid: false });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['do not start it: it is empty'],
    recovery: [],
  },
];
