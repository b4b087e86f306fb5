/** How far rebalances and removals are, in words, while one waits for them. Owns whom it asks: one node. */
import type { NodeName, VolumeName } from '../model/names.ts';
import type { Moved, NodeLink } from '../model/node-link.ts';
import { coordinatorOf } from '../view/pool.ts';
import { movedWords, moversOf } from '../view/rebalance.ts';
import type { View } from '../view/view.ts';

/** By volume; of those alone whose files are on their way. */
export async function movedIn(
  links: ReadonlyMap<NodeName, NodeLink>,
  view: View,
): Promise<ReadonlyMap<VolumeName, readonly Moved[]>> {
  const coordinator = coordinatorOf(view);
  const link = coordinator === undefined ? undefined : links.get(coordinator);
  const found = new Map<VolumeName, readonly Moved[]>();
  for (const [name, { best }] of view.volumes) {
    if (link === undefined || moversOf(name, view).length === 0) continue;
    const moved = await link.moved(
      name,
      best.bricks.filter((b) => b.decommissioned).map((b) => `${b.hostname}:${b.path}`),
    );
    if (moved.ok) found.set(name, moved.value);
  }
  return found;
}

export const progressOf = async (
  links: ReadonlyMap<NodeName, NodeLink>,
  view: View,
): Promise<readonly string[]> =>
  [...(await movedIn(links, view))].map(([name, moved]) => movedWords(name, moved, view));
