/** The transactions that the nodes keep, put together over all nodes. */
import type { PastTransaction } from '../model/transaction.ts';
import type { View } from './view.ts';

/** Newest first: ids sort by time. */
export function pastTransactions(view: View): readonly PastTransaction[] {
  const ids = [...new Set(view.nodes.flatMap((n) => n.transactions.map((t) => t.id)))].sort().reverse();
  return ids.map((id) => {
    const records = view.nodes.map((n) => ({
      node: n.node,
      record: n.transactions.find((t) => t.id === id),
    }));
    return {
      id,
      owner: records.find(({ record }) => record?.owner !== undefined)?.record?.owner,
      states: new Map(
        records.flatMap(({ node, record }) => (record === undefined ? [] : [[node, record.state]])),
      ),
      missing: records.flatMap(({ node, record }) => (record === undefined ? [node] : [])),
      underWay: view.nodes.some((n) => n.lock?.held === true && n.lock.owner?.transaction === id),
    };
  });
}

/** The newest, by the word `latest`, or the one whose id begins so; several: it could be any of them. */
export function transactionsMeant(view: View, given: string): readonly string[] {
  const ids = pastTransactions(view).map((t) => t.id);
  if (given === 'latest') return ids.slice(0, 1);
  return ids.includes(given) ? [given] : ids.filter((id) => given !== '' && id.startsWith(given));
}
