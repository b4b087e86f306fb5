/**
 * Daemons beside bricks: starts those that a volume needs (glusterd starts them with it, and at no other time
 * by itself), and ends one of several. Never signals a process that it did not identify.
 */
import { nodeName } from '../model/names.ts';
import { forceProblems } from '../view/brick.ts';
import { missingDaemons } from '../view/settled.ts';
import { defineAction } from './action.ts';
import { forceStart, standingOf, volumeNodesHere } from './common.ts';

type Args = { readonly volume: string; readonly services: readonly string[] };

export const daemonStart = defineAction<'daemon-start', Args>({
  name: 'daemon-start',
  risk: 'safe',
  subject: ({ volume }) => `volume/${volume}`,
  nodes: volumeNodesHere,
  summary: ({ volume, services }) => `start ${services.join(', ')} by "volume start ${volume} force"`,
  undo: () => 'nothing: a daemon that a volume needs is left running',
  requires: ({ volume }, view) => forceProblems(volume, view),
  calls: ({ volume }, view) => forceStart(volume, view),
  standing: (args, view) => {
    const missing = missingDaemons(view).filter((d) => args.services.includes(d.service));
    return standingOf(volumeNodesHere(args, view), (node) => !missing.some((d) => d.node === node));
  },
  effectMs: 16_000,
  inverse: () => [],
});

export const daemonEnd = defineAction<
  'daemon-end',
  {
    readonly node: string;
    readonly what: string;
    readonly pid: number;
    readonly startTicks: number;
    readonly word: string;
  }
>({
  name: 'daemon-end',
  risk: 'safe',
  subject: ({ node }) => `node/${node}`,
  nodes: ({ node }) => [nodeName(node)],
  summary: ({ node, what, pid }) => `end ${what} ${String(pid)} on ${node}`,
  undo: () => 'nothing: one of several stays ended',
  requires: () => [],
  calls: ({ node, pid, startTicks, word }) => [
    { node: nodeName(node), op: { kind: 'end-process', pid, startTicks, word } },
  ],
  standing({ node, pid, startTicks }, view) {
    const { processes = [] } = view.facts(nodeName(node)) ?? {};
    return processes.some((p) => p.pid === pid && p.startTicks === startTicks) ? 'undone' : 'done';
  },
  inverse: () => [],
});
