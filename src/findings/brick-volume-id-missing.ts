/** A brick that does not carry the mark of any volume. */
import { brickReplace } from '../actions/brick-replace.ts';
import { brickReset } from '../actions/brick-reset.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import { brickFitness, type LocalBrick, trustedBricks } from '../view/brick.ts';
import { newDiskOf } from '../view/new-disk.ts';
import type { View } from '../view/view.ts';
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
    repair:
      'None by recover. "glusterctl apply FILE" resets the brick where its directory is empty ' +
      'and its file system is mounted where it was; ' +
      'where the mount does not show that, with "--new-disk brick/NODE:/PATH". ' +
      'The brick is filled from the others of its set. ' +
      'A directory with files in it is left alone: a person has to say whose they are.',
    risk:
      '"volume start force" sets the attribute without asking. ' +
      'With replica 2 an empty brick that is not marked as empty can be taken for the good one. ' +
      'A brick of a distribute volume has the only copy of its files: nothing brings them back.',
    byHand: [
      'For an empty disk in a replica or disperse set: ' +
        'gluster volume reset-brick VOLUME BRICK BRICK commit force',
      'Then wait for the heal: gluster volume heal VOLUME info summary',
      'Of a distribute volume: put the old disk back. Where its files are lost: take the brick out of the ' +
        'file, then glusterctl apply FILE --allow-destroy brick/NODE:/PATH',
      'For an attribute that was lost, with the files all there: ' +
        'setfattr -n trusted.glusterfs.volume-id -v 0xVOLUMEID DIRECTORY, ' +
        'with the id of the volume without dashes; then gluster volume start VOLUME force',
    ],
  },
  repairedBy: [brickReplace.name, volumeRemoveCopies.name, volumeRemoveLost.name, brickReset.name],
  detect: (view) =>
    trustedBricks(view)
      .filter((local) => brickFitness(local) === 'no-volume-id')
      .map((local) => {
        const { facts, volume, brick, subject } = local;
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
          remedy: remedyOf(local, view),
        };
      }),
});

function remedyOf(local: LocalBrick, view: View): string {
  const { volume, subject } = local;
  if (volume.layout.kind === 'distribute')
    return 'its files are on its old disk alone: "glusterctl explain brick-volume-id-missing"';
  switch (newDiskOf(local, view)) {
    case 'proved':
      return 'the disk is new: "glusterctl apply FILE" resets the brick, and it is healed from the others';
    case 'unproved':
      return `if its disk is new: glusterctl apply FILE --new-disk ${subject}`;
    case undefined:
      return 'find out whose files these are: "glusterctl explain brick-volume-id-missing"';
  }
}
