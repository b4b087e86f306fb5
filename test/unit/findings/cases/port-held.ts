/** Worlds that give `port-held`: no repair starts a glusterd that could not listen. */
import { setMemory, type WorldNode } from '../../../worlds.ts';
import { type FindingCase, on } from '../case.ts';

const heldBy =
  (port: number, holder: { readonly pid: number | undefined; readonly name: string }) =>
  (n: WorldNode): void => {
    setMemory(n, 'down');
    n.otherPorts = new Map([[port, holder]]);
  };

export const CASES: readonly FindingCase[] = [
  {
    name: 'by another service',
    also: ['glusterd-down'],
    world: on('node02', heldBy(24007, { pid: 17, name: 'nginx' })),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['port 24007 is held by pid 17 (nginx)', 'stop that process on node02'],
    recovery: [],
  },
  {
    name: 'by the kernel, which has no process',
    also: ['glusterd-down'],
    world: on('node02', heldBy(24007, { pid: undefined, name: '' })),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['is held by another process'],
    recovery: [],
  },
  {
    name: 'another port, by glusterd.vol',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      n.daemonConfig = { ...n.daemonConfig, listenPort: 24100 };
      heldBy(24100, { pid: 17, name: 'nginx' })(n);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['port 24100 is held'],
    recovery: [],
  },
  {
    name: 'by a brick that inherited the socket of the glusterd before',
    also: ['glusterd-down'],
    world: on('node02', (n) => {
      setMemory(n, 'down');
      n.processes = n.processes.map((p) => (p.role === 'brick' ? { ...p, ports: [24007, ...p.ports] } : p));
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['(glusterfsd)'],
    recovery: [],
  },
];
