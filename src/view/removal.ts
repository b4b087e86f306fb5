/**
 * Bricks on their way out of a volume: which, who carries their files away, and how that ended. Pure, over
 * what the disks of all nodes say. glusterd itself asks at the commit whether a process runs, and nothing
 * else; whether all files are gone, only the nodes can see.
 */
import { count, listed } from '../core/text.ts';
import type { NodeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume, VolumeTask } from '../model/observed.ts';
import { moversOf, type TaskPart } from './rebalance.ts';
import type { View } from './view.ts';

/**
 * `stalled`: no process is left, and a node did not come to its end, or nothing is known of its part.
 * `lacking`: it failed, or files were not moved.
 */
export type RemovalState = 'running' | 'stalled' | 'lacking' | 'completed';

export interface Removal {
  /** In the order of the volume. */
  readonly leaving: readonly StoreBrick[];
  /** What the nodes with leaving bricks have of it. */
  readonly parts: readonly TaskPart[];
  /** Nodes with leaving bricks of whose part nothing is known. */
  readonly unknown: readonly string[];
  readonly state: RemovalState;
}

/** Undefined: no brick of the volume is on its way out. */
export function removalOf(volume: StoreVolume, view: View): Removal | undefined {
  const leaving = volume.bricks.filter((b) => b.decommissioned);
  if (leaving.length === 0) return undefined;
  const owners = [...new Set(leaving.map((b) => view.ownerOf(b) ?? b.hostname))];
  const found = owners.map((owner) => ({ owner, part: partOf(volume, owner, view) }));
  const parts = found.flatMap(({ part }) => part ?? []);
  const unknown = found.filter(({ part }) => part === undefined).map(({ owner }) => owner);
  return { leaving, parts, unknown, state: stateOf(volume, { parts, unknown }, view) };
}

function partOf(volume: StoreVolume, owner: string, view: View): TaskPart | undefined {
  const facts = view.nodes.find(({ node }) => node === owner);
  const task = facts?.store.volumes.get(volume.name)?.task;
  return facts === undefined || task?.kind !== 'remove-brick' ? undefined : { node: facts.node, task };
}

function stateOf(
  volume: StoreVolume,
  { parts, unknown }: Pick<Removal, 'parts' | 'unknown'>,
  view: View,
): RemovalState {
  if (moversOf(volume.name, view).length > 0) return 'running';
  const tasks = parts.map(({ task }) => task);
  const isOne = new Set(tasks.map(({ id }) => id)).size === 1 && tasks.every(({ id }) => id !== '');
  const isOver = ({ status }: VolumeTask): boolean => status !== 'running' && status !== 'not-started';
  if (unknown.length > 0 || !isOne || !tasks.every(isOver)) return 'stalled';
  const isWhole = ({ status, failures, skipped }: VolumeTask): boolean =>
    status === 'completed' && failures === 0 && skipped === 0;
  return tasks.every(isWhole) ? 'completed' : 'lacking';
}

/** What is missing of it, a line for each node. */
export const lackingWords = ({ parts, unknown }: Removal): readonly string[] => [
  ...parts.map(({ node, task: { status, files, failures, skipped } }) => {
    const unmoved =
      failures + skipped === 0 ? '' : `, ${String(failures)} failed, ${String(skipped)} skipped`;
    return `${node}: ${status}, ${count(files, 'file')} moved${unmoved}`;
  }),
  ...unknown.map((node) => `${node}: nothing is known of its part`),
];

export const placesOf = (bricks: readonly StoreBrick[], view: View): readonly string[] =>
  bricks.map((b) => `${view.ownerOf(b) ?? b.hostname}:${b.path}`);

/** Nodes whose part is not as it has to be. */
export const lackingNodes = ({ parts, unknown, state }: Removal): readonly NodeName[] =>
  parts
    .filter(({ task }) =>
      state === 'lacking'
        ? task.status !== 'completed' || task.failures + task.skipped > 0
        : task.status !== 'completed' || unknown.length > 0,
    )
    .map(({ node }) => node);

/** "node01:/bricks/d1/v and node02:/bricks/d1/v". */
export const leavingWords = ({ leaving }: Removal, view: View): string => listed(placesOf(leaving, view));
