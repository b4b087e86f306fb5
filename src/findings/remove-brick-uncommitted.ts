/** Bricks whose files were carried away, and that are bricks of the volume still. */
import { lackingWords, leavingWords, removalOf } from '../view/removal.ts';
import { defineFinding } from './finding.ts';

export const removeBrickUncommitted = defineFinding({
  code: 'remove-brick-uncommitted',
  explain: {
    title: 'A removal of bricks waits for its commit',
    meaning:
      'The files of these bricks were moved to others, and nobody has taken the bricks out, or back. They ' +
      'take no new files meanwhile, and most other changes of the volume are refused.',
    cause: 'Somebody began to remove bricks, and did not come back to it.',
    looksAt: 'Bricks marked as decommissioned, and vols/V/node_state.info on the nodes that own them.',
    repair: 'None: the bricks are taken out, or kept, by a person.',
    risk:
      'Some files may be left on these bricks though every node says "completed": what is left is lost to ' +
      'the volume with the commit.',
    byHand: [
      'find BRICK -path BRICK/.glusterfs -prune -o -type f ! -perm 1000 -print, on each of them: nothing',
      'gluster volume remove-brick VOLUME BRICKS commit',
      'Or, to keep them: gluster volume remove-brick VOLUME BRICKS stop, then rebalance VOLUME start',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap(({ name, best }) => {
      const removal = removalOf(best, view);
      if (removal?.state !== 'completed') return [];
      return [
        {
          severity: 'warning' as const,
          subject: `volume/${name}`,
          nodes: removal.parts.map(({ node }) => node),
          message:
            `files of ${leavingWords(removal, view)} were moved to other bricks of volume ${name}, ` +
            'and the removal is not committed',
          evidence: lackingWords(removal),
          remedy: 'see that no file is left on these bricks; then "gluster volume remove-brick … commit"',
        },
      ];
    }),
});
