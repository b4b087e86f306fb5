/** Worlds that give `replaced-node-alive`. */
import { nodeName } from '../../../../src/model/names.ts';
import { type World, world } from '../../../worlds.ts';
import { type FindingCase, leaveOut } from '../case.ts';

/** The file has node04 in the place of node03. */
const replaced = (change: (w: World) => void) => (): World => {
  const w = world({ nodes: 3 });
  const nodes = w.desired.nodes.map((n) =>
    n.name === 'node03' ? { ...n, isAbsent: true as const, replacedBy: nodeName('node04') } : n,
  );
  w.desired = { ...w.desired, nodes };
  change(w);
  return w;
};

export const CASES: readonly FindingCase[] = [
  {
    name: 'one that answers',
    world: replaced(() => undefined),
    subject: 'node/node03',
    nodes: ['node03'],
    says: ['node03, which node04 is to replace, is alive', 'node03: ssh: it could be read'],
  },
  {
    name: 'one that does not answer, and that a peer is connected to',
    world: replaced((w) => {
      leaveOut(w, 3, true);
    }),
    subject: 'node/node03',
    nodes: ['node03'],
    also: ['node-left-out'],
    says: ['node01: gluster get-state: node03 Connected'],
  },
];
