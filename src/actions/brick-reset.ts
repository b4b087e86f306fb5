/**
 * A brick whose disk was exchanged: glusterd makes the empty directory the brick again, and marks all files
 * of the others for it. Refuses a directory that holds anything, and the only good copy of anything.
 */
import { nodeName, volumeName } from '../model/names.ts';
import { type LocalBrick, locate } from '../view/brick.ts';
import { newDiskOf } from '../view/new-disk.ts';
import { memberNodes } from '../view/pool.ts';
import { healsUnderWay, leavingIn, type Replacing, resetProblems } from '../view/replacement.ts';
import { brickProcesses, servedByMultiplex, type View } from '../view/view.ts';
import { defineAction, type Standing } from './action.ts';
import { filesystemProblems } from './brick-path.ts';
import { bricksIn, countByNode, newRebalanceRecord, portProblems, volumeCommand } from './common.ts';

type Args = {
  readonly volume: string;
  readonly node: string;
  readonly path: string;
  /** A person has said that the disk is new, where the mount does not show it. */
  readonly isSaid: boolean;
};

const asReplacing = ({ volume, node, path }: Args): Replacing => ({
  volume,
  from: { node, path },
  to: { node, path },
});

const isServed = ({ facts, volume, brick }: LocalBrick): boolean =>
  brickProcesses(facts, volume.name, brick.path).length > 0 ||
  servedByMultiplex(facts, brick, volume.name) !== undefined;

const endOf = ({ volume, brick }: LocalBrick): string =>
  `gluster volume reset-brick ${volume.name} ${brick.hostname}:${brick.path} start`;

/** Marked, and not served by anything yet: its files are not those of the others. */
function standing(args: Args, view: View): Standing {
  const local = locate(args, view);
  const at = local?.facts.paths.get(args.path);
  if (local === undefined || at === undefined || at.volumeId !== local.volume.id) return 'undone';
  const copies = view.volumes.get(volumeName(args.volume))?.copies;
  const versions = new Set(memberNodes(view).map((n) => copies?.get(n)?.version));
  return at.gfid && versions.size === 1 ? 'done' : 'partial';
}

export const brickReset = defineAction<'brick-reset', Args>({
  name: 'brick-reset',
  risk: 'disruptive',
  subject: (args) => `brick/${args.node}:${args.path}`,
  volumes: (args) => [volumeName(args.volume)],
  /** The same bricks in the same places. */
  becomes: () => new Map(),
  nodes: (args, view) => [
    ...new Set([
      nodeName(args.node),
      ...(leavingIn(asReplacing(args), view)?.set.bricks.flatMap((b) => view.ownerOf(b) ?? []) ?? []),
    ]),
  ],
  summary: ({ volume, node, path }) => `reset brick ${node}:${path} of volume ${volume}, whose disk is new`,
  undo: () => 'none: the brick is empty, and is filled from the others of its set',
  isFinal: {
    why: 'without the marks that it sets on the others, an empty brick would count as a copy',
    then: '"glusterctl recover FILE" makes the nodes agree; then the same command resets it once more',
  },
  checkedAtCommit: true,
  fillsBricks: true,
  requires: (args, view, { policy }) => {
    const { volume, node, path, isSaid } = args;
    const place = `${node}:${path}`;
    const local = locate(args, view);
    if (local === undefined) return [`${place} is not a brick of ${volume} on that node`];
    const disk = newDiskOf(local, view);
    const replacing = asReplacing(args);
    return [
      ...(disk === undefined ? [`${place} is not the empty directory of a new disk`] : []),
      ...(disk === 'unproved' && !isSaid
        ? [`whether the file system of ${place} is mounted is not known`]
        : []),
      ...(isServed(local)
        ? [`a process still serves ${place}, from the disk that was there: ${endOf(local)}`]
        : []),
      ...resetProblems(replacing, view).map((p) => [p.message, ...p.evidence].join('; ')),
      ...healsUnderWay(replacing, view),
      ...filesystemProblems(path, local.facts, policy).map((problem) => `${place} ${problem}`),
      ...portProblems(countByNode([local.facts.node]), view),
    ];
  },
  calls(args, view) {
    const brick = leavingIn(asReplacing(args), view)?.leaving;
    const local = locate(args, view);
    if (brick === undefined || local === undefined || newDiskOf(local, view) === undefined) return [];
    const word = `${brick.hostname}:${brick.path}`;
    const command = ['reset-brick', args.volume, word, word, 'commit', 'force'] as const;
    return [
      ...volumeCommand(view, command, bricksIn(args.volume, view)),
      ...newRebalanceRecord(args.volume, view),
    ];
  },
  standing,
  /** The process comes after the answer. */
  effectMs: 16_000,
  inverse: () => [],
});
