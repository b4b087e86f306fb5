/**
 * Marks in the journals: how far a transaction has got, on every node. Owns which nodes are marked;
 * `unfinished.ts` says what a mark means to a later controller.
 */
import type { Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { LockOwner, TransactionState } from '../model/transaction.ts';
import { type Context, onSome } from './context.ts';
import { CLOSE_MS, CLOSE_PAUSE_MS } from './limits.ts';
import { lostLocks, reconnectLostNodes } from './lock.ts';
import { performAll } from './perform.ts';
import { notice } from './phase.ts';

/** The journal of that transaction, on those of the nodes that have a link. */
export const markOn = (
  context: Context,
  nodes: Iterable<NodeName>,
  transaction: string,
  state: TransactionState,
  by?: LockOwner,
): Promise<readonly Failure[]> => {
  const mark = { kind: 'journal-mark', transaction, state, ...(by !== undefined && { by }) } as const;
  return performAll(context, onSome(context, nodes, mark));
};

/** Our own journal, on every node. */
export const markOwn = (context: Context, state: TransactionState): Promise<readonly Failure[]> =>
  markOn(context, context.links.keys(), context.owner.transaction, state);

/** Where a node cannot be marked, it is tried again within the limit; answers why the rest could not be. */
export async function closeCommitted(context: Context): Promise<readonly Failure[]> {
  const { clock } = context;
  const deadline = clock.now() + CLOSE_MS;
  let unmarked = await closeOwn(context, 'committed');
  if (unmarked.length > 0)
    notice(context, `the journal could not be closed on ${nodesOf(unmarked)}: trying again`);
  while (unmarked.length > 0 && clock.now() < deadline) {
    await clock.sleep(CLOSE_PAUSE_MS);
    if (lostLocks(context).length > 0) await reconnectLostNodes(context);
    unmarked = await markAgain(context, unmarked, 'committed');
  }
  return unmarked;
}

const nodesOf = (unmarked: readonly Failure[]): string => unmarked.map((f) => f.node ?? '').join(', ');

const markAgain = (
  context: Context,
  unmarked: readonly Failure[],
  state: TransactionState,
): Promise<readonly Failure[]> => {
  const again = [...context.links.keys()].filter((node) => unmarked.some((f) => f.node === node));
  return markOn(context, again, context.owner.transaction, state);
};

/** Reconnects nodes that were lost, so that no journal stays open after the transaction. */
export async function closeOwn(
  context: Context,
  state: 'committed' | 'rolled-back',
): Promise<readonly Failure[]> {
  const unmarked = await markOwn(context, state);
  if (unmarked.length === 0 || lostLocks(context).length === 0) return unmarked;
  await reconnectLostNodes(context);
  return markAgain(context, unmarked, state);
}
