/**
 * The last rebalance or removal of bricks as `status` shows it. Pure. Owns the one word for what
 * several nodes say.
 */
import type { Moved } from '../model/node-link.ts';
import type { StoreVolume, VolumeTask } from '../model/observed.ts';
import type { TaskStatus } from '../model/status.ts';
import { moversOf, rebalanceParts, type TaskPart } from './rebalance.ts';
import { type Removal, removalOf } from './removal.ts';
import type { View } from './view.ts';

/** `live`: what nodes have moved so far, which no disk knows. */
export function taskStatus(
  volume: StoreVolume,
  view: View,
  live: readonly Moved[] = [],
): TaskStatus | undefined {
  const removal = removalOf(volume, view);
  const parts = removal?.parts ?? rebalanceParts(volume, view);
  const [first] = parts;
  if (first === undefined) return undefined;
  return {
    kind: first.task.kind,
    state: removal === undefined ? rebalanceState(volume, parts, view) : REMOVAL_STATES[removal.state],
    nodes: parts.map(({ node, task }) => {
      const now = live.find(({ uuid }) => view.facts(node)?.store.uuid === uuid) ?? task;
      return { node, files: now.files, bytes: now.bytes, failures: now.failures, skipped: now.skipped };
    }),
  };
}

const REMOVAL_STATES: { readonly [state in Removal['state']]: TaskStatus['state'] } = {
  running: 'running',
  stalled: 'stalled',
  lacking: 'failed',
  completed: 'completed',
};

function rebalanceState(volume: StoreVolume, parts: readonly TaskPart[], view: View): TaskStatus['state'] {
  const has = (status: VolumeTask['status']): boolean => parts.some(({ task }) => task.status === status);
  if (moversOf(volume.name, view).length > 0) return 'running';
  return has('running') ? 'stalled' : ((['failed', 'stopped'] as const).find(has) ?? 'completed');
}
