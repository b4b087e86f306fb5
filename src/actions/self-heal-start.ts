/**
 * Starts the self-heal daemons of a volume: glusterd starts them with the volume, and at no other time by
 * itself.
 */
import { volumeName } from '../model/names.ts';
import { forceProblems } from '../view/brick.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineAction } from './action.ts';
import { forceStart, standingOf, volumeNodesHere } from './common.ts';

type Args = { readonly volume: string };

const isServed = (args: Args, view: View, node: ReturnType<typeof volumeNodesHere>[number]): boolean => {
  const facts = view.facts(node);
  const state = facts === undefined ? undefined : stateOf(facts);
  return state?.volumes.get(volumeName(args.volume))?.selfHealOnline !== false;
};

export const selfHealStart = defineAction<'self-heal-start', Args>({
  name: 'self-heal-start',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  nodes: volumeNodesHere,
  summary: (args) => `start the self-heal daemon by "volume start ${args.volume} force"`,
  undo: () => 'nothing: a daemon that heals is left running',
  requires: (args, view) => forceProblems(args.volume, view),
  calls: (args, view) => forceStart(args.volume, view),
  standing: (args, view) => standingOf(volumeNodesHere(args, view), (node) => isServed(args, view, node)),
  effectMs: 16_000,
  inverse: () => [],
});
