/** A rebalance, or a removal of bricks, that is said to run, though no process moves files any more. */
import { listed } from '../core/text.ts';
import type { StoreVolume } from '../model/observed.ts';
import { rebalanceParts, stalledOn } from '../view/rebalance.ts';
import { lackingNodes, lackingWords, leavingWords, type Removal, removalOf } from '../view/removal.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const migrationStalled = defineFinding({
  code: 'migration-stalled',
  explain: {
    title: 'A rebalance, or a removal of bricks, has no process left',
    meaning:
      'A node says that its part is under way, and no process moves files. ' +
      'Files that were not moved stay where they are, and can be read.',
    cause: 'The process was killed, or crashed: glusterd does not start it again while it runs itself.',
    looksAt: 'vols/V/node_state.info on the nodes with bricks, and processes with "rebalance/V" in argv.',
    repair: 'apply begins the rebalance again, where the file does not say "rebalance: none".',
    risk:
      'None for files as long as nobody commits a removal: glusterd takes it for complete. Most other ' +
      'changes of the bricks of the volume are refused meanwhile.',
    byHand: [
      'gluster volume rebalance VOLUME start; gluster volume rebalance VOLUME status',
      'Of a removal: gluster volume remove-brick VOLUME BRICKS stop, then start again.',
    ],
  },
  repairedBy: ['volume-rebalance'],
  detect: (view) =>
    [...view.volumes.values()].flatMap(({ name, best }) => {
      const removal = removalOf(best, view);
      if (removal?.state === 'stalled') return [stalledRemoval(best, removal, view)];
      const nodes = stalledOn(best, view);
      if (nodes.length === 0) return [];
      return [
        {
          severity: 'warning' as const,
          subject: `volume/${name}`,
          nodes,
          message: `the rebalance of volume ${name} has no process left on ${listed(nodes)}, and did not end`,
          evidence: rebalanceParts(best, view).map(({ node, task }) =>
            witness(node, `vols/${name}/node_state.info`, task.status),
          ),
          remedy: `"glusterctl apply FILE" begins it again, or: gluster volume rebalance ${name} start`,
        },
      ];
    }),
});

const stalledRemoval = ({ name }: StoreVolume, removal: Removal, view: View): Found => ({
  severity: 'warning',
  subject: `volume/${name}`,
  nodes: lackingNodes(removal),
  message:
    `the removal of ${leavingWords(removal, view)} from volume ${name} has no process left, ` +
    'and did not end: files are left there',
  evidence: lackingWords(removal),
  remedy: `no commit, by which they would be lost; gluster volume remove-brick ${name} BRICKS stop`,
});
