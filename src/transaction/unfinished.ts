/**
 * Finishes what a dead controller began, from the journals on the nodes alone: rolled back, unless a node is
 * already marked committed, then forward. Owns that verdict; the rollback itself is the same as of a living
 * transaction.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { TransactionRecord, TransactionState } from '../model/transaction.ts';
import type { View } from '../view/view.ts';
import { type Context, everywhere, onSome } from './context.ts';
import { performAll } from './perform.ts';
import { awaitSettled } from './settled.ts';
import { type Before, readJournal } from './journal.ts';
import { manualSteps } from './rollback/manual-steps.ts';
import { lockAll, unlockAll } from './lock.ts';
import { incompleteFailure, outcomeOf, rollBackAndMark } from './run.ts';
import type { RunResult } from '../model/event.ts';

export interface Unfinished {
  readonly id: string;
  readonly states: ReadonlyMap<NodeName, TransactionRecord['state']>;
  readonly direction: 'back' | 'forward' | 'nothing-done';
}

const OVER: ReadonlySet<string> = new Set(['committed', 'rolled-back']);

/** Newest first: the last one's before-image contains what the earlier ones left. */
export function unfinishedIn(view: View): readonly Unfinished[] {
  const byId = new Map<string, Map<NodeName, TransactionRecord['state']>>();
  for (const facts of view.nodes)
    for (const record of facts.transactions) {
      const states = byId.get(record.id) ?? new Map<NodeName, TransactionRecord['state']>();
      byId.set(record.id, states.set(facts.node, record.state));
    }
  return [...byId]
    .filter(([, states]) => [...states.values()].some((s) => !OVER.has(s)))
    .map(([id, states]) => ({ id, states, direction: directionOf([...states.values()]) }))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * A journal is marked committing on all nodes before the first step, and committed only after the last was
 * seen everywhere.
 */
function directionOf(states: readonly TransactionRecord['state'][]): Unfinished['direction'] {
  if (states.includes('committed')) return 'forward';
  return states.every((s) => s === 'prepared' || s === 'unreadable' || s === 'rolled-back')
    ? 'nothing-done'
    : 'back';
}

/** All of them under one lock, newest first; the first that cannot be settled ends it. */
export async function finishUnfinished(context: Context, list: readonly Unfinished[]): Promise<RunResult> {
  const base = { transaction: context.owner.transaction };
  context.emit({ type: 'phase', phase: 'lock', status: 'started' });
  const locked = await lockAll(context);
  context.emit({ type: 'phase', phase: 'lock', status: locked.length === 0 ? 'done' : 'failed' });
  let settled: Finished = { failures: locked, owed: [] };
  context.phase = 'rollback';
  const spared =
    locked.length === 0
      ? await performAll(context, everywhere(context, { kind: 'spare-bricks' }), 'rollback')
      : [];
  if (spared.length > 0) settled = { failures: spared, owed: [] };
  else if (locked.length === 0) await awaitSettled(context, 'rollback');
  if (locked.length === 0 && spared.length === 0)
    for (const unfinished of list) {
      settled = await finishOne(context, unfinished);
      if (settled.failures.length > 0) break;
    }
  context.emit({ type: 'phase', phase: 'unlock', status: 'started' });
  await unlockAll(context);
  context.emit({ type: 'phase', phase: 'unlock', status: 'done' });
  const { failures, owed } = settled;
  if (failures.length === 0) return { ...base, outcome: 'applied', failures, owed };
  const outcome = locked.length > 0 ? outcomeOf(locked) : 'rollback-incomplete';
  return { ...base, outcome, failures, owed };
}

interface Finished {
  readonly failures: readonly Failure[];
  readonly owed: RunResult['owed'];
}

async function finishOne(context: Context, unfinished: Unfinished): Promise<Finished> {
  const { id, direction } = unfinished;
  context.emit({
    type: 'notice',
    level: 'info',
    message: `settling transaction ${id}: ${DIRECTION[direction]}`,
  });
  if (direction !== 'back')
    return {
      failures: await markAll(context, unfinished, direction === 'forward' ? 'committed' : 'rolled-back'),
      owed: [],
    };
  const before = await readBefore(context, unfinished);
  if ('code' in before) return { failures: [before], owed: [] };
  const { failures, residue: left } = await rollBackAndMark(context, before.journal.plan.steps, before);
  if (left.length > 0)
    return { failures: [incompleteFailure(left), ...failures], owed: manualSteps(left, id) };
  return { failures: [], owed: [] };
}

export const DIRECTION: { readonly [direction in Unfinished['direction']]: string } = {
  back: 'it is rolled back',
  forward: 'it was complete; only its journal is closed',
  'nothing-done': 'it had changed nothing; only its journal is closed',
};

const markAll = (
  context: Context,
  { id, states }: Unfinished,
  state: TransactionState,
): Promise<readonly Failure[]> =>
  performAll(
    context,
    onSome(context, states.keys(), { kind: 'journal-mark', transaction: id, state }),
    'rollback',
  );

/** The journal from any node that has it whole; the before-image from every node. */
async function readBefore(context: Context, { id, states }: Unfinished): Promise<Before | Failure> {
  const nodes = [...context.links].filter(([node]) => states.has(node));
  const files = await Promise.all(
    nodes.map(async ([node, link]) => ({ node, read: await link.journal(id) })),
  );
  const failed = files.flatMap(({ read }) => (read.ok ? [] : [read.error]));
  if (failed[0] !== undefined) return failed[0];
  const journals = files.flatMap(({ read }) => (read.ok ? (readJournal(read.value.plan) ?? []) : []));
  const journal = journals[0];
  if (journal === undefined)
    return failure('rollback-incomplete', `no node has a readable journal of transaction ${id}`, {
      fix: `look at /var/lib/glusterctl/transactions/${id} on the nodes; before.tar is the store as it was`,
    });
  const stores = new Map(
    files.flatMap(({ node, read }) => (read.ok ? [[node, read.value.store] as const] : [])),
  );
  return { transaction: id, journal, stores };
}
