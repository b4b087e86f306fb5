/** Worlds that give `migration-failed`. */
import { edit } from '../../../worlds.ts';
import { broken, type FindingCase, leaving } from '../case.ts';

const ended =
  (status: number, failures: number) =>
  (text: string): string =>
    text
      .replace('rebalance_status=0', 'rebalance_status=1')
      .replace(/^status=0/m, `status=${String(status)}`)
      .replace('failures=0', `failures=${String(failures)}`);

export const CASES: readonly FindingCase[] = [
  {
    name: 'files that could not be moved',
    world: broken((w) => {
      edit(w.node('node02'), 'vols/v/node_state.info', ended(3, 7));
    }),
    subject: 'volume/v',
    nodes: ['node02'],
    severity: 'warning',
    says: ['completed', '7 failed'],
  },
  {
    name: 'a part that failed',
    world: broken((w) => {
      edit(w.node('node01'), 'vols/v/node_state.info', ended(4, 0));
    }),
    subject: 'volume/v',
    nodes: ['node01'],
    severity: 'warning',
    says: ['failed', 'v-rebalance.log'],
  },
  {
    name: 'a removal of bricks that left files there',
    world: broken((w) => {
      leaving(w, { status: 3, skipped: 4 });
    }),
    subject: 'volume/v',
    nodes: ['node03'],
    severity: 'warning',
    says: ['the removal of node03:/bricks/d1/v', '4 skipped'],
  },
];
