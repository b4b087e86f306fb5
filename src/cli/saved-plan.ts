/**
 * A plan in a file: the plan with the cluster file it was made from, so that apply can check it against the
 * cluster again.
 */
import { failure, FailureError } from '../core/failure.ts';
import { nodesOf } from '../cluster-file/inventory.ts';
import { withNodesWritten } from '../cluster-file/write.ts';
import type { Plan } from '../model/plan.ts';
import type { Source } from './input.ts';

interface SavedPlan {
  readonly kind: 'glusterctl-plan';
  readonly formatVersion: 1;
  readonly source: Source;
  readonly plan: Plan;
}

export const savedPlanText = (source: Source, plan: Plan): string =>
  `${JSON.stringify({
    kind: 'glusterctl-plan',
    formatVersion: 1,
    source: withoutInventory(source),
    plan,
  } satisfies SavedPlan)}\n`;

/** Its nodes as they were resolved: the machine that applies the plan may have another inventory, or none. */
function withoutInventory({ inventory, ...source }: Source): Source {
  if (inventory === undefined) return source;
  const text = withNodesWritten(source.text, nodesOf(source.text, inventory.nodes));
  if (!text.ok) throw new FailureError(text.error);
  return { ...source, text: text.value };
}

/** Undefined: this is no saved plan, but a cluster file. */
export function readSavedPlan(source: Source): SavedPlan | undefined {
  if (!source.text.startsWith('{"kind":"glusterctl-plan"')) return undefined;
  try {
    const value = JSON.parse(source.text) as SavedPlan;
    const version: number = value.formatVersion;
    if (typeof value.source.text === 'string' && Array.isArray(value.plan.steps) && version === 1)
      return value;
  } catch {
    // Falls through to the one message for everything that is not a whole plan of this format.
  }
  throw new FailureError(
    failure('invalid-input', `${source.file} is a saved plan that cannot be read`, {
      cause: 'it is damaged, or of another version of glusterctl',
      fix: 'make it again: "glusterctl plan" of the cluster file, with --out',
    }),
  );
}
