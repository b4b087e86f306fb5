/**
 * One brick in the place of another, which is then healed from the other members of its set. Nothing takes it
 * back: the data of the old brick is stale from the first write on, and glusterd would serve it.
 */
import { changed } from '../model/definition.ts';
import { brickPath, nodeName, volumeName } from '../model/names.ts';
import { memberNodes } from '../view/pool.ts';
import { healsUnderWay, leavingIn, type Place, replaceProblems } from '../view/replacement.ts';
import { brickProcesses, servesOthers, type View } from '../view/view.ts';
import { defineAction, type Intent, type Standing } from './action.ts';
import { brickVacate } from './brick-vacate.ts';
import { brickPathProblems } from './brick-path.ts';
import { bricksIn, countByNode, newRebalanceRecord, portProblems, volumeCommand } from './common.ts';

type At = { readonly node: string; readonly path: string };
type Args = { readonly volume: string; readonly from: At; readonly to: At };

const words = ({ node, path }: Place): string => `${node}:${path}`;

/** Whether a copy of the volume lists the brick. */
function lists(view: View, volume: string, node: string, { node: owner, path }: At): boolean {
  const copy = view.volumes.get(volumeName(volume))?.copies.get(nodeName(node));
  return copy?.bricks.some((b) => b.path === path && view.ownerOf(b) === owner) === true;
}

/** One that serves others as well was started by glusterd, and goes on. */
function servingProcesses({ volume, from }: Args, view: View): ReturnType<typeof brickProcesses> {
  const facts = view.facts(nodeName(from.node));
  if (facts === undefined) return [];
  return brickProcesses(facts, volume, from.path).filter(
    (p) => !p.argv.includes('--brick-mux') && !servesOthers(facts, p),
  );
}

function standing({ volume, from, to }: Args, view: View): Standing {
  const members = memberNodes(view);
  const done = members.filter((n) => lists(view, volume, n, to) && !lists(view, volume, n, from));
  const undone = members.filter((n) => !lists(view, volume, n, to));
  if (members.length > 0 && done.length === members.length) return 'done';
  return undone.length === members.length ? 'undone' : 'partial';
}

export const brickReplace = defineAction<'brick-replace', Args>({
  name: 'brick-replace',
  risk: 'disruptive',
  subject: (args) => `brick/${words(args.from)}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: ({ volume, from, to }, before) =>
    changed(before, volumeName(volume), (definition) => ({
      ...definition,
      bricks: definition.bricks.map((b) => (b === words(from) ? words(to) : b)),
    })),
  /** The node of the brick that goes may be gone. */
  nodes: (args, view) => [
    ...new Set([
      nodeName(args.to.node),
      ...(leavingIn(args, view)
        ?.set.bricks.flatMap((b) => view.ownerOf(b) ?? [])
        .filter((node) => node !== args.from.node) ?? []),
    ]),
  ],
  summary: ({ volume, from, to }) => `replace brick ${words(from)} by ${words(to)} in volume ${volume}`,
  undo: ({ from }) =>
    `none: a point of no return; the data of ${words(from)} stays there, stale from the first write on`,
  isFinal: {
    why: 'its undo would bring stale data back',
    then: '"glusterctl recover FILE" makes the nodes agree; then "gluster volume heal VOLUME full"',
  },
  checkedAtCommit: true,
  fillsBricks: true,
  requires: (args, view, { policy }) => {
    const { node, path } = args.to;
    const to = { node: nodeName(node), path: brickPath(path) };
    const problems = replaceProblems(args, view).map((p) => [p.message, ...p.evidence].join('; '));
    return [
      ...problems,
      ...healsUnderWay(args, view),
      ...(memberNodes(view).includes(to.node) ? [] : [`${node} is not in the pool`]),
      ...brickPathProblems([to], view, policy),
      ...portProblems(countByNode([to.node]), view),
    ];
  },
  calls(args, view) {
    const old = leavingIn(args, view)?.leaving;
    if (old === undefined) return [];
    // glusterd cannot stop a brick that was launched by somebody else: its commit would fail half way.
    const ends = servingProcesses(args, view).map(({ pid, startTicks }) => ({
      node: nodeName(args.from.node),
      op: { kind: 'end-process', pid, startTicks, word: args.from.path } as const,
    }));
    const pair = [`${old.hostname}:${old.path}`, words(args.to)] as const;
    const command = ['replace-brick', args.volume, ...pair, 'commit', 'force'] as const;
    return [
      ...ends,
      ...volumeCommand(view, command, bricksIn(args.volume, view)),
      ...newRebalanceRecord(args.volume, view),
    ];
  },
  standing,
  /** Where glusterd refused it, it may have marked the new directory all the same. */
  inverse: ({ volume, to }, before): readonly Intent[] => {
    const volumeId = before.volumes.get(volumeName(volume))?.best.id;
    if (volumeId === undefined) return [];
    const existedBefore = before.facts(nodeName(to.node))?.paths.has(to.path) === true;
    return [brickVacate.intent({ ...to, volumeId, existedBefore })];
  },
});
