/**
 * Sends operations to nodes: behind the fence of settled glusterds, again where somebody else's command was
 * in the way. Owns that patience; an operation that was carried out, or may have been, is never sent twice.
 */
import { digest } from '../core/digest.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Phase } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeOp, OpOutcome } from '../model/op.ts';
import type { Context } from './context.ts';
import { BUSY_MS, BUSY_PAUSE_MAX_MS, BUSY_PAUSE_MS, SETTLE_TRIES_MAX } from './limits.ts';
import { awaitSettled, fencedBySettled } from './settled.ts';

export async function perform(context: Context, node: NodeName, op: NodeOp): Promise<OpOutcome> {
  const link = context.links.get(node);
  if (link === undefined) return { kind: 'unknown', message: `${node} is out of reach` };
  const deadline = context.clock.now() + BUSY_MS;
  for (let tries = 0, refusals = 0; ; tries++) {
    const sent = await fencedBySettled(context, node, op);
    if (op.kind === 'stop-glusterd') context.stopped.add(node);
    if (op.kind === 'start-glusterd') context.stopped.delete(node);
    if (op.kind === 'stop-glusterd' || op.kind === 'start-glusterd') forget(context, node);
    const outcome: OpOutcome = sent.ok
      ? await link.perform(sent.value, context.owner.transaction)
      : { kind: 'unsettled', message: sent.error };
    context.seen = undefined;
    if (outcome.kind === 'unknown') context.unanswered = true;
    if (op.kind === 'gluster' && op.argv[0] === 'peer') joined(context);
    if (outcome.kind === 'unsettled' && refusals < SETTLE_TRIES_MAX) {
      refusals += 1;
      context.settled = undefined;
      if ((await awaitSettled(context, context.phase)).waiting.length === 0) continue;
      return outcome;
    }
    const isBusy = outcome.kind === 'busy' && context.clock.now() < deadline && !isStopped(context);
    if (!isBusy) return outcome;
    await context.clock.sleep(pauseMs(context, node, tries));
  }
}

const isStopped = ({ phase, signal }: Context): boolean => phase !== 'rollback' && signal.aborted;

/**
 * Differs from run to run and from try to try, so that two who meet do not meet again; the same in every
 * replay.
 */
function pauseMs({ owner }: Context, node: NodeName, tries: number): number {
  const most = Math.min(BUSY_PAUSE_MAX_MS, BUSY_PAUSE_MS * 2 ** tries);
  return (
    BUSY_PAUSE_MS / 2 +
    (parseInt(digest(`${owner.transaction} ${node} ${String(tries)}`).slice(0, 6), 16) % most)
  );
}

/** The pool is another one from here on: what was seen of any member does not count any more. */
function joined(context: Context): void {
  context.joinedAt = context.clock.now();
  for (const node of context.links.keys()) context.unsettled.add(node);
}

/** It is another process from here on, and has to be seen settled before it is given a command. */
function forget(context: Context, node: NodeName): void {
  context.glusterds.delete(node);
  context.checked.delete(node);
  context.unsettled.add(node);
}

/** The same operation on many nodes at once; answers those that did not say done. */
export async function performAll(
  context: Context,
  ops: ReadonlyMap<NodeName, NodeOp>,
  phase: Phase,
): Promise<readonly Failure[]> {
  const failures = await Promise.all(
    [...ops].map(async ([node, op]): Promise<Failure | undefined> => {
      context.emit({ type: 'node', phase, node, status: 'started', detail: op.kind });
      const outcome = await perform(context, node, op);
      const status = outcome.kind === 'done' ? 'done' : 'failed';
      context.emit({ type: 'node', phase, node, status, detail: op.kind });
      if (outcome.kind === 'done') return undefined;
      const code = outcome.kind === 'fenced' ? 'fenced' : 'command-failed';
      return failure(code, `${op.kind} on ${node}: ${outcome.kind}`, { node, cause: outcome.message });
    }),
  );
  return failures.filter((f) => f !== undefined);
}
