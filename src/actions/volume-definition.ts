/**
 * Creates and deletes a volume. Owns the checks that glusterd makes only with side effects, or not at all;
 * never touches the files on a brick.
 */
import { count } from '../core/text.ts';
import type { Brick, Desired, Layout } from '../model/desired.ts';
import { changed } from '../model/definition.ts';
import { layoutArguments, layoutWords } from '../model/layout.ts';
import { brickPath, nodeName, volumeName } from '../model/names.ts';
import { drainedProblems } from '../view/drained.ts';
import type { View } from '../view/view.ts';
import { setSize } from '../view/whole.ts';
import { memberNodes } from '../view/pool.ts';
import { defineAction, type Intent } from './action.ts';
import { brickPathProblems, needForce } from './brick-path.ts';
import {
  countByNode,
  glusterOn,
  portProblems,
  standingOf,
  STATUS,
  volumeCommand,
  volumeNodes,
} from './common.ts';
import { brickClean } from './brick-clean.ts';

export type CreateArgs = {
  readonly volume: string;
  readonly layout: Layout;
  readonly transport: string;
  readonly bricks: readonly { readonly node: string; readonly path: string }[];
};

const bricksOf = (args: CreateArgs): readonly Brick[] =>
  args.bricks.map((b) => ({ node: nodeName(b.node), path: brickPath(b.path) }));

function createWords(args: CreateArgs, view: View): readonly string[] {
  const bricks = args.bricks.map((b) => `${b.node}:${b.path}`);
  const size = setSize(args);
  const sets = bricksOf(args).map((_, i, all) => (i % size === 0 ? all.slice(i, i + size) : []));
  const force = needForce(sets, view) ? ['force'] : [];
  return [
    'volume',
    'create',
    args.volume,
    ...layoutArguments(args.layout),
    'transport',
    args.transport,
    ...bricks,
    ...force,
  ];
}

export const volumeCreate = defineAction<'volume-create', CreateArgs>({
  name: 'volume-create',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args) => {
    const bricks = args.bricks.map((b) => `${b.node}:${b.path}`);
    const type = `${layoutWords(args.layout)}, ${args.transport}`;
    return new Map([[volumeName(args.volume), { id: null, status: 'created', type, bricks, options: {} }]]);
  },
  nodes: (args) => [...new Set(args.bricks.map((b) => nodeName(b.node)))],
  summary: (args) => {
    const bricks = count(args.bricks.length, 'brick');
    return `create volume ${args.volume} (${layoutWords(args.layout)}, ${bricks})`;
  },
  undo: (args) => `delete volume ${args.volume} and take gluster's marks off its empty bricks`,
  needsEveryMember: 'all',
  requires: (args, view, desired: Desired) => [
    ...brickPathProblems(bricksOf(args), view, desired.policy),
    ...portProblems(countByNode(bricksOf(args).map((b) => b.node)), view),
    ...drainedProblems(
      bricksOf(args).map((b) => b.node),
      view,
    ),
  ],
  calls: (args, view) => glusterOn(view, createWords(args, view)),
  standing(args, view) {
    const volume = view.volumes.get(volumeName(args.volume));
    return standingOf(memberNodes(view), (node) => volume?.copies.has(node) === true);
  },
  inverse: (args, before): readonly Intent[] => [
    volumeDelete.intent({ volume: args.volume }),
    ...args.bricks.map((b) =>
      brickClean.intent({
        ...b,
        volume: args.volume,
        existedBefore: before.facts(nodeName(b.node))?.paths.has(b.path) ?? true,
      }),
    ),
  ],
});

export const volumeDelete = defineAction<'volume-delete', { readonly volume: string }>({
  name: 'volume-delete',
  risk: 'destructive',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), () => null),
  nodes: volumeNodes,
  needsEveryMember: 'all',
  summary: (args) => `delete volume ${args.volume}: its definition goes, the files on its bricks stay`,
  undo: () => null,
  requires(args, view) {
    const snapshots = Math.max(
      0,
      ...view.nodes.map((n) =>
        n.memory.kind === 'up'
          ? (n.memory.state.volumes.get(volumeName(args.volume))?.snapshotCount ?? 0)
          : 0,
      ),
    );
    return snapshots === 0 ? [] : [`volume ${args.volume} has ${String(snapshots)} snapshots`];
  },
  /** It may have been stopped by the step before. */
  calls: (args, view) => volumeCommand(view, ['delete', args.volume], { ...STATUS, isAllBut: true }),
  standing(args, view) {
    const volume = view.volumes.get(volumeName(args.volume));
    return standingOf(memberNodes(view), (node) => volume?.copies.has(node) !== true);
  },
  inverse: () => null,
});
