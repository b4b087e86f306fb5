/**
 * Whether a transaction is still ours to roll back. While our lock was lost, another controller may have
 * finished it, or a person may have released the lock. The journal says so: we have not written to it since.
 */
import { failure, type Failure } from '../../core/failure.ts';
import { isFinal } from '../../model/transaction.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import { lostLocks, reconnectLostNodes } from '../lock.ts';
import { markOn } from '../marks.ts';
import type { Residue, RolledBack } from './residue.ts';

/** Reconnects lost nodes, unless the transaction is superseded: read before that and after it. */
export async function regainLostNodes(context: Context, before: Before): Promise<RolledBack> {
  if (lostLocks(context).length === 0) return { failures: [], residue: [], isSuperseded: false };
  const lost = await supersededBy(context, before);
  if (lost.length > 0) return superseded(before, lost, []);
  const failures = await reconnectLostNodes(context);
  const regained = await supersededBy(context, before);
  if (regained.length > 0) return superseded(before, regained, failures);
  return { failures, residue: [], isSuperseded: false };
}

async function supersededBy(context: Context, { transaction }: Before): Promise<readonly Residue[]> {
  const view = await context.observer.observe();
  return view.nodes.flatMap(({ node, transactions }) => {
    const state = transactions.find((t) => t.id === transaction)?.state;
    if (state !== undefined && isFinal(state))
      return [{ node, what: `another controller has finished this transaction on ${node}: ${state}` }];
    if (state === 'rolling-back' && transaction === context.owner.transaction)
      return [{ node, what: `this transaction was taken over on ${node}` }];
    return [];
  });
}

const superseded = (
  { transaction }: Before,
  residue: readonly Residue[],
  failures: readonly Failure[],
): RolledBack => ({
  failures: [...failures, supersededFailure(transaction)],
  residue,
  isSuperseded: true,
});

const supersededFailure = (transaction: string): Failure =>
  failure(
    'fenced',
    `transaction ${transaction} is no longer ours: the lock was lost, and another took the transaction over`,
    {
      fix:
        'nothing was changed since; "glusterctl doctor FILE" shows whether "glusterctl recover FILE" ' +
        'is needed',
    },
  );

/**
 * Marks another controller's transaction as superseded, in case that controller returns. Our own journal
 * stays `committing`: if we die, the next controller finishes it.
 */
export async function markSuperseded(
  context: Context,
  { transaction, stores }: Before,
): Promise<readonly Failure[]> {
  if (transaction === context.owner.transaction) return [];
  return markOn(context, stores.keys(), transaction, 'rolling-back');
}
