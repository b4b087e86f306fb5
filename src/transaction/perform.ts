/**
 * Sends operations to nodes. Owns the fence of settled glusterds, and the retries while another command holds
 * glusterd's lock. An operation that was carried out, or may have been, is never sent twice.
 */
import { digest } from '../core/digest.ts';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeOp, OpOutcome } from '../model/op.ts';
import { awaitSettled } from './await-settled.ts';
import type { Context } from './context.ts';
import { lostLocks } from './lock.ts';
import { BUSY_MS, BUSY_PAUSE_MAX_MS, BUSY_PAUSE_MS, UNSETTLED_TRIES_MAX } from './limits.ts';

/** Why an operation does not count as done. */
export type NotDone = Exclude<OpOutcome, { readonly kind: 'done' }>;

export async function perform(context: Context, node: NodeName, op: NodeOp): Promise<OpOutcome> {
  const { observer, glusterds, clock, links } = context;
  const link = links.get(node);
  if (link === undefined) return { kind: 'unknown', message: `${node} is out of reach` };
  const deadline = clock.now() + BUSY_MS;
  for (let tries = 0, refusals = 0; ; tries++) {
    const sent = await fencedBySettled(context, node, op);
    const lost = asksGlusterd(op) && context.phase === 'commit' ? lostLocks(context) : [];
    // It would reach every member, and what is committed now is rolled back.
    if (lost.length > 0) return { kind: 'fenced', message: `the lock was lost on ${lost.join(', ')}` };
    if (op.kind === 'stop-glusterd') glusterds.stop(node);
    if (op.kind === 'start-glusterd') glusterds.start(node);
    const outcome: OpOutcome = sent.ok
      ? await link.perform(sent.value, context.owner.transaction)
      : { kind: 'unsettled', message: sent.error };
    observer.invalidate();
    if (outcome.kind === 'unknown') observer.answerLost();
    if (op.kind === 'gluster' && op.argv[0] === 'peer') glusterds.joined(links.keys(), clock.now());
    if (outcome.kind === 'unsettled' && refusals < UNSETTLED_TRIES_MAX) {
      refusals += 1;
      glusterds.refused();
      if ((await awaitSettled(context)).waiting.length === 0) continue;
      return outcome;
    }
    const isBusy = outcome.kind === 'busy' && clock.now() < deadline && !isStopped(context);
    if (!isBusy) return outcome;
    await clock.sleep(pauseMs(context, node, tries));
  }
}

const isStopped = ({ phase, signal }: Context): boolean => phase !== 'rollback' && signal.aborted;

/**
 * Differs between runs and tries, so that two that collide do not collide again; the same in every replay.
 */
function pauseMs({ owner }: Context, node: NodeName, tries: number): number {
  const most = Math.min(BUSY_PAUSE_MAX_MS, BUSY_PAUSE_MS * 2 ** tries);
  return (
    BUSY_PAUSE_MS / 2 +
    (parseInt(digest(`${owner.transaction} ${node} ${String(tries)}`).slice(0, 6), 16) % most)
  );
}

const asksGlusterd = (op: NodeOp): op is Extract<NodeOp, { kind: 'gluster' | 'launch-brick' }> =>
  op.kind === 'gluster' || op.kind === 'launch-brick';

/**
 * The operation as it may be sent, or why not: only the process that was seen to be settled gets a command.
 * A command reaches every member, so each must still be that process.
 */
async function fencedBySettled(
  context: Context,
  node: NodeName,
  op: NodeOp,
): Promise<Result<NodeOp, string>> {
  if (!asksGlusterd(op)) return ok(op);
  const { glusterds, links } = context;
  const own = glusterds.settled?.get(node);
  if (own === undefined || glusterds.isUnsettled(node)) return err(`glusterd on ${node} is not settled`);
  const others = op.kind === 'gluster' ? [...links.keys()].filter((other) => other !== node) : [];
  const answers = await Promise.all(others.map((other) => isAnotherProcess(context, other)));
  const refused = answers.filter((answer) => answer !== undefined);
  return refused.length > 0 ? err(refused.join('; ')) : ok({ ...op, glusterd: own });
}

/** Why the glusterd of that node is not the process that was settled; undefined: it is. */
async function isAnotherProcess(context: Context, node: NodeName): Promise<string | undefined> {
  const { glusterds, clock, links, owner } = context;
  if (glusterds.isUnsettled(node)) return `${node}: glusterd is not settled`;
  if (glusterds.settled?.has(node) !== true) return undefined;
  const process = glusterds.settled.get(node);
  const at = clock.now();
  if (glusterds.wasJustChecked(node, process, at)) return undefined;
  const op = { kind: 'same-glusterd', glusterd: process } as const;
  const outcome = await links.get(node)?.perform(op, owner.transaction);
  if (outcome?.kind === 'done') glusterds.checked(node, process, at);
  // This fence does not judge a node that is out of reach, or fenced.
  return outcome?.kind === 'unsettled' ? `${node}: ${outcome.message}` : undefined;
}

/** Operations on many nodes in parallel; returns a failure for each that was not done. */
export async function performAll(
  context: Context,
  ops: ReadonlyMap<NodeName, NodeOp>,
): Promise<readonly Failure[]> {
  const { phase } = context;
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
