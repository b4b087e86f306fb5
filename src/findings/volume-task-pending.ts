/** A rebalance or removal of bricks that is not over. */
import { listed } from '../core/text.ts';
import { copiesOf } from '../view/copies.ts';
import { defineFinding, witness } from './finding.ts';

export const volumeTaskPending = defineFinding({
  code: 'volume-task-pending',
  explain: {
    title: 'A rebalance or remove-brick is pending',
    meaning:
      'Files of the volume are being moved, or have been moved and the removal waits for its ' +
      'commit. Most other changes of the volume are refused meanwhile.',
    cause: 'Somebody started it, and it is not over.',
    looksAt: 'node_state.info, and bricks marked as decommissioned.',
    repair: 'None: it has to end by itself, or to be stopped or committed by a person.',
    risk: 'Committing a removal before all files are moved loses those that are left.',
    byHand: [
      'gluster volume rebalance VOLUME status',
      'gluster volume remove-brick VOLUME BRICK status, then commit or stop',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap((volume) => {
      const busy = copiesOf(view, volume).filter(([, copy]) => copy.pendingTask !== undefined);
      const task = busy[0]?.[1].pendingTask;
      if (task === undefined) return [];
      const decommissioned = busy[0]?.[1].bricks.filter((b) => b.decommissioned) ?? [];
      return [
        {
          severity: 'info' as const,
          subject: `volume/${volume.name}`,
          nodes: busy.map(([n]) => n.node),
          message: `a ${task} of volume ${volume.name} is not over`,
          evidence: [
            `${listed(busy.map(([n]) => n.node))}: vols/${volume.name}/node_state.info: ${task}`,
            ...decommissioned.map((b) => witness(b.hostname, b.path, 'decommissioned=1')),
          ],
          remedy:
            'wait for it: gluster volume ' +
            (task === 'rebalance'
              ? `rebalance ${volume.name} status`
              : `remove-brick ${volume.name} BRICK status`),
        },
      ];
    }),
});
