/** A brick that carries the mark of another volume. */
import { brickReplace } from '../actions/brick-replace.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import { brickFitness, trustedBricks } from '../view/brick.ts';
import { isConflicted } from '../view/copies.ts';
import { defineFinding, witness } from './finding.ts';

export const brickVolumeIdForeign = defineFinding({
  code: 'brick-volume-id-foreign',
  explain: {
    title: 'Brick of another volume',
    meaning:
      'The directory of a brick carries the volume-id of another volume. ' +
      'glusterd does not start it, and should not.',
    cause:
      "Disks were mounted in each other's place, or the volume was deleted and created again " +
      'over old bricks.',
    looksAt: 'trusted.glusterfs.volume-id of the brick directory against volume-id in vols/V/info.',
    repair: 'None: the data below it belongs to something else.',
    risk: 'Overwriting the mark mixes the data of two volumes.',
    byHand: ['findmnt -T BRICK: is it the right disk?', 'Find the brick that carries the right id.'],
  },
  repairedBy: [brickReplace.name, volumeRemoveCopies.name, volumeRemoveLost.name],
  detect: (view) =>
    trustedBricks(view)
      .filter((local) => brickFitness(local) === 'foreign-volume-id')
      .flatMap(({ facts, volume, brick, subject }) => {
        const all = view.volumes.get(volume.name);
        if (all !== undefined && isConflicted(view, all)) return [];
        const { node } = facts;
        const id = facts.paths.get(brick.path)?.volumeId ?? '';
        const owner = [...view.volumes.values()].find((v) => v.best.id === id)?.name;
        return [
          {
            severity: 'error' as const,
            subject,
            nodes: [node],
            message:
              `brick ${node}:${brick.path} of volume ${volume.name} is marked as a brick of ` +
              (owner === undefined ? 'a volume that is not here' : `volume ${owner}`),
            evidence: [
              witness(node, `vols/${volume.name}/info`, `volume-id=${volume.id}`),
              witness(node, brick.path, `trusted.glusterfs.volume-id=${id}`),
            ],
            remedy: `check on ${node} that the right disk is mounted there; the mark is not overwritten`,
          },
        ];
      }),
});
