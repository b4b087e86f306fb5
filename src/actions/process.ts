/**
 * Ends a brick process that must not run, removes a stale pid file, restarts a brick on a port that glusterd
 * knows. Never signals a process that it did not identify.
 */
import { nodeName } from '../model/names.ts';
import { brickProcesses, stateOf } from '../view/view.ts';
import { type BrickArgs, forceProblems, isOnline, locate, siblingProblems } from '../view/brick.ts';
import { defineAction } from './action.ts';
import { forceStart } from './common.ts';

export const processEnd = defineAction<
  'process-end',
  { readonly node: string; readonly pid: number; readonly startTicks: number; readonly path: string }
>({
  name: 'process-end',
  risk: 'disruptive',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `end process ${String(args.pid)} of ${args.node}:${args.path}`,
  undo: () => 'nothing: a process that must not run stays ended',
  requires: () => [],
  calls: ({ node, pid, startTicks, path }) => [
    { node: nodeName(node), op: { kind: 'end-process', pid, startTicks, word: path } },
  ],
  standing({ node, pid, startTicks }, view) {
    const alive = view
      .facts(nodeName(node))
      ?.processes.some((p) => p.pid === pid && p.startTicks === startTicks);
    return alive === true ? 'undone' : 'done';
  },
  inverse: () => [],
});

export const pidfileRemove = defineAction<
  'pidfile-remove',
  { readonly node: string; readonly file: string; readonly pid: number; readonly path: string }
>({
  name: 'pidfile-remove',
  risk: 'safe',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) =>
    `remove the pid file of ${args.node}:${args.path}, which names another process (pid ${String(args.pid)})`,
  undo: () => 'nothing: a stale pid file is not restored',
  requires: () => [],
  calls: ({ node, file, pid, path }) => [
    { node: nodeName(node), op: { kind: 'remove-pidfile', path: file, pid, brickPath: path } },
  ],
  standing({ node, file, pid }, view) {
    const isStale = view.facts(nodeName(node))?.pidFiles.some((f) => f.path === file && f.pid === pid);
    return isStale === true ? 'undone' : 'done';
  },
  inverse: () => [],
});

/** For a brick that serves on a port that glusterd does not know: only a new process repairs that. */
export const brickRestart = defineAction<'brick-restart', BrickArgs>({
  name: 'brick-restart',
  risk: 'disruptive',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `restart brick ${args.node}:${args.path} of volume ${args.volume}, alone of its set`,
  undo: () => 'nothing: a brick that runs is left running',
  checkedAtCommit: true,
  /** Never a second member of a set, nor one whose partners still have to be healed. */
  requires(args, view) {
    const located = locate(args, view);
    if (located === undefined)
      return [`${args.node}:${args.path} is not a brick of ${args.volume} on that node`];
    const name = `${args.node}:${args.path}`;
    return [
      ...siblingProblems(located, view).map((problem) => `${name} is not taken down: ${problem}`),
      ...forceProblems(args.volume, view),
    ];
  },
  calls(args, view) {
    const located = locate(args, view);
    if (located === undefined || isOnline(located)) return [];
    const ends = brickProcesses(located.facts, args.volume, args.path).map((p) => ({
      node: located.facts.node,
      op: { kind: 'end-process', pid: p.pid, startTicks: p.startTicks, word: args.path } as const,
    }));
    return [...ends, ...forceStart(args.volume, view)];
  },
  effectMs: 20_000,
  standing(args, view) {
    const located = locate(args, view);
    const isServed = located !== undefined && isOnline(located) && stateOf(located.facts) !== undefined;
    return isServed ? 'done' : 'undone';
  },
  inverse: () => [],
});
