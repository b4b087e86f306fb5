/**
 * Starts a brick of a started volume. Where glusterd will recognise it, the brick is launched on its node
 * with exactly the argv, port, pid file and socket that glusterd would use; else by `volume start V force`,
 * under the same checks.
 */
import { nodeName, volumeName } from '../model/names.ts';
import { asRead } from '../view/as-read.ts';
import { lacksBrickPort, rangeOf } from '../view/ports.ts';
import { brickProcesses, type View } from '../view/view.ts';
import {
  type BrickArgs,
  bricksOf,
  brickStartProblems,
  volfileProblems,
  forceProblems,
  isOnline,
  locate,
  type LocalBrick,
  unfilledProblems,
} from '../view/brick.ts';
import { type Calls, defineAction, type Standing } from './action.ts';
import { forceStart, STATUS } from './common.ts';
import { launchOf, whyNotLaunched } from './launch.ts';

function standing(args: BrickArgs, view: View): Standing {
  const located = locate(args, view);
  return located !== undefined && isOnline(located) ? 'done' : 'undone';
}

const subject = (args: BrickArgs): string => `brick/${args.node}:${args.path}`;
const requires = (args: BrickArgs, view: View): readonly string[] => {
  const located = locate(args, view);
  if (located === undefined)
    return [`${args.node}:${args.path} is not a brick of ${args.volume} on that node`];
  return [
    ...brickStartProblems(located),
    ...unfilledProblems(located, view),
    ...volfileProblems(located),
  ].map((p) => `${args.node}:${args.path} cannot be started: ${p}`);
};

const needsForce = (located: LocalBrick): boolean =>
  !isOnline(located) &&
  (whyNotLaunched(located) !== undefined ||
    brickProcesses(located.facts, located.volume.name, located.brick.path).length > 0);

/**
 * One command per volume, whichever of its bricks it is for: glusterd's lock would refuse a second at the
 * same time.
 */
function force(args: BrickArgs, view: View): Calls {
  if (forceProblems(args.volume, view).length > 0) return [];
  const first = bricksOf(args.volume, view).find(needsForce);
  const isFirst = first?.facts.node === args.node && first.brick.path === args.path;
  return isFirst ? forceStart(args.volume, view) : [];
}

export const brickStart = defineAction<'brick-start', BrickArgs>({
  name: 'brick-start',
  risk: 'safe',
  subject,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `start brick ${args.node}:${args.path} of volume ${args.volume}`,
  undo: () => 'nothing: a brick that runs is left running',
  requires,
  calls(args, view) {
    const located = locate(args, view);
    if (located === undefined || isOnline(located)) return [];
    if (brickProcesses(located.facts, args.volume, args.path).length > 0) return force(args, view);
    const node = nodeName(args.node);
    const expects = asRead(view, node, volumeName(args.volume), STATUS);
    return [{ node, op: { kind: 'launch-brick', launch: launchOf(located), expects } }];
  },
  standing,
  effectMs: 16_000,
  inverse: () => [],
});

/** glusterd gives it a new port, unless its process is there already. */
export function forceStartProblems({ volume, node, path }: BrickArgs, view: View): readonly string[] {
  const facts = view.facts(nodeName(node));
  const isServed = facts !== undefined && brickProcesses(facts, volume, path).length > 0;
  return [
    ...forceProblems(volume, view),
    ...(facts === undefined || isServed || !lacksBrickPort(facts)
      ? []
      : [`${node}:${path} cannot be started: no port ${rangeOf(facts)} is free`]),
  ];
}

export const brickStartForce = defineAction<'brick-start-force', BrickArgs>({
  name: 'brick-start-force',
  risk: 'safe',
  subject,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `start brick ${args.node}:${args.path} by "volume start ${args.volume} force"`,
  undo: () => 'nothing: a brick that runs is left running',
  requires: forceStartProblems,
  calls: force,
  standing,
  effectMs: 16_000,
  inverse: () => [],
});
