/**
 * Runs the calls of an action, in order. Owns where they end: at the first that is not done. The caller
 * judges what that means for the transaction.
 */
import type { Call, Calls } from '../actions/action.ts';
import type { RestartCall } from '../actions/with-glusterd-stopped.ts';
import type { Context } from './context.ts';
import { type NotDone, perform } from './perform.ts';
import { checkStores, restart } from './restart.ts';

/** In order, those of a group in parallel. The first that is not done ends it, after its group. */
export async function runCalls(context: Context, calls: Calls): Promise<NotDone | undefined> {
  for (const call of calls) {
    const problem =
      'restart' in call
        ? await runRestart(context, call)
        : await runGroup(context, 'node' in call ? [call] : call);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function runGroup(context: Context, group: readonly Call[]): Promise<NotDone | undefined> {
  const outcomes = await Promise.all(
    group.map(async ({ node, op }) => ({ node, outcome: await perform(context, node, op) })),
  );
  for (const { node, outcome } of outcomes)
    if (outcome.kind !== 'done') return { kind: outcome.kind, message: `${node}: ${outcome.message}` };
  return undefined;
}

/**
 * Stops no glusterd where one of the stores takes no writes: half of the work would repair nothing.
 */
async function runRestart(context: Context, { restart: work }: RestartCall): Promise<NotDone | undefined> {
  const refused = await checkStores(context, work);
  const failures = refused.length > 0 ? refused : (await restart(context, { work }, [])).failures;
  const [first] = failures;
  return first && { kind: 'failed', message: `${first.node ?? 'cluster'}: ${first.cause ?? first.title}` };
}
