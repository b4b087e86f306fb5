/**
 * A node out of service and back: the mark that says so, and its bricks stopped and started. glusterd knows
 * nothing of it: a forced start of a volume, or of glusterd itself, brings such bricks up again.
 */
import { nodeName } from '../model/names.ts';
import type { DrainMark, GlusterProcess, NodeFacts } from '../model/observed.ts';
import { absenceProblems } from '../view/absence.ts';
import {
  brickFitness,
  brickStartProblems,
  forceProblems,
  isOnline,
  isOnlyMarked,
  localBricks,
  type LocalBrick,
} from '../view/brick.ts';
import { drainWords } from '../view/drained.ts';
import { brickProcesses, type View } from '../view/view.ts';
import { type Calls, defineAction, type Intent } from './action.ts';
import { launchOf, whyNotLaunched } from './launch.ts';
import { forceStart } from './common.ts';

type Mark = { readonly who: string; readonly when: string; readonly why: string };
type MarkArgs = { readonly node: string; readonly mark: Mark | null; readonly was: Mark | null };
type NodeArgs = { readonly node: string };

const onNode = (args: NodeArgs, view: View): NodeFacts | undefined => view.facts(nodeName(args.node));

const isSame = (a: DrainMark | null | undefined, b: DrainMark | null): boolean =>
  a?.who === b?.who && a?.when === b?.when && a?.why === b?.why;

export const drainMark = defineAction<'drain-mark', MarkArgs>({
  name: 'drain-mark',
  risk: 'safe',
  subject: (args) => `node/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: ({ node, mark }) =>
    mark === null ? `mark ${node} as in service again` : `mark ${node} as ${drainWords(mark)}`,
  undo: ({ was }) => (was === null ? 'remove the mark' : 'put the mark back'),
  requires: () => [],
  calls: ({ node, mark }) => [{ node: nodeName(node), op: { kind: 'mark-drained', mark } }],
  standing: (args, view) => (isSame(onNode(args, view)?.drained, args.mark) ? 'done' : 'undone'),
  inverse: ({ node, mark, was }): readonly Intent[] => [drainMark.intent({ node, mark: was, was: mark })],
});

/** Of volumes in its store: those that its glusterd would start again. */
export const brickProcessesOn = (facts: NodeFacts): readonly GlusterProcess[] =>
  facts.processes.filter(
    (p) =>
      p.role === 'brick' &&
      p.state !== 'Z' &&
      [...facts.store.volumes.keys()].some((name) => name === p.brick?.volume),
  );

export const nodeBricksStop = defineAction<'node-bricks-stop', NodeArgs>({
  name: 'node-bricks-stop',
  risk: 'disruptive',
  subject: (args) => `node/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `stop all bricks of ${args.node}`,
  undo: (args) => `start the bricks of ${args.node}; what they missed is healed`,
  checkedAtCommit: true,
  requires: ({ node }, view) =>
    absenceProblems(nodeName(node), view).map(({ message, evidence }) => [message, ...evidence].join('; ')),
  calls(args, view) {
    const facts = onNode(args, view);
    if (facts === undefined) return [];
    const ends = brickProcessesOn(facts).map(({ pid, startTicks, brick }) => ({
      node: facts.node,
      op: { kind: 'end-process', pid, startTicks, word: brick?.path ?? '' } as const,
    }));
    return [ends];
  },
  standing(args, view) {
    const facts = onNode(args, view);
    return facts !== undefined && brickProcessesOn(facts).length === 0 ? 'done' : 'undone';
  },
  inverse: (args): readonly Intent[] => [nodeBricksStart.intent(args)],
});

/** Bricks of started volumes that stand on what they should. What is wrong with others is a finding. */
export const fitBricks = (facts: NodeFacts, view: View): readonly LocalBrick[] =>
  localBricks(view, facts).filter(
    (b) => b.volume.status === 'started' && brickFitness(b) === 'fit' && !isOnlyMarked(b, view),
  );

export const downBricks = (facts: NodeFacts, view: View): readonly LocalBrick[] =>
  fitBricks(facts, view).filter((b) => !isOnline(b));

/** By glusterd wherever it can: it does not stop or replace a brick that somebody else has started. */
const needsForce = (local: LocalBrick): boolean =>
  whyNotLaunched(local) !== undefined ||
  brickProcesses(local.facts, local.volume.name, local.brick.path).length > 0;

const volumesOf = (bricks: readonly LocalBrick[]): readonly string[] => [
  ...new Set(bricks.map((b) => b.volume.name)),
];

export const nodeBricksStart = defineAction<'node-bricks-start', NodeArgs>({
  name: 'node-bricks-start',
  risk: 'safe',
  subject: (args) => `node/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `start the bricks of ${args.node}`,
  undo: () => 'nothing: bricks that run are left running',
  requires(args, view) {
    const facts = onNode(args, view);
    if (facts === undefined) return [`${args.node} was not read`];
    if (facts.memory.kind !== 'up')
      return [`glusterd on ${args.node} does not answer: start it there, "systemctl start glusterd"`];
    const down = downBricks(facts, view);
    return [
      ...down.flatMap((b) =>
        brickStartProblems(b).map((problem) => `${args.node}:${b.brick.path} cannot be started: ${problem}`),
      ),
      ...volumesOf(down.filter(needsForce)).flatMap((volume) => forceProblems(volume, view, facts.node)),
    ];
  },
  calls(args, view): Calls {
    const facts = onNode(args, view);
    if (facts === undefined) return [];
    const down = downBricks(facts, view);
    const forced = volumesOf(down).filter((volume) => forceProblems(volume, view, facts.node).length === 0);
    return [
      down
        .filter((b) => !needsForce(b) && !forced.includes(b.volume.name))
        .map((b) => ({ node: facts.node, op: { kind: 'launch-brick', launch: launchOf(b) } as const })),
      ...forced.flatMap((volume) => forceStart(volume, view)),
    ];
  },
  effectMs: 20_000,
  standing(args, view) {
    const facts = onNode(args, view);
    return facts !== undefined && downBricks(facts, view).length === 0 ? 'done' : 'undone';
  },
  inverse: () => [],
});
