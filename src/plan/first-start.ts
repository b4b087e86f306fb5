/**
 * The first start of a volume that heals brings up the self-heal daemon of every node, which takes glusterd
 * two seconds. A start beside it that meets a daemon halfway up tries again each whole second, and now and
 * then fails on a node. Owns the order that spares this: the other starts come after the first.
 */
import { volumeStart } from '../actions/volume-state.ts';
import type { DesiredVolume } from '../model/desired.ts';
import type { View } from '../view/view.ts';
import type { Part } from './part.ts';

/**
 * `parts`: one a volume of the file, in its order. Where a self-heal daemon runs already, they are left as
 * they are.
 */
export function firstStartFirst(
  volumes: readonly DesiredVolume[],
  parts: readonly Part[],
  view: View,
): readonly Part[] {
  if (view.nodes.some((n) => n.processes.some((p) => p.role === 'self-heal'))) return parts;
  const starts = parts.map((part, i) =>
    volumes[i]?.layout.kind === 'distribute'
      ? undefined
      : part.steps.find((s) => s.action === volumeStart.name),
  );
  const first = starts.find((s) => s !== undefined);
  if (first === undefined) return parts;
  return parts.map((part, i) => ({
    ...part,
    steps: part.steps.map((step) =>
      step === starts[i] && step !== first ? { ...step, after: [...step.after, first.id] } : step,
    ),
  }));
}
