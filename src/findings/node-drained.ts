/** Nodes that somebody has taken out of service. */
import { DRAIN_MARK } from '../model/transaction.ts';
import { brickProcessesOn } from '../actions/drain.ts';
import { drainWords } from '../view/drained.ts';
import { defineFinding, witness } from './finding.ts';

export const nodeDrained = defineFinding({
  code: 'node-drained',
  explain: {
    title: 'A drained node',
    meaning:
      'Somebody has taken the node out of service. Its bricks are left as they are: nothing starts them, ' +
      'and nothing is done that would start them or that touches their replica sets.',
    cause: '"glusterctl drain FILE NODE", before work on the node.',
    looksAt: '/var/lib/glusterctl/drained on the node, and the processes of its bricks.',
    repair:
      'None: "glusterctl undrain FILE NODE" starts its bricks, waits for their heals and removes the mark.',
    risk:
      'Until then every replica set with a brick there has one copy less. A reboot of the node, a restart ' +
      'of its glusterd, or a forced start of a volume brings its bricks up though the mark is there.',
    byHand: ['glusterctl undrain FILE NODE'],
  },
  detect: (view) =>
    view.nodes.flatMap((facts) => {
      const { node, drained } = facts;
      if (drained === undefined) return [];
      const running = brickProcessesOn(facts).length;
      return [
        {
          severity: 'info' as const,
          subject: `node/${node}`,
          nodes: [node],
          message:
            running === 0
              ? `${node} is ${drainWords(drained)}`
              : `${node} is ${drainWords(drained)}; its bricks are up again`,
          evidence: [
            witness(node, DRAIN_MARK, 'is there'),
            witness(node, '/proc', `brick processes: ${String(running)}`),
          ],
          remedy: `when the work is done: glusterctl undrain FILE ${node}`,
        },
      ];
    }),
});
