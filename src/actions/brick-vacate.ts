/**
 * Takes what glusterfs itself has made off a brick that came new and is no part of a volume any more: marks,
 * directories, link files, copies that the others of its set have. Refuses a brick with a file that may be
 * nowhere else.
 */
import { brickPath, nodeName } from '../model/names.ts';
import { type Call, defineAction } from './action.ts';

export type VacateArgs = {
  readonly node: string;
  readonly path: string;
  /** The only id that it may carry. */
  readonly volumeId: string;
  readonly existedBefore: boolean;
  /** Its files are copies, which go too; but where others may lack them. */
  readonly hasCopies?: true;
};

export const vacateCall = (args: VacateArgs, isCheck: boolean): Call => ({
  node: nodeName(args.node),
  op: {
    kind: 'vacate-brick',
    path: brickPath(args.path),
    volumeId: args.volumeId,
    existedBefore: args.existedBefore,
    ...(args.hasCopies === true && { hasCopies: true }),
    isCheck,
  },
});

export const brickVacate = defineAction<'brick-vacate', VacateArgs>({
  name: 'brick-vacate',
  risk: 'safe',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: ({ node, path, hasCopies }) =>
    `take what glusterfs has made off ${node}:${path}, where ` +
    (hasCopies === true ? 'no file is but copies' : 'no file is'),
  undo: () => 'nothing: what glusterfs made there is of no use without the volume',
  requires: () => [],
  calls(args, view) {
    const facts = view.facts(nodeName(args.node));
    if (facts === undefined || facts.unreadPaths.has(args.path)) return [];
    const isMember = [...view.volumes.values()].some(({ best }) =>
      best.bricks.some((b) => b.path === args.path && view.ownerOf(b) === facts.node),
    );
    return isMember ? [] : [vacateCall(args, false)];
  },
  standing(args, view) {
    const facts = view.facts(nodeName(args.node));
    if (facts?.unreadPaths.has(args.path) === true) return 'undone';
    const at = facts?.paths.get(args.path);
    const isClean = args.existedBefore ? at?.volumeId === undefined && at?.gfid !== true : at === undefined;
    return isClean ? 'done' : 'undone';
  },
  afterRestore: true,
  inverse: () => [],
});
