/**
 * Takes gluster's marks off a brick that holds files, of a volume that is gone. The files stay; the volume
 * cannot be restored after that, so the brick has to be named. Refuses where a file is linked below
 * .glusterfs alone, and would go with it.
 */
import { brickPath, nodeName } from '../model/names.ts';
import { type Call, defineAction } from './action.ts';

type Args = {
  readonly node: string;
  readonly path: string;
  readonly volume: string;
  /** The only id that it may carry. */
  readonly volumeId: string;
};

const callOf = ({ node, path, volumeId }: Args, isCheck: boolean): Call => ({
  node: nodeName(node),
  op: { kind: 'unmark-brick', path: brickPath(path), volumeId, isCheck },
});

export const brickUnmark = defineAction<'brick-unmark', Args>({
  name: 'brick-unmark',
  risk: 'destructive',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `take gluster's marks off ${args.node}:${args.path}: its files stay`,
  undo: () => 'nothing: marks of a volume that is gone are not put back',
  requires: () => [],
  checks: (args) => [callOf(args, true)],
  calls: (args) => [callOf(args, false)],
  standing(args, view) {
    const at = view.facts(nodeName(args.node))?.paths.get(args.path);
    return at?.volumeId === undefined && at?.gfid !== true ? 'done' : 'undone';
  },
  inverse: () => [],
});
