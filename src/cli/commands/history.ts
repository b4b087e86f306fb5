/** `history`: the transactions that the nodes keep, and what one of them did. Changes nothing. */
import { quote } from '../../core/shell.ts';
import { notKept, notOne } from '../../change/restore.ts';
import { failure, FailureError, type Failure } from '../../core/failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NodeName } from '../../model/names.ts';
import { JOURNAL_ROOT } from '../../model/transaction.ts';
import type { PastTransaction } from '../../model/transaction.ts';
import type { Step } from '../../model/plan.ts';
import { readJournal } from '../../transaction/journal.ts';
import { pastTransactions, transactionsMeant } from '../../view/transactions.ts';
import { makeView } from '../../view/view.ts';
import { FORMATS } from '../formats.ts';
import { load, readSource } from '../input.ts';
import { openAny, type Session } from '../session.ts';
import { unreadable } from '../unreadable.ts';
import type { LockFlags } from './lock.ts';

export async function historyCommand(
  file: string,
  id: string | undefined,
  flags: LockFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const { terminal } = session;
  const { cluster: name } = desired;
  const format = FORMATS[flags.format];
  const list = pastTransactions(view);
  if (id === undefined) {
    terminal.out(await format.history({ cluster: name, list }, terminal));
  } else {
    const meant = transactionsMeant(view, id);
    if (meant.length > 1) throw new FailureError(notOne(quote(file), id, meant));
    const past = list.find((t) => t.id === meant[0]);
    if (past === undefined) throw new FailureError(...view.failed.values(), notKept(quote(file), id));
    const steps = await stepsOf(cluster, past);
    terminal.out(await format.past({ cluster: name, past, steps }, terminal));
  }
  unreadable(view.failed, session);
}

/** From the first node that has them intact: they are the same on all. */
async function stepsOf({ links }: Cluster, { id, states }: PastTransaction): Promise<readonly Step[]> {
  const failures: Failure[] = [];
  for (const [node, link] of links) {
    if (!states.has(node)) continue;
    const read = await link.journal(id);
    const journal = read.ok ? readJournal(read.value.plan) : undefined;
    if (journal !== undefined) return journal.plan.steps;
    failures.push(read.ok ? damaged(node, id) : read.error);
  }
  throw new FailureError(...failures);
}

const damaged = (node: NodeName, id: string): Failure =>
  failure('node-unreadable', `the journal of transaction ${id} on ${node} is damaged`, {
    node,
    cause: `plan.json in ${JOURNAL_ROOT}/${id} is not what was written there`,
    fix: 'nothing needs it once the transaction is over; "glusterctl doctor FILE" shows one that is not',
  });
