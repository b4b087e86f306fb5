/** A brick whose file system is not where it was when it became a brick. */
import { brickReplace } from '../actions/brick-replace.ts';
import { brickReset } from '../actions/brick-reset.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import { brickFitness, trustedBricks } from '../view/brick.ts';
import { newDiskOf } from '../view/new-disk.ts';
import { relativeToMount } from '../view/mount.ts';
import { defineFinding, witness } from './finding.ts';

export const brickNotMounted = defineFinding({
  code: 'brick-not-mounted',
  explain: {
    title: 'Brick not mounted',
    meaning:
      'The directory of a brick lies on another file system than the one it was created on, ' +
      'or is not there: its disk is not mounted.',
    cause: 'A missing line in /etc/fstab, a disk that failed or came up too late, or an unmount by hand.',
    looksAt:
      'mount_dir in the brick file (the path of the brick below its mount point) against the ' +
      'mount point that the path has now.',
    repair:
      'None by this tool: mounting is not its to do. Once it is mounted, the brick is started. ' +
      'On a new disk that is mounted there, its directory is empty, or not there: ' +
      '"glusterctl apply FILE" resets the brick. ' +
      'Where the new disk is mounted elsewhere: "--new-disk brick/NODE:/PATH".',
    risk: '"volume start force" before the disk is mounted marks the empty directory below it as the brick.',
    byHand: ['Mount the file system.', 'gluster volume start VOLUME force'],
  },
  repairedBy: [brickReplace.name, volumeRemoveCopies.name, volumeRemoveLost.name, brickReset.name],
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const fitness = brickFitness(local);
      if (fitness !== 'missing' && fitness !== 'not-mounted') return [];
      const { facts, volume, brick, subject } = local;
      const { node } = facts;
      const at = facts.paths.get(brick.path);
      const disk = newDiskOf(local, view);
      return [
        {
          severity: volume.status === 'started' ? ('error' as const) : ('warning' as const),
          subject,
          nodes: [node],
          message:
            at === undefined
              ? `the directory of brick ${node}:${brick.path} of volume ${volume.name} is not there: ` +
                (disk === 'proved' ? 'its file system is mounted, and new' : 'is its disk mounted?')
              : `the file system of brick ${node}:${brick.path} of volume ${volume.name} is not mounted`,
          evidence: [
            witness(node, `vols/${volume.name}/bricks/${brick.file}`, `mount_dir=${brick.mountDir}`),
            at === undefined
              ? witness(node, brick.path, 'does not exist')
              : witness(
                  node,
                  brick.path,
                  `lies on ${at.mountPoint}, as ${relativeToMount(facts, brick.path)}`,
                ),
          ],
          remedy:
            disk === 'proved'
              ? '"glusterctl apply FILE" resets the brick, and it is healed from the others'
              : `mount it on ${node}, then "glusterctl recover FILE". Do not use "start force" before` +
                (disk === 'unproved'
                  ? `. If its disk is new: glusterctl apply FILE --new-disk ${subject}`
                  : ''),
        },
      ];
    }),
});
