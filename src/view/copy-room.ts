/**
 * Whether bricks that are to be filled have room for what their sets have. Pure, over one view. What cannot
 * be measured is no obstacle: glusterd asks for nothing.
 */
import { bytesWords } from '../core/text.ts';
import { nodeName } from '../model/names.ts';
import type { FilesystemFacts } from '../model/observed.ts';
import { memberOf, type BrickSet } from './whole.ts';
import type { View } from './view.ts';

/** Bricks that get all that others have. */
export interface Copy {
  /** The members that have it. */
  readonly sources: BrickSet;
  readonly places: readonly { readonly node: string; readonly path: string }[];
}

export interface RoomProblem {
  readonly kind: 'room';
  readonly subject: string;
  readonly message: string;
  readonly evidence: readonly string[];
}

/** Of storage.reserve, its default in percent. */
const RESERVE = 1;

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Nothing but what a file system takes for itself. */
const EMPTY_SHARE = 0.1;
const isEmpty = ({ totalBytes, freeBytes }: FilesystemFacts): boolean =>
  totalBytes - freeBytes <= totalBytes * EMPTY_SHARE;

/** Copies on one file system share its room. */
export function copyRoomProblems(
  subject: string,
  copies: readonly Copy[],
  view: View,
): readonly RoomProblem[] {
  const needs = new Map<string, { needed: number; free: number; bricks: string[] }>();
  for (const { sources, places } of copies) {
    const used = usedOf(sources, view);
    for (const { node, path } of places) {
      const facts = view.facts(nodeName(node));
      const at = parentOf(path);
      const where = facts?.paths.get(path) ?? facts?.paths.get(at);
      const fs = facts?.filesystems.get(path) ?? facts?.filesystems.get(at);
      if (used === undefined || where === undefined || fs === undefined || fs.totalBytes === 0) continue;
      const id = `${node} ${String(where.device)}`;
      const free = fs.freeBytes - (fs.totalBytes * RESERVE) / 100;
      // What a file system keeps for itself is in both figures: one of the same size takes as much.
      if (places.length === 1 && copies.length === 1 && fs.totalBytes >= used.size && isEmpty(fs)) continue;
      const sum = needs.get(id) ?? { needed: 0, free, bricks: [] };
      sum.needed += used.used;
      sum.bricks.push(`${node}:${path}`);
      needs.set(id, sum);
    }
  }
  return [...needs.values()]
    .filter(({ needed, free }) => needed > free)
    .map(({ needed, free, bricks }) => ({
      kind: 'room',
      subject,
      message:
        `there is room for ${bytesWords(Math.max(0, free))} at ${bricks.join(' ')}, ` +
        `and ${bytesWords(needed)} have to be copied there`,
      evidence: ['free space without storage.reserve (1 %)'],
    }));
}

/**
 * The least that a member says, by its file system, where that is mounted for this brick alone; undefined:
 * none can say it.
 */
function usedOf(
  { volume, bricks }: BrickSet,
  view: View,
): { readonly used: number; readonly size: number } | undefined {
  const used = bricks.flatMap((brick) => {
    const local = memberOf(volume, brick, view);
    const path = local?.facts.paths.get(brick.path);
    const fs = local?.facts.filesystems.get(brick.path);
    if (local === undefined || path === undefined || fs === undefined || fs.totalBytes === 0) return [];
    const isShared = [...view.volumes.values()].some(({ best }) =>
      best.bricks.some(
        (b) =>
          b.path !== brick.path &&
          view.ownerOf(b) === local.facts.node &&
          local.facts.paths.get(b.path)?.device === path.device,
      ),
    );
    const isOwn = path.mountPoint === brick.path || path.mountPoint === parentOf(brick.path);
    return isShared || !isOwn ? [] : [{ used: fs.totalBytes - fs.freeBytes, size: fs.totalBytes }];
  });
  return used.sort((a, b) => a.used - b.used)[0];
}
