/** Worlds that give `transaction-not-taken-over`. */
import { broken, bump, type FindingCase, OWNER, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'a node that is back and has the old version',
    world: broken((w) => {
      for (const name of ['node01', 'node02']) {
        const node = w.node(name);
        setOption(node, 'network.ping-timeout', '21');
        bump(node, 3);
        const owner = { ...OWNER, without: ['node03'] };
        node.transactions = [{ id: OWNER.transaction, state: 'committed', owner }];
      }
    }),
    subject: 'node/node03',
    nodes: ['node03'],
    severity: 'warning',
    also: ['volume-version-skew'],
    says: [
      `transaction ${OWNER.transaction} was made without node03, which has not taken it over yet`,
      'node01: vols/v/info: version=3',
      'node03: vols/v/info: version=2',
    ],
  },
];
