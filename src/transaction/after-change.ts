/**
 * Runs the actions that follow every change, once it is in effect. Owns the moment; each action says whether
 * it is one of them.
 */
import { AFTER_EVERY_CHANGE } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { VolumeName } from '../model/names.ts';
import type { View } from '../view/view.ts';
import { runCalls } from './calls.ts';
import type { Context } from './context.ts';

/** Returns the cluster as it is afterwards; what could not be done stays a finding. */
export async function runAfterChange(
  context: Context,
  touched: Iterable<VolumeName>,
  before: View,
): Promise<{ readonly view: View; readonly failures: readonly Failure[] }> {
  const volumes = [...touched];
  const failures: Failure[] = [];
  let view = before;
  for (const { action, args, failed } of AFTER_EVERY_CHANGE) {
    const calls = volumes.flatMap((volume) => action.calls(args(volume), view));
    if (calls.length === 0) continue;
    const problem = await runCalls(context, calls);
    if (problem !== undefined) failures.push(failure('command-failed', failed, { cause: problem.message }));
    view = await context.observer.observe();
  }
  return { view, failures };
}
