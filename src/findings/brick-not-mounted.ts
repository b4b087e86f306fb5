/** A brick whose file system is not where it was when it became a brick. */
import { brickReplace } from '../actions/brick-replace.ts';
import { brickFitness, trustedBricks } from '../view/brick.ts';
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
    repair: 'None by this tool: mounting is not its to do. Once it is mounted, the brick is started.',
    risk: '"volume start force" before the disk is mounted marks the empty directory below it as the brick.',
    byHand: ['Mount the file system.', 'gluster volume start VOLUME force'],
  },
  repairedBy: [brickReplace.name],
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const fitness = brickFitness(local);
      if (fitness !== 'missing' && fitness !== 'not-mounted') return [];
      const { facts, volume, brick, subject } = local;
      const { node } = facts;
      const at = facts.paths.get(brick.path);
      return [
        {
          severity: volume.status === 'started' ? ('error' as const) : ('warning' as const),
          subject,
          nodes: [node],
          message:
            at === undefined
              ? `the directory of brick ${node}:${brick.path} of volume ${volume.name} is not there: ` +
                'is its disk mounted?'
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
          remedy: `mount it on ${node}, then "glusterctl recover FILE". Do not use "start force" before`,
        },
      ];
    }),
});
