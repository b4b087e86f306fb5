/**
 * Ends orphaned brick processes in a rollback: those of volumes that did not exist, were not started, or did
 * not have the brick, before.
 */
import type { Failure } from '../../core/failure.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { NodeOp } from '../../model/op.ts';
import type { View } from '../../view/view.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import { performAll } from '../perform.ts';
import { wasServed } from './compare.ts';

/** One per node at a time, on all nodes in parallel. */
export async function stopOrphanedBricks(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<readonly Failure[]> {
  const perNode = view.nodes.map((facts) => [facts.node, orphansOn(facts, before, volumes, view)] as const);
  const rounds = Math.max(0, ...perNode.map(([, ops]) => ops.length));
  const failures: Failure[] = [];
  for (let round = 0; round < rounds; round++) {
    const ops = perNode.flatMap(([node, list]): readonly [NodeName, NodeOp][] => {
      const op = list[round];
      return op === undefined ? [] : [[node, op]];
    });
    failures.push(...(await performAll(context, new Map(ops))));
  }
  return failures;
}

function orphansOn(
  facts: NodeFacts,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): readonly NodeOp[] {
  if (!before.stores.has(facts.node)) return [];
  return facts.processes.flatMap(({ brick, state, pid, startTicks }): readonly NodeOp[] => {
    const volume = volumes.find((v) => v === brick?.volume);
    if (brick === undefined || state === 'Z' || volume === undefined) return [];
    if (wasServed(view, before, { volume, node: facts.node, path: brick.path })) return [];
    return [{ kind: 'end-process', pid, startTicks, word: brick.path }];
  });
}
