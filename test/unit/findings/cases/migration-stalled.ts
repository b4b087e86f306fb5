/** Worlds that give `migration-stalled`. */
import { edit } from '../../../worlds.ts';
import { broken, type FindingCase, leaving } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a part that is said to run, and no process is left anywhere',
    world: broken((w) => {
      edit(w.node('node02'), 'vols/v/node_state.info', (text) =>
        text
          .replace('rebalance_status=0', 'rebalance_status=1')
          .replace(/^status=0/m, 'status=1')
          .replace('rebalance_op=0', 'rebalance_op=19'),
      );
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    severity: 'warning',
    says: ['node02: vols/v/node_state.info: running'],
  },
  {
    name: 'a removal of bricks whose process was killed',
    world: broken((w) => {
      leaving(w, { status: 1 });
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
    says: ['the removal of node03:/bricks/d1/v', 'files are left there', 'node03: running'],
  },
];
