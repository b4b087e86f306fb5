/** glusterds that are down, killed or frozen, as data. */
import { at, everywhere, on } from '../recover-acts.ts';
import type { FaultCase } from '../recover-case.ts';

export const DAEMONS: readonly FaultCase[] = [
  {
    name: 'glusterd down, and its bricks with it',
    fault: on('node02', 'systemctl stop glusterd'),
    seen: [['node01', 'gluster peer status', /Disconnected/]],
    found: [['glusterd-down', 'node/node02', ['node02']]],
    beside: ['brick-offline'],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'glusterd killed',
    full: true,
    fault: (lab) => lab.node('node02').killGlusterd(),
    seen: [['node01', 'gluster peer status', /Disconnected/]],
    found: [['glusterd-down', 'node/node02', ['node02']]],
    beside: ['brick-offline'],
    ends: { as: 'recovered', restarts: [at('node02')] },
  },
  {
    name: 'glusterd frozen',
    full: true,
    fault: async (lab) => lab.node('node02').freezeGlusterd(),
    seen: [['node02', 'systemctl is-active glusterd', /^active/]],
    found: [['glusterd-hung', 'node/node02', ['node02']]],
    ends: { as: 'recovered' },
  },
  {
    name: 'every glusterd down, and all bricks',
    full: true,
    fault: everywhere((node) => on(node, 'systemctl stop glusterd')),
    seen: [['node01', 'gluster peer status 2>&1', /Connection failed/]],
    found: [
      ['glusterd-down', 'node/node01', ['node01']],
      ['glusterd-down', 'node/node02', ['node02']],
      ['glusterd-down', 'node/node03', ['node03']],
    ],
    beside: ['brick-offline'],
    ends: { as: 'recovered', failsWrites: true, restarts: [at('node01'), at('node02'), at('node03')] },
  },
  {
    name: 'every glusterd frozen',
    full: true,
    fault: async (lab) => {
      for (const node of lab.nodes) node.freezeGlusterd();
    },
    seen: [['node01', 'systemctl is-active glusterd', /^active/]],
    found: [
      ['glusterd-hung', 'node/node01', ['node01']],
      ['glusterd-hung', 'node/node02', ['node02']],
      ['glusterd-hung', 'node/node03', ['node03']],
    ],
    ends: { as: 'recovered' },
  },
];
