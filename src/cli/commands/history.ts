/** `history`: the transactions that the nodes keep, and what one of them did. Changes nothing. */
import { notKept } from '../../change/restore.ts';
import { failure, FailureError, type Failure } from '../../core/failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NodeName } from '../../model/names.ts';
import { JOURNAL_ROOT } from '../../model/observed.ts';
import type { Step } from '../../model/plan.ts';
import { failureText } from '../../report/text/failure-text.ts';
import {
  historyJson,
  historyText,
  pastJson,
  pastText,
  type PastTransaction,
} from '../../report/text/history-text.ts';
import { readJournal } from '../../transaction/journal.ts';
import { makeView, type View } from '../../view/view.ts';
import { load, readSource } from '../input.ts';
import { exitWith } from '../process.ts';
import { openAny, type Session } from '../session.ts';
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
  const isJson = flags.format === 'json';
  const list = historyOf(view);
  if (id === undefined) {
    terminal.out(isJson ? historyJson(desired.cluster, list) : historyText(desired.cluster, list, terminal));
  } else {
    const past = list.find((t) => t.id === id);
    if (past === undefined) throw new FailureError(...view.failed.values(), notKept(file, id));
    const steps = await stepsOf(cluster, past);
    terminal.out(
      isJson ? pastJson(desired.cluster, past, steps) : pastText(desired.cluster, past, steps, terminal),
    );
  }
  if (view.failed.size === 0) return;
  terminal.err(`${failureText([...view.failed.values()], terminal.colour).trimEnd()}\n`);
  exitWith(7);
}

/** From the first node that has them whole: they are the same on all. */
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
    fix: 'nothing needs it once the transaction is over; "glusterctl doctor FILE" tells of one that is not',
  });

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
      states: new Map(
        records.flatMap(({ node, record }) => (record === undefined ? [] : [[node, record.state]])),
      ),
      missing: records.flatMap(({ node, record }) => (record === undefined ? [node] : [])),
      underWay: view.nodes.some((n) => n.lock?.held === true && n.lock.owner?.transaction === id),
    };
  });
}
