/** A brick that does not carry the mark of any volume. */
import { brickReplace } from '../actions/brick-replace.ts';
import { brickFitness, trustedBricks } from '../view/brick.ts';
import { defineFinding, witness } from './finding.ts';

export const brickVolumeIdMissing = defineFinding({
  code: 'brick-volume-id-missing',
  explain: {
    title: 'Brick without volume-id',
    meaning:
      'The directory of a brick does not carry the extended attribute ' +
      'trusted.glusterfs.volume-id. glusterd does not start it.',
    cause:
      'The disk was replaced and is empty, the directory was created again, ' +
      'or it was restored from a backup without extended attributes.',
    looksAt: 'The extended attributes of the brick directory.',
    repair: 'None by itself: a person has to distinguish an empty disk from a lost attribute.',
    risk:
      '"volume start force" sets the attribute without asking. ' +
      'With replica 2 an empty brick that is not marked as empty can be taken for the good one.',
    byHand: [
      'For an empty disk in a replica or disperse set: ' +
        'gluster volume reset-brick VOLUME BRICK start; ' +
        'gluster volume reset-brick VOLUME BRICK BRICK commit force',
      'Then wait for the heal: gluster volume heal VOLUME info summary',
    ],
  },
  repairedBy: [brickReplace.name],
  detect: (view) =>
    trustedBricks(view)
      .filter((local) => brickFitness(local) === 'no-volume-id')
      .map(({ facts, volume, brick, subject }) => {
        const { node } = facts;
        const at = facts.paths.get(brick.path);
        const isEmpty = at?.entries?.length === 0;
        return {
          severity: 'error' as const,
          subject,
          nodes: [node],
          message:
            `brick ${node}:${brick.path} of volume ${volume.name} carries no ` +
            `volume-id${isEmpty ? ' and is empty: the disk was replaced' : ''}`,
          evidence: [
            witness(node, `vols/${volume.name}/info`, `volume-id=${volume.id}`),
            witness(
              node,
              brick.path,
              'no trusted.glusterfs.volume-id; ' +
                `holds ${isEmpty ? 'nothing' : (at?.entries?.join(', ') ?? 'what could not be listed')}`,
            ),
          ],
          remedy:
            `if the disk is new: gluster volume reset-brick ${volume.name} ` +
            `${brick.hostname}:${brick.path} start, then … commit force`,
        };
      }),
});
