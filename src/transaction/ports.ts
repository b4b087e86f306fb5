/**
 * Has the ports of running bricks stored where glusterd holds them right and its files wrong: a glusterd that
 * was away took the volume over from the others when it came back, and its brick files keep the ports of
 * before. Owns the moment, not the way.
 */
import { failure, type Failure } from '../core/failure.ts';
import { volumePortsStore } from '../actions/volume-ports-store.ts';
import type { VolumeName } from '../model/names.ts';
import type { View } from '../view/view.ts';
import { runCalls } from './commit.ts';
import { type Context, observe } from './context.ts';

/** Answers the cluster as it is then; what could not be stored stays a finding. */
export async function storePorts(
  context: Context,
  volumes: Iterable<VolumeName>,
  view: View,
): Promise<{ readonly view: View; readonly failures: readonly Failure[] }> {
  const calls = [...volumes].flatMap((volume) => volumePortsStore.calls({ volume }, view));
  if (calls.length === 0) return { view, failures: [] };
  const problem = await runCalls(context, calls);
  const failures =
    problem === undefined
      ? []
      : [failure('command-failed', 'the ports of bricks could not be stored', { cause: problem.message })];
  return { view: await observe(context), failures };
}
