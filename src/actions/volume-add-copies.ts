/**
 * Adds members to every set of a volume, which are healed from those that are there, and takes them out
 * again: what they hold are copies. Owns the option that glusterd sets beside.
 */
import { count } from '../core/text.ts';
import { changed, type Definition, withOptions } from '../model/definition.ts';
import type { Layout } from '../model/desired.ts';
import { layoutArguments, layoutWords } from '../model/layout.ts';
import { type NodeName, volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import {
  CLIENT_IO_THREADS,
  copiesWait,
  moreCopiesProblems,
  placesIn,
  setsWords,
} from '../view/replica-count.ts';
import { memberNodes } from '../view/pool.ts';
import type { View } from '../view/view.ts';
import { setSize } from '../view/whole.ts';
import { type Call, defineAction, type Intent } from './action.ts';
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

type Args = {
  readonly volume: string;
  readonly from: Layout;
  readonly to: Layout;
  readonly sets: readonly (readonly string[])[];
  /** What the file says of the option that glusterd turns off as a volume gets copies; null: nothing. */
  readonly clientIoThreads: string | null;
};

type WithdrawArgs = {
  readonly volume: string;
  readonly from: Layout;
  readonly to: Layout;
  readonly bricks: readonly VacateArgs[];
  /** What the option was that glusterd sets as a volume gets its first copies; null: not set. */
  readonly clientIoThreads: string | null;
};

const volumeIn = (volume: string, view: View): StoreVolume | undefined =>
  view.volumes.get(volumeName(volume))?.best;

const hasBrick = (copy: StoreVolume | undefined, node: string, path: string, view: View): boolean =>
  copy?.bricks.some((b) => b.path === path && view.ownerOf(b) === node) === true;

const isLaidOut = (copy: StoreVolume | undefined, layout: Layout): boolean =>
  copy !== undefined && layoutWords(copy.layout) === layoutWords(layout);

/** Its bricks with the new ones last in each set, as glusterd orders them. */
function widened({ from, to, sets, clientIoThreads }: Args, before: Definition): Definition {
  const size = setSize({ layout: from });
  const bricks = sets.flatMap((fresh, i) => [...before.bricks.slice(i * size, (i + 1) * size), ...fresh]);
  return {
    ...before,
    type: before.type.replace(layoutWords(from), layoutWords(to)),
    bricks,
    ...(touchesOption({ from, to }) && {
      options: { ...before.options, [CLIENT_IO_THREADS]: clientIoThreads ?? 'off' },
    }),
  };
}

const nodesOf = ({ volume, sets }: Args, view: View): readonly NodeName[] => [
  ...new Set([...volumeNodes({ volume }, view), ...placesIn(sets).map((b) => b.node)]),
];

/** Without `force`, glusterd takes no node that has a brick of another set. */
function words({ to, sets }: Args, view: View): readonly string[] {
  const bricks = placesIn(sets);
  const isForced = sets.length > 1 || needForce([bricks], view) ? ['force'] : [];
  return [...layoutArguments(to), ...sets.flat(), ...isForced];
}

export const volumeAddCopies = defineAction<'volume-add-copies', Args>({
  name: 'volume-add-copies',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), (volume) => widened(args, volume)),
  nodes: nodesOf,
  needsEveryMember: 'all',
  checkedAtCommit: true,
  fillsBricks: true,
  summary: ({ volume, to, sets }) => `make volume ${volume} ${layoutWords(to)}: add ${setsWords(sets)}`,
  undo: () => 'take the new bricks out again and clear them, as long as no other brick lacks what they have',
  requires: (args, view, { policy }) => [
    ...moreCopiesProblems(args, view).map((p) => [p.message, ...p.evidence].join('; ')),
    ...copiesWait(args, view),
    ...brickPathProblems(placesIn(args.sets), view, policy),
    ...portProblems(countByNode(placesIn(args.sets).map((b) => b.node)), view),
  ],
  calls(args, view): readonly Call[] {
    const { volume, clientIoThreads: said } = args;
    const isAdded = isLaidOut(volumeIn(volume, view), args.to);
    return [
      ...(isAdded
        ? []
        : volumeCommand(view, ['add-brick', volume, ...words(args, view)], bricksIn(volume, view))),
      ...(said === null ? [] : glusterOn(view, ['volume', 'set', volume, CLIENT_IO_THREADS, said])),
    ];
  },
  standing(args, view) {
    const copies = view.volumes.get(volumeName(args.volume))?.copies;
    return standingOf(memberNodes(view), (node) => {
      const copy = copies?.get(node);
      return (
        isLaidOut(copy, args.to) &&
        placesIn(args.sets).every((b) => hasBrick(copy, b.node, b.path, view)) &&
        (args.clientIoThreads === null || copy?.options.get(CLIENT_IO_THREADS) === args.clientIoThreads)
      );
    });
  },
  inverse({ volume, from, to, sets }, before): readonly Intent[] {
    const best = volumeIn(volume, before);
    const bricks = placesIn(sets).map(({ node, path }): VacateArgs => {
      const existedBefore = before.facts(node)?.paths.has(path) ?? true;
      return { node, path, volumeId: best?.id ?? '', existedBefore, hasCopies: true };
    });
    const clientIoThreads = best?.options.get(CLIENT_IO_THREADS) ?? null;
    return [
      volumeWithdrawCopies.intent({ volume, from: to, to: from, bricks, clientIoThreads }),
      ...bricks.map((b) => brickVacate.intent(b)),
    ];
  },
});

const touchesOption = ({ from, to }: Pick<Args, 'from' | 'to'>): boolean => from.kind !== to.kind;

const namesOf = ({ bricks }: WithdrawArgs): readonly string[] => bricks.map((b) => `${b.node}:${b.path}`);

function narrowed(args: WithdrawArgs, before: Definition): Definition {
  const { from, to, clientIoThreads: was } = args;
  const gone = namesOf(args);
  const volume = {
    ...before,
    type: before.type.replace(layoutWords(from), layoutWords(to)),
    bricks: before.bricks.filter((b) => !gone.includes(b)),
  };
  if (!touchesOption(args)) return volume;
  return was === null
    ? withOptions(volume, {}, [CLIENT_IO_THREADS])
    : withOptions(volume, { [CLIENT_IO_THREADS]: was }, []);
}

/** The nodes have checked that every brick which stays has what the new ones hold. */
export const volumeWithdrawCopies = defineAction<'volume-withdraw-copies', WithdrawArgs>({
  name: 'volume-withdraw-copies',
  risk: 'disruptive',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), (volume) => narrowed(args, volume)),
  nodes: volumeNodes,
  needsEveryMember: 'all',
  summary: ({ volume, to, bricks }) =>
    `make volume ${volume} ${layoutWords(to)} again: take ${count(bricks.length, 'new brick')} out`,
  undo: () => null,
  requires: () => [],
  calls(args, view): readonly Call[] {
    const { volume, to, clientIoThreads: was } = args;
    const copies = view.volumes.get(volumeName(volume))?.copies;
    const isOut = memberNodes(view).every((node) => isLaidOut(copies?.get(node), to));
    const words = ['replica', String(setSize({ layout: to })), ...namesOf(args), 'force'];
    const option =
      was === null ? ['reset', volume, CLIENT_IO_THREADS] : ['set', volume, CLIENT_IO_THREADS, was];
    return [
      ...(isOut ? [] : volumeCommand(view, ['remove-brick', volume, ...words], bricksIn(volume, view))),
      ...(touchesOption(args) ? glusterOn(view, ['volume', ...option]) : []),
    ];
  },
  standing(args, view) {
    const copies = view.volumes.get(volumeName(args.volume))?.copies;
    return standingOf(memberNodes(view), (node) => {
      const copy = copies?.get(node);
      const option = copy?.options.get(CLIENT_IO_THREADS) ?? null;
      return isLaidOut(copy, args.to) && (!touchesOption(args) || option === args.clientIoThreads);
    });
  },
  inUseChecks: ({ bricks }) => bricks.map((b) => [vacateCall(b, true)]),
  inverse: () => null,
});
