/** Repairs of what keeps glusterd from starting. */
import type { NodeFacts } from '../../model/observed.ts';
import { startBlockers } from '../../view/start-blockers.ts';
import type { Remedy } from './remedy.ts';

/** Everything that keeps glusterd from starting is repaired, or nothing: with one left it would not start. */
export function allOrNothing(
  facts: NodeFacts,
  paths: readonly string[],
  repair: (path: string) => readonly Remedy[],
): readonly Remedy[] {
  const fatal = new Set(startBlockers(facts));
  const repaired = paths.map((path) => ({ path, remedies: repair(path) }));
  return repaired.some((r) => r.remedies.length === 0 && fatal.has(r.path))
    ? []
    : repaired.flatMap((r) => r.remedies);
}
