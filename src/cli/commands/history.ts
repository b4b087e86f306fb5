/** `history`: the transactions that the nodes keep. Reads only what an observation carries. */
import { failureText } from '../../report/failure-text.ts';
import { historyJson, historyText, type PastTransaction } from '../../report/history-text.ts';
import { makeView, type View } from '../../view/view.ts';
import { load, readSource } from '../input.ts';
import { exitWith } from '../process.ts';
import { openAny, type Session } from '../session.ts';
import type { LockFlags } from './lock.ts';

export async function historyCommand(file: string, flags: LockFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const list = historyOf(view);
  const { terminal } = session;
  terminal.out(
    flags.format === 'json'
      ? historyJson(desired.cluster, list)
      : historyText(desired.cluster, list, terminal),
  );
  if (view.failed.size === 0) return;
  terminal.err(`${failureText([...view.failed.values()], terminal.colour).trimEnd()}\n`);
  exitWith(7);
}

/** Newest first: ids sort by time. */
export function historyOf(view: View): readonly PastTransaction[] {
  const ids = [...new Set(view.nodes.flatMap((n) => n.transactions.map((t) => t.id)))].sort().reverse();
  return ids.map((id) => {
    const records = view.nodes.map((n) => ({
      node: n.node,
      record: n.transactions.find((t) => t.id === id),
    }));
    return {
      id,
      owner: records.find(({ record }) => record?.owner !== undefined)?.record?.owner,
      states: new Map(records.flatMap(({ node, record }) => (record === undefined ? [] : [[node, record.state]]))), // prettier-ignore
      missing: records.flatMap(({ node, record }) => (record === undefined ? [node] : [])),
      underWay: view.nodes.some((n) => n.lock?.held === true && n.lock.owner?.transaction === id),
    };
  });
}
