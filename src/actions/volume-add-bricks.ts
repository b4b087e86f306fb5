/**
 * Adds whole sets of bricks to a volume, and takes them out again as long as no client has written to them.
 * Owns the checks that glusterd makes only with side effects, or not at all; moves no file.
 */
import { count } from '../core/text.ts';
import { changed, type Definition } from '../model/definition.ts';
import type { Brick } from '../model/desired.ts';
import { brickPath, nodeName, type NodeName, volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import { memberNodes } from '../view/pool.ts';
import { isRebalancing } from '../view/rebalance.ts';
import { bricksOf } from '../view/brick.ts';
import { brickProcesses, servedByMultiplex, type View } from '../view/view.ts';
import { defineAction, type Intent } from './action.ts';
import { brickPathProblems, needForce } from './brick-path.ts';
import { brickVacate, vacateCall, type VacateArgs } from './brick-vacate.ts';
import {
  bricksIn,
  countByNode,
  glusterOn,
  portProblems,
  standingOf,
  volumeCommand,
  volumeNodes,
} from './common.ts';

type BrickArgs = { readonly node: string; readonly path: string };

export type AddBricksArgs = {
  readonly volume: string;
  /** Sets of bricks, as they are to stand after those that the volume has. */
  readonly sets: readonly (readonly BrickArgs[])[];
};

type WithdrawArgs = {
  readonly volume: string;
  /** Options that glusterd sets as bricks leave, and that were not set before. */
  readonly reset: readonly string[];
  readonly sets: readonly (readonly VacateArgs[])[];
};

/** glusterd turns it on when bricks leave a volume without copies. */
const SET_BY_REMOVAL = 'performance.client-io-threads';

const namesOf = (sets: AddBricksArgs['sets']): readonly string[] =>
  sets.flat().map((b) => `${b.node}:${b.path}`);

const bricksOfSets = (sets: AddBricksArgs['sets']): readonly Brick[] =>
  sets.flat().map((b) => ({ node: nodeName(b.node), path: brickPath(b.path) }));

const setsWords = (sets: AddBricksArgs['sets']): string =>
  sets.map((set) => set.map((b) => `${b.node}:${b.path}`).join(' ')).join(', ');

/** Whether the volume has each brick, or none of them, on a node. */
const hasEach = (args: AddBricksArgs, copy: StoreVolume | undefined, view: View): boolean =>
  bricksOfSets(args.sets).every((brick) => hasBrick(brick, copy, view));

const hasBrick = (brick: Brick, copy: StoreVolume | undefined, view: View): boolean =>
  copy?.bricks.some((b) => b.path === brick.path && view.ownerOf(b) === brick.node) === true;

const nodesOf = (args: AddBricksArgs, view: View): readonly NodeName[] => [
  ...new Set([...volumeNodes(args, view), ...bricksOfSets(args.sets).map((b) => b.node)]),
];

/** glusterd asks about neither. */
function volumeProblems(name: string, view: View): readonly string[] {
  const volume = view.volumes.get(volumeName(name))?.best;
  if (volume === undefined) return [];
  const tasks = [
    ...(volume.pendingTask === undefined ? [] : [`a ${volume.pendingTask} of volume ${name} is under way`]),
    ...view.nodes.filter((n) => isRebalancing(n, name)).map((n) => `${n.node} still moves files of ${name}`),
  ];
  if (volume.status !== 'started') return tasks;
  const down = bricksOf(name, view).filter(
    ({ facts, brick }) =>
      brickProcesses(facts, name, brick.path).length === 0 &&
      servedByMultiplex(facts, brick, name) === undefined,
  );
  return [...tasks, ...down.map(({ facts, brick }) => `${facts.node}:${brick.path} is down`)];
}

/** Each with what is needed to clear it again. */
const freshSets = ({ volume, sets }: AddBricksArgs, before: View): WithdrawArgs['sets'] => {
  const volumeId = before.volumes.get(volumeName(volume))?.best.id ?? '';
  const existedBefore = ({ node, path }: BrickArgs): boolean =>
    before.facts(nodeName(node))?.paths.has(path) ?? true;
  return sets.map((set) => set.map((b) => ({ ...b, volumeId, existedBefore: existedBefore(b) })));
};

export const volumeAddBricks = defineAction<'volume-add-bricks', AddBricksArgs>({
  name: 'volume-add-bricks',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) =>
    changed(before, volumeName(args.volume), (volume) => ({
      ...volume,
      bricks: [...volume.bricks, ...namesOf(args.sets)],
    })),
  nodes: nodesOf,
  needsEveryMember: 'all',
  checkedAtCommit: true,
  summary: (args) =>
    `add ${count(args.sets.length, 'set')} to volume ${args.volume}: ${setsWords(args.sets)}`,
  undo: () => 'take the new bricks out again and clear them, as long as no client has written to them',
  requires: (args, view, desired) => [
    ...volumeProblems(args.volume, view),
    ...brickPathProblems(bricksOfSets(args.sets), view, desired.policy),
    ...portProblems(countByNode(bricksOfSets(args.sets).map((b) => b.node)), view),
  ],
  calls(args, view) {
    const force = needForce(
      args.sets.map((set) => bricksOfSets([set])),
      view,
    )
      ? ['force']
      : [];
    const words = ['add-brick', args.volume, ...namesOf(args.sets), ...force] as const;
    return volumeCommand(view, words, bricksIn(args.volume, view));
  },
  standing(args, view) {
    const volume = view.volumes.get(volumeName(args.volume));
    return standingOf(memberNodes(view), (node) => hasEach(args, volume?.copies.get(node), view));
  },
  inverse(args, before): readonly Intent[] {
    const sets = freshSets(args, before);
    return [
      volumeWithdrawBricks.intent({ volume: args.volume, sets, reset: resetAfter(args, before) }),
      ...sets.flat().map((b) => brickVacate.intent(b)),
    ];
  },
});

const resetAfter = ({ volume }: AddBricksArgs, before: View): readonly string[] =>
  before.volumes.get(volumeName(volume))?.best.options.has(SET_BY_REMOVAL) === true ? [] : [SET_BY_REMOVAL];

const without = (volume: Definition, bricks: readonly string[]): Definition => ({
  ...volume,
  bricks: volume.bricks.filter((b) => !bricks.includes(b)),
});

const isWithdrawnFrom = (args: WithdrawArgs, copy: StoreVolume | undefined, view: View): boolean =>
  bricksOfSets(args.sets).every((b) => !hasBrick(b, copy, view));

const isWithdrawn = (args: WithdrawArgs, view: View): boolean =>
  memberNodes(view).every((node) =>
    isWithdrawnFrom(args, view.volumes.get(volumeName(args.volume))?.copies.get(node), view),
  );

/** Moves no file: the nodes have checked that there is none. */
export const volumeWithdrawBricks = defineAction<'volume-withdraw-bricks', WithdrawArgs>({
  name: 'volume-withdraw-bricks',
  risk: 'disruptive',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) =>
    changed(before, volumeName(args.volume), (volume) => without(volume, namesOf(args.sets))),
  nodes: nodesOf,
  needsEveryMember: 'all',
  summary: (args) => `take the new bricks of volume ${args.volume} out again: ${setsWords(args.sets)}`,
  undo: () => null,
  requires: () => [],
  calls: (args, view) => [
    ...(isWithdrawn(args, view)
      ? []
      : volumeCommand(
          view,
          ['remove-brick', args.volume, ...namesOf(args.sets), 'force'],
          bricksIn(args.volume, view),
        )),
    ...args.reset.flatMap((option) => glusterOn(view, ['volume', 'reset', args.volume, option])),
  ],
  standing(args, view) {
    const volume = view.volumes.get(volumeName(args.volume));
    return standingOf(memberNodes(view), (node) => {
      const copy = volume?.copies.get(node);
      return isWithdrawnFrom(args, copy, view) && args.reset.every((o) => copy?.options.has(o) !== true);
    });
  },
  inUseChecks: ({ sets }) => sets.map((set) => set.map((b) => vacateCall(b, true))),
  inverse: () => null,
});
