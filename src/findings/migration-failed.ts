/** A rebalance, or a removal of bricks, that ended, and has not moved all that it should have. */
import { count, listed } from '../core/text.ts';
import type { StoreVolume } from '../model/observed.ts';
import { rebalanceParts } from '../view/rebalance.ts';
import { lackingNodes, lackingWords, leavingWords, type Removal, removalOf } from '../view/removal.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const migrationFailed = defineFinding({
  code: 'migration-failed',
  explain: {
    title: 'A rebalance, or a removal of bricks, could not move some files',
    meaning: 'Files that were not moved stay where they are, and can be read.',
    cause:
      'A brick was down, the file systems of others have no room, or a client changed a file in the moment ' +
      'in which it was moved. Files that a rebalance skips, because their target is fuller than their ' +
      'source, do not count.',
    looksAt: 'The status and the failures in vols/V/node_state.info on the nodes with bricks.',
    repair: 'apply begins the rebalance again, where the file says "rebalance: auto".',
    risk: 'None for files, as long as nobody commits a removal by force.',
    byHand: [
      'grep "migrate-data failed" /var/log/glusterfs/VOLUME-rebalance.log, on each node that is named',
      'gluster volume rebalance VOLUME start',
      'Of a removal: gluster volume remove-brick VOLUME BRICKS stop, then start again.',
    ],
  },
  repairedBy: ['volume-rebalance'],
  detect: (view) =>
    [...view.volumes.values()].flatMap(({ name, best }) => {
      const removal = removalOf(best, view);
      if (removal?.state === 'lacking') return [lackingRemoval(best, removal, view)];
      const parts = rebalanceParts(best, view).filter(
        ({ task }) => task.status === 'failed' || (task.status === 'completed' && task.failures > 0),
      );
      if (parts.length === 0) return [];
      const nodes = parts.map(({ node }) => node);
      return [
        {
          severity: 'warning' as const,
          subject: `volume/${name}`,
          nodes,
          message: `the rebalance of volume ${name} has not moved all files on ${listed(nodes)}`,
          evidence: parts.map(({ node, task }) =>
            witness(
              node,
              `vols/${name}/node_state.info`,
              `${task.status}, ${count(task.files, 'file')} moved, ${String(task.failures)} failed`,
            ),
          ),
          remedy:
            `read /var/log/glusterfs/${name}-rebalance.log there; ` +
            '"glusterctl apply FILE" begins it again',
        },
      ];
    }),
});

const lackingRemoval = ({ name }: StoreVolume, removal: Removal, view: View): Found => ({
  severity: 'warning',
  subject: `volume/${name}`,
  nodes: lackingNodes(removal),
  message: `the removal of ${leavingWords(removal, view)} from volume ${name} has left files there`,
  evidence: lackingWords(removal),
  remedy:
    `read /var/log/glusterfs/${name}-rebalance.log there; ` +
    `then gluster volume remove-brick ${name} BRICKS stop, and start again`,
});
