/** Worlds that give `brick-ports-used-up`: nothing starts a brick that gets no port. */
import { type FindingCase, killBrick, on } from '../case.ts';

const used = on('node02', (n) => {
  const port = n.processes.find((p) => p.role === 'brick')?.ports[0] ?? 0;
  killBrick(n);
  n.daemonConfig = { ...n.daemonConfig, basePort: 60000, maxPort: 60001 };
  n.otherPorts = new Map([
    [60000, { pid: 17, name: 'nginx' }],
    [60001, { pid: undefined, name: '' }],
    [port, { pid: 18, name: 'other' }],
  ]);
});

export const CASES: readonly FindingCase[] = [
  {
    name: 'in a narrow range that others listen in',
    also: ['brick-offline'],
    world: used,
    subject: 'node/node02',
    nodes: ['node02'],
    says: [
      'no port between 60000 and 60001 is free on node02',
      '60000 by pid 17 (nginx) and 60001 by another process',
      'raise max-port',
    ],
    recovery: [],
  },
];
