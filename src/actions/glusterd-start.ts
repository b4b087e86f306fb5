/** Starts glusterd on a node where it is down or does not answer, without touching its bricks. */
import { nodeName } from '../model/names.ts';
import { drainedProblems } from '../view/drained.ts';
import { glusterdArgv } from '../view/view.ts';
import { defineAction } from './action.ts';

export const glusterdStart = defineAction<'glusterd-start', { readonly node: string }>({
  name: 'glusterd-start',
  risk: 'safe',
  subject: (args) => `node/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `start glusterd on ${args.node}, its bricks left running`,
  undo: () => 'nothing: a glusterd that runs is left running',
  requires: (args, view) => drainedProblems([nodeName(args.node)], view),
  calls(args, view) {
    const facts = view.facts(nodeName(args.node));
    if (facts === undefined || facts.memory.kind === 'up') return [];
    return [{ node: facts.node, op: { kind: 'start-glusterd', argv: glusterdArgv(facts) } }];
  },
  effectMs: 40_000,
  standing: (args, view) => (view.facts(nodeName(args.node))?.memory.kind === 'up' ? 'done' : 'undone'),
  inverse: () => [],
});
