/** Worlds that give `glusterd-down`, and what `recover` would do. */
import { believePeer, edit, nodeUuid, setMemory } from '../../../worlds.ts';
import { broken, type FindingCase, on } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'stopped, its brick still running',
    world: on('node02', (n) => {
      setMemory(n, 'down');
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['no glusterd'],
    recovery: ['start glusterd on node02, its bricks left running'],
  },
  {
    name: 'beside a service with its port, where glusterd listens on one address alone',
    world: on('node02', (n) => {
      setMemory(n, 'down');
      n.otherPorts = new Map([[24007, { pid: 17, name: 'nginx' }]]);
      const option = '    option transport.socket.bind-address 192.0.2.2\n';
      n.daemonConfig = {
        ...n.daemonConfig,
        raw: n.daemonConfig.raw.replace('end-volume', `${option}end-volume`),
      };
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: ['start glusterd on node02, its bricks left running'],
  },
  {
    name: 'up, and without a word for the record of a rebalance since a brick was replaced by hand',
    world: on('node02', (n) => {
      const process = n.processes.filter((p) => p.role === 'glusterd');
      setMemory(n, 'down');
      n.processes = [...n.processes.filter((p) => p.role !== 'glusterd'), ...process];
      const id = '0113bc7d-656c-47bc-8905-73182f881ec2';
      const record = ['rebalance_status=1', 'status=9', 'rebalance_op=19', `rebalance-id=${id}`];
      edit(n, 'vols/v/node_state.info', () => `${record.join('\n')}\n`);
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    says: ['was replaced after a rebalance', 'gluster volume rebalance v fix-layout start'],
    recovery: [],
  },
  {
    name: 'the others see it disconnected, which is no finding of its own',
    world: broken((w) => {
      setMemory(w.node('node02'), 'down');
      for (const n of w.nodes) believePeer(n, nodeUuid(2), { connected: false });
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    recovery: ['start glusterd on node02, its bricks left running'],
  },
];
