/**
 * Removes gluster's marks from a brick of a creation that was rolled back, or of a volume that is gone.
 * Refuses a directory that holds anything else, and marks of a volume that a store has.
 */
import { sh } from '../core/shell.ts';
import { nodeName } from '../model/names.ts';
import { defineAction } from './action.ts';

export const brickClean = defineAction<
  'brick-clean',
  {
    readonly node: string;
    readonly path: string;
    readonly volume: string;
    /** The only id that it may carry; without it: the one that it was seen to carry. */
    readonly volumeId?: string;
    readonly existedBefore: boolean;
  }
>({
  name: 'brick-clean',
  risk: 'safe',
  subject: (args) => `brick/${args.node}:${args.path}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `take gluster's marks off the empty directory ${args.node}:${args.path}`,
  undo: () => 'nothing: marks of a volume that is gone are not put back',
  requires: () => [],
  calls(args, view) {
    const { path, existedBefore } = args;
    const facts = view.facts(nodeName(args.node));
    if (facts === undefined || facts.unreadPaths.has(path)) return [];
    const seen = facts.paths.get(path)?.volumeId;
    const volumeId = args.volumeId ?? seen;
    if (args.volumeId !== undefined && seen !== args.volumeId) return [];
    const claimed = [...view.volumes.values()].some(
      ({ best }) =>
        best.id === volumeId || best.bricks.some((b) => b.path === path && view.ownerOf(b) === facts.node),
    );
    return claimed ? [] : [{ node: facts.node, op: { kind: 'clean-brick', path, volumeId, existedBefore } }];
  },
  standing(args, view) {
    const facts = view.facts(nodeName(args.node));
    if (facts?.unreadPaths.has(args.path) === true) return 'undone';
    const at = facts?.paths.get(args.path);
    const clean = args.existedBefore ? at?.volumeId === undefined && at?.gfid !== true : at === undefined;
    return clean ? 'done' : 'undone';
  },
  afterRestore: true,
  byHand: ({ node, path }) => ({
    node: nodeName(node),
    script: sh`brick=${path}
id=$(getfattr --absolute-names -d -m '^trusted[.]glusterfs[.]volume-id$' -e hex "$brick" 2>/dev/null |
  sed -n 's/^[^=]*=0x\(.\{8\}\)\(.\{4\}\)\(.\{4\}\)\(.\{4\}\)/\1-\2-\3-\4-/p')
if [ -n "$id" ] && ! grep -qsxF "volume-id=$id" /var/lib/glusterd/vols/*/info &&
  data=$(cd "$brick" && find . -mindepth 1 ! -path './.glusterfs*' -print -quit) && [ -z "$data" ]
then
  setfattr -x trusted.glusterfs.volume-id "$brick"
  setfattr -x trusted.gfid "$brick" 2>/dev/null || true
fi`,
  }),
  inverse: () => [],
});
