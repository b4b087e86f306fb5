/**
 * Whether a transaction is still ours to take back. While our lock was lost, another controller may have
 * finished it and gone on, or a person may have taken the lock away; the journal says so, for we have not
 * written in it since.
 */
import { failure, type Failure } from '../../core/failure.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import { lostLocks, reconnectLostNodes } from '../lock.ts';
import { markOn } from '../marks.ts';
import type { Residue, RolledBack } from './residue.ts';

/** Reconnects lost nodes, unless the transaction is seen to be superseded before that or after it. */
export async function regainLostNodes(context: Context, before: Before): Promise<RolledBack> {
  if (lostLocks(context).length === 0) return { failures: [], residue: [], isSuperseded: false };
  const early = await supersededBy(context, before);
  if (early.length > 0) return superseded(before, early, []);
  const failures = await reconnectLostNodes(context);
  const late = await supersededBy(context, before);
  if (late.length > 0) return superseded(before, late, failures);
  return { failures, residue: [], isSuperseded: false };
}

async function supersededBy(context: Context, { transaction }: Before): Promise<readonly Residue[]> {
  const view = await context.observer.observe();
  return view.nodes.flatMap(({ node, transactions }) => {
    const state = transactions.find((t) => t.id === transaction)?.state;
    if (state === 'rolled-back' || state === 'committed')
      return [{ node, what: `another controller has settled this transaction on ${node}: ${state}` }];
    if (state === 'rolling-back' && transaction === context.owner.transaction)
      return [{ node, what: `this transaction was taken away from us on ${node}` }];
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
      fix: 'nothing was changed since; "glusterctl doctor FILE" shows whether "glusterctl recover FILE" is needed',
    },
  );

/**
 * Says to another controller, should it come back, that its transaction was taken over. Our own journal goes
 * on saying `committing`: should we die, that asks the same of whoever comes after us.
 */
export async function markSuperseded(
  context: Context,
  { transaction, stores }: Before,
): Promise<readonly Failure[]> {
  if (transaction === context.owner.transaction) return [];
  return markOn(context, stores.keys(), transaction, 'rolling-back');
}
