/**
 * Nodes that somebody has taken out of service. Owns what is left alone there: whatever starts glusterd or
 * bricks of such a node would do it in the middle of the work on it.
 */
import { type NodeName, volumeName } from '../model/names.ts';
import type { DrainMark, NodeFacts } from '../model/observed.ts';
import type { View } from './view.ts';

export const isDrained = (facts: NodeFacts | undefined): boolean => facts?.drained !== undefined;

export const drainedNodes = (view: View): readonly NodeName[] =>
  view.nodes.filter(isDrained).map(({ node }) => node);

/** "drained by ann@desk since 2026-11-28T20:00:00Z: new disk" */
export function drainWords({ who, when, why }: DrainMark): string {
  const by = who === '' ? '' : ` by ${who}`;
  return `drained${by}${when === '' ? '' : ` since ${when}`}${why === '' ? '' : `: ${why}`}`;
}

/** Why nothing may be done that makes glusterd, or its bricks, start on these nodes. */
export const drainedProblems = (nodes: readonly NodeName[], view: View): readonly string[] =>
  drainedNodes(view)
    .filter((node) => nodes.includes(node))
    .map((node) => `${node} is drained: its bricks would be started; undrain it first`);

/** The same for nodes that own a brick of the volume. */
export function drainedOwners(volume: string, view: View): readonly string[] {
  const bricks = view.volumes.get(volumeName(volume))?.best.bricks ?? [];
  return drainedProblems(
    bricks.flatMap((b) => view.ownerOf(b) ?? []),
    view,
  );
}
