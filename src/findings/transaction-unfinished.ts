/** Transactions of this program that did not come to an end. */
import { isFinal, type LockOwner, type TransactionRecord } from '../model/transaction.ts';
import { listed } from '../core/text.ts';
import type { NodeName } from '../model/names.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const transactionUnfinished = defineFinding({
  code: 'transaction-unfinished',
  explain: {
    title: 'An unfinished transaction',
    meaning:
      'glusterctl began to change the cluster and did not finish: ' +
      'the cluster may be between before and after. The journal on the nodes knows both.',
    cause:
      'The controller or its connections died, or a node was out of reach when its part was ' +
      'rolled back ("owed").',
    looksAt: 'The state of every transaction below /var/lib/glusterctl/transactions, and who holds the lock.',
    repair:
      'It is rolled back. Where any node has it as committed, the change is complete, and only its ' +
      'journal is closed: nothing is wrong then, and this is a notice.',
    risk:
      'What others changed in its volumes since is never overwritten without a word: ' +
      'then, or after an hour, recover asks, or ends with exit code 8 and names the flags that decide.',
    byHand: ['glusterctl recover FILE', 'glusterctl recover FILE --abandon ID, to keep everything as it is'],
  },
  detect(view) {
    const held = new Set(
      view.nodes.flatMap((n) =>
        n.lock?.held === true && n.lock.owner !== undefined ? [n.lock.owner.transaction] : [],
      ),
    );
    return [...openTransactions(view)]
      .filter(([id]) => !held.has(id))
      .map(([id, records]) => found(id, records, [...view.leftOut.keys()]));
  },
});

interface OnNode {
  readonly node: NodeName;
  readonly record: TransactionRecord;
}

function openTransactions(view: View): ReadonlyMap<string, readonly OnNode[]> {
  const all = new Map<string, OnNode[]>();
  for (const { node, transactions } of view.nodes)
    for (const record of transactions) {
      const of = all.get(record.id);
      if (of === undefined) all.set(record.id, [{ node, record }]);
      else of.push({ node, record });
    }
  return new Map([...all].filter(([, records]) => records.some(({ record }) => !isFinal(record.state))));
}

function found(id: string, records: readonly OnNode[], leftOut: readonly NodeName[]): Found {
  const open = records.filter(({ record }) => !isFinal(record.state));
  const owner: LockOwner | undefined = records.find(({ record }) => record.owner !== undefined)?.record.owner;
  const isOwed = open.every(({ record }) => record.state === 'owed');
  // Committed on one is complete on all: a node that was lost right then did not hear of it.
  const isComplete = records.some(({ record }) => record.state === 'committed');
  const where = listed(open.map((o) => o.node));
  return {
    // What is owed to a node that is left out waits for it, and does not keep the others from anything.
    severity: isComplete ? 'info' : isOwed && leftOut.length > 0 ? 'warning' : 'error',
    subject: 'cluster',
    nodes: open.map((o) => o.node),
    message: isComplete
      ? `transaction ${id} is complete; its journal is not closed yet on ${where}`
      : isOwed
        ? `transaction ${id} is rolled back, but a node that was out of reach is still owed its part`
        : `transaction ${id} did not finish on ${where}`,
    evidence: [
      ...records.map((o) => witness(o.node, `/var/lib/glusterctl/transactions/${id}/state`, o.record.state)),
      ...(owner === undefined
        ? []
        : [`begun by ${owner.user}@${owner.host} at ${owner.since}: ${owner.command}`]),
    ],
    remedy: isComplete
      ? 'the next "glusterctl apply FILE" or "glusterctl recover FILE" closes it'
      : '"glusterctl recover FILE" finishes it or takes it back',
  };
}
