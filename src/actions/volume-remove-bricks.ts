/**
 * Takes whole sets of bricks out of a volume: their files are carried to the others, which goes on by itself,
 * and only then the bricks go. Owns what has to be so before each: glusterd asks for little of it, and its
 * word for "done" does not say that no file is left.
 */
import { changed, type Definition } from '../model/definition.ts';
import { brickPath, nodeName, volumeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { setWords } from '../view/absence.ts';
import { bricksOf, isOnline } from '../view/brick.ts';
import { drainedOwners } from '../view/drained.ts';
import { memberNodes } from '../view/pool.ts';
import { isLookupOptimized, LOOKUP_OPTIMIZE, moversOf } from '../view/rebalance.ts';
import { lackingWords, placesOf, type Removal, removalOf } from '../view/removal.ts';
import { roomProblem } from '../view/shrink-room.ts';
import type { View } from '../view/view.ts';
import { setsOf, wholenessOf } from '../view/whole.ts';
import { type Call, type Calls, defineAction, type Intent, type Standing } from './action.ts';
import { bricksIn, glusterOn, standingOf, volumeCommand, volumeNodes } from './common.ts';
import { leavingIn, names, type RemoveArgs, setsText, volumeIn } from './leaving-sets.ts';

/** glusterd turns it on when bricks begin to leave a volume without copies. */
const SET_BY_REMOVAL = 'performance.client-io-threads';
/** A client has heard of an option within this. */
const HEARD_MS = 3000;
const LEAVES = ' (being removed)';

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

/** The removal of exactly these bricks. */
function removalIn(args: RemoveArgs, view: View): Removal | undefined {
  const volume = volumeIn(view, args);
  const removal = volume === undefined ? undefined : removalOf(volume, view);
  return removal !== undefined && isSame(placesOf(removal.leaving, view), args.sets.flat())
    ? removal
    : undefined;
}

/** What has to be so before anything begins; glusterd asks about little of it. */
export function removalProblems(args: RemoveArgs, view: View): readonly string[] {
  const { volume: name } = args;
  const volume = volumeIn(view, args);
  if (volume?.status !== 'started') return [`volume ${name} is not started: its files cannot be moved`];
  const leaving = leavingIn(args, volume, view);
  if (leaving.length !== args.sets.flat().length) return [`not all of these are bricks of volume ${name}`];
  if (leaving.length === volume.bricks.length) return [`volume ${name} would have no brick left`];
  const again = removalIn(args, view);
  const room = roomProblem(volume, new Set(leaving.map((b) => b.file)), view);
  return [
    ...(again === undefined && volume.bricks.some((b) => b.decommissioned)
      ? [`a remove-brick of volume ${name} is not over`]
      : []),
    ...moversOf(name, view).map((node) => `${node} still moves files of ${name}`),
    ...bricksOf(name, view)
      .filter((local) => !isOnline(local))
      .map(({ facts, brick }) => `${facts.node}:${brick.path} is down`),
    ...drainedOwners(name, view),
    ...(room === undefined ? [] : [room.message]),
  ];
}

/** And what passes, or comes right before. */
function startProblems(args: RemoveArgs, view: View): readonly string[] {
  const volume = volumeIn(view, args);
  if (volume === undefined) return [];
  return [
    ...healProblems(volume, leavingIn(args, volume, view), view),
    ...(isLookupOptimized(volume)
      ? [`${LOOKUP_OPTIMIZE} is on: files would seem to be missing by name`]
      : []),
  ];
}

/** A member that lacks a file has nothing to carry away. */
function healProblems(volume: StoreVolume, leaving: readonly StoreBrick[], view: View): readonly string[] {
  if (volume.layout.kind === 'distribute') return [];
  return setsOf(volume)
    .filter(({ bricks }) => bricks.some((b) => leaving.includes(b)))
    .flatMap((set) => {
      const wholeness = wholenessOf(set, view);
      return wholeness.kind === 'whole' ? [] : wholeness.problems.map((p) => `${setWords(set)}: ${p}`);
    });
}

const marked =
  (args: RemoveArgs, isLeaving: boolean) =>
  (definition: Definition): Definition => ({
    ...definition,
    bricks: definition.bricks.map((b) => {
      const plain = b.replace(LEAVES, '');
      return args.sets.flat().includes(plain) && isLeaving ? plain + LEAVES : plain;
    }),
  });

/** Of all members: whether each has these bricks marked, or none of them, or whether they are gone. */
function standing(args: RemoveArgs, view: View, is: 'leaving' | 'staying' | 'gone'): Standing {
  const copies = view.volumes.get(volumeName(args.volume))?.copies;
  return standingOf(memberNodes(view), (node) => {
    const copy = copies?.get(node);
    if (copy === undefined) return false;
    const own = leavingIn(args, copy, view);
    if (is === 'gone') return own.length === 0;
    const count = own.filter((b) => b.decommissioned).length;
    return is === 'leaving' ? count === args.sets.flat().length : count === 0;
  });
}

export const volumeRemoveBricks = defineAction<'volume-remove-bricks', RemoveArgs>({
  name: 'volume-remove-bricks',
  risk: 'disruptive',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), marked(args, true)),
  nodes: volumeNodes,
  needsEveryMember: 'all',
  outlasts: 3,
  checkedAtCommit: true,
  hearsMs: HEARD_MS,
  summary: (args) =>
    `begin to remove ${setsText(args)} from volume ${args.volume}: their files move to the others`,
  undo: () => 'stop it: files that were moved stay where they are; a rebalance follows by the next apply',
  requires: (args, view) => [...removalProblems(args, view), ...startProblems(args, view)],
  /** One that has broken off is stopped first: glusterd begins no second one. */
  calls(args, view) {
    const bricks = names(leavingIn(args, volumeIn(view, args), view));
    const { keys, isAllBut } = bricksIn(args.volume, view);
    const watched = { keys: [...keys, 'status', LOOKUP_OPTIMIZE], isAllBut };
    const command = (word: string): readonly Call[] =>
      volumeCommand(view, ['remove-brick', args.volume, ...bricks, word], watched);
    return [...(removalIn(args, view) === undefined ? [] : command('stop')), ...command('start')];
  },
  standing: (args, view) => standing(args, view, 'leaving'),
  inverse(args, before): readonly Intent[] {
    const isSet = volumeIn(before, args)?.options.has(SET_BY_REMOVAL) === true;
    return [volumeRemoveBricksStop.intent({ ...args, reset: isSet ? [] : [SET_BY_REMOVAL] })];
  },
});

type StopArgs = RemoveArgs & {
  /** Options that glusterd has set as the removal began, and that were not set before. */
  readonly reset: readonly string[];
};

export const volumeRemoveBricksStop = defineAction<'volume-remove-bricks-stop', StopArgs>({
  name: 'volume-remove-bricks-stop',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), marked(args, false)),
  nodes: volumeNodes,
  needsEveryMember: 'all',
  summary: (args) => `stop the removal of ${setsText(args)} from volume ${args.volume}: they stay`,
  undo: () => 'nothing: files that were moved stay where they are, and can be read',
  requires: () => [],
  calls(args, view): Calls {
    const leaving = leavingIn(args, volumeIn(view, args), view).filter((b) => b.decommissioned);
    return [
      ...(leaving.length === 0
        ? []
        : volumeCommand(
            view,
            ['remove-brick', args.volume, ...names(leaving), 'stop'],
            bricksIn(args.volume, view),
          )),
      ...args.reset
        .filter((option) => volumeIn(view, args)?.options.has(option) === true)
        .flatMap((option) => glusterOn(view, ['volume', 'reset', args.volume, option])),
    ];
  },
  standing(args, view) {
    const isReset = args.reset.every((o) => volumeIn(view, args)?.options.has(o) !== true);
    const is = standing(args, view, 'staying');
    return is === 'done' && !isReset ? 'partial' : is;
  },
  inverse: () => [],
});

/** Under the lock, from what the nodes have now: each of them came to its end, and left nothing. */
function commitProblems(args: RemoveArgs, view: View): readonly string[] {
  const { volume } = args;
  const removal = removalIn(args, view);
  if (removal === undefined) return [`these bricks are not on their way out of volume ${volume}`];
  if (removal.state === 'completed') return [];
  const moving = moversOf(volume, view).map((node) => `${node} still moves files of ${volume}`);
  return moving.length > 0 ? moving : lackingWords(removal);
}

export const volumeRemoveBricksCommit = defineAction<'volume-remove-bricks-commit', RemoveArgs>({
  name: 'volume-remove-bricks-commit',
  risk: 'disruptive',
  risks: (args) =>
    args.sets.map((set) => ({
      risk: 'destructive',
      subject: `brick/${set[0] ?? ''}`,
      why: 'the volume loses whatever is left on these bricks then',
    })),
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) =>
    changed(before, volumeName(args.volume), (definition) => ({
      ...definition,
      bricks: definition.bricks.filter((b) => !args.sets.flat().includes(b.replace(LEAVES, ''))),
    })),
  nodes: volumeNodes,
  needsEveryMember: 'all',
  checkedAtCommit: true,
  isFinal: {
    why: 'clients may have made the same files again',
    then: '"glusterctl recover FILE" makes the nodes agree',
  },
  summary: (args) =>
    `take ${setsText(args)} out of volume ${args.volume}, once all files are moved and none is left`,
  undo: () => 'none: a point of no return; what is left on these bricks is lost to the volume',
  requires: commitProblems,
  /** Nodes search the bricks themselves, right before: glusterd does not. */
  calls(args, view): Calls {
    const volume = volumeIn(view, args);
    const leaving = leavingIn(args, volume, view);
    const checks = leaving.flatMap((brick): readonly Call[] => {
      const node = view.ownerOf(brick);
      const op = { kind: 'check-emptied', path: brickPath(brick.path), volumeId: volume?.id ?? '' } as const;
      return node === undefined ? [] : [{ node: nodeName(node), op }];
    });
    const command = ['remove-brick', args.volume, ...names(leaving), 'commit'] as const;
    return leaving.length === 0 ? [] : [checks, ...volumeCommand(view, command, bricksIn(args.volume, view))];
  },
  standing: (args, view) => standing(args, view, 'gone'),
  inverse: () => [],
});
