/** Takes gluster's marks off a brick that a rolled-back creation left behind. Used by rollback only; refuses a directory that holds anything else. */
import { nodeName } from '../model/names.ts';
import { defineAction } from './action.ts';

export const brickClean = defineAction<
  'brick-clean',
  { readonly node: string; readonly path: string; readonly volume: string; readonly existedBefore: boolean }
>({
  name: 'brick-clean',
  risk: 'safe',
  subject: (args) => `brick/${args.node}:${args.path}`,
  volume: () => undefined,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `take gluster's marks off the empty directory ${args.node}:${args.path}`,
  undo: () => null,
  requires: () => [],
  calls(args, view) {
    const facts = view.facts(nodeName(args.node));
    const at = facts?.paths.get(args.path);
    if (facts === undefined || at === undefined) return [];
    const claimed = [...view.volumes.values()].some((v) => v.best.id === at.volumeId);
    if (claimed) return [];
    const op = {
      kind: 'clean-brick',
      path: args.path,
      volumeId: at.volumeId ?? '',
      existedBefore: args.existedBefore,
    } as const;
    return [{ node: facts.node, op }];
  },
  standing(args, view) {
    const at = view.facts(nodeName(args.node))?.paths.get(args.path);
    const clean = args.existedBefore ? at?.volumeId === undefined && at?.gfid !== true : at === undefined;
    return clean ? 'done' : 'undone';
  },
  late: true,
  inverse: () => [],
});
