/**
 * Takes sets out of a volume that are lost as a whole: their disks or nodes are gone, and nothing can be
 * carried away any more. Refuses a set of which any member runs. Nothing takes it back.
 */
import { changed } from '../model/definition.ts';
import { volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import { taskProblems } from '../view/absence.ts';
import { isOnline } from '../view/brick.ts';
import { drainedOwners } from '../view/drained.ts';
import { memberNodes } from '../view/pool.ts';
import { type Loss, lossOf } from '../view/loss.ts';
import { moversOf } from '../view/rebalance.ts';
import { placesOf } from '../view/removal.ts';
import type { View } from '../view/view.ts';
import { memberOf } from '../view/whole.ts';
import { defineAction } from './action.ts';
import { bricksIn, standingOf, volumeCommand } from './common.ts';
import { leavingIn, names, nodesLeft, type RemoveArgs, setsText, volumeIn } from './leaving-sets.ts';

/** Bricks whose node is left out, or that do not run and whose disk is gone, as the plan names bricks. */
export function lostIn(volume: StoreVolume, view: View): readonly string[] {
  return placesOf(
    volume.bricks.filter((brick) => lossOf(volume, brick, view) === 'gone'),
    view,
  );
}

const WHY: { readonly [loss in Exclude<Loss, 'gone'>]: string } = {
  left: 'is not lost: its files can be carried away',
  unread: 'cannot be read: unmount it where its disk is gone',
};

function problems(args: RemoveArgs, view: View): readonly string[] {
  const { volume: name, sets } = args;
  const volume = volumeIn(view, args);
  if (volume?.status !== 'started') return [`volume ${name} is not started: which bricks run is not known`];
  const leaving = leavingIn(args, volume, view);
  if (leaving.length !== sets.flat().length) return [`not all of these are bricks of volume ${name}`];
  if (leaving.length === volume.bricks.length) return [`volume ${name} would have no brick left`];
  const down = volume.bricks.filter((brick) => {
    const local = memberOf(volume, brick, view);
    return !leaving.includes(brick) && (local === undefined || !isOnline(local));
  });
  return [
    ...taskProblems(volume).map(({ message }) => message),
    ...moversOf(name, view).map((node) => `${node} still moves files of ${name}`),
    ...leaving.flatMap((brick) => {
      const loss = lossOf(volume, brick, view);
      return loss === 'gone' ? [] : [`${placesOf([brick], view).join('')} ${WHY[loss]}`];
    }),
    ...placesOf(down, view).map((place) => `${place} is down`),
    ...drainedOwners(name, view),
  ];
}

export const volumeRemoveLost = defineAction<'volume-remove-lost', RemoveArgs>({
  name: 'volume-remove-lost',
  risk: 'disruptive',
  risks: ({ sets }) =>
    sets.flat().map((brick) => ({
      risk: 'destructive',
      subject: `brick/${brick}`,
      why: 'files that only these bricks had are lost to the volume for good',
    })),
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: ({ volume, sets }, before) =>
    changed(before, volumeName(volume), (definition) => ({
      ...definition,
      bricks: definition.bricks.filter((brick) => !sets.flat().includes(brick)),
    })),
  nodes: nodesLeft,
  checkedAtCommit: true,
  takesOut: ({ sets }) => sets.flat().map((brick) => `brick/${brick}`),
  isFinal: {
    why: 'clients may have made the same files again',
    then: '"glusterctl recover FILE" makes the nodes agree',
  },
  summary: (args) => `take ${setsText(args)} out of volume ${args.volume}, though no file was moved: lost`,
  undo: () => 'none: a point of no return; what these bricks had is lost to the volume',
  requires: problems,
  calls(args, view) {
    const leaving = leavingIn(args, volumeIn(view, args), view);
    const command = ['remove-brick', args.volume, ...names(leaving), 'force'] as const;
    return leaving.length === 0 ? [] : volumeCommand(view, command, bricksIn(args.volume, view));
  },
  standing(args, view) {
    const copies = view.volumes.get(volumeName(args.volume))?.copies;
    return standingOf(memberNodes(view), (node) => {
      const copy = copies?.get(node);
      return copy !== undefined && leavingIn(args, copy, view).length === 0;
    });
  },
  inverse: () => [],
});
