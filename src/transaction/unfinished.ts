/**
 * Finishes transactions of dead controllers from the journals on the nodes alone: forward where a node is
 * already marked committed, else back. Owns that verdict; the rollback is that of every transaction.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { RunResult } from '../model/event.ts';
import { holderWords } from '../model/locked.ts';
import { isFinal, type PastTransaction, type TransactionRecord } from '../model/transaction.ts';
import { pastTransactions } from '../view/transactions.ts';
import type { View } from '../view/view.ts';
import { awaitSettled } from './await-settled.ts';
import { blockerFailures } from './blocked.ts';
import { type Context, everywhere } from './context.ts';
import { closeWithout, finalOf, staysOf } from './final.ts';
import { forbidding } from '../plan/gate.ts';
import { type Before, readJournal } from './journal.ts';
import { lockAll, unlockAll } from './lock.ts';
import { markOn } from './marks.ts';
import { performAll } from './perform.ts';
import { begin, end, ended, inPhase, outcomeOf } from './phase.ts';
import { incompleteFailure, manualSteps } from './rollback/manual-steps.ts';
import { rollBackAndMark } from './rollback/rollback.ts';

export interface Unfinished {
  readonly id: string;
  readonly states: ReadonlyMap<NodeName, TransactionRecord['state']>;
  readonly direction: 'back' | 'forward' | 'nothing-done' | 'overtaken' | 'abandoned';
}

/** Newest first: the last one's before-image contains what the earlier ones left. */
export function unfinishedIn(view: View): readonly Unfinished[] {
  const past = pastTransactions(view);
  return past
    .filter(({ states }) => [...states.values()].some((state) => !isFinal(state)))
    .map((one) => {
      const { id, states } = one;
      const isOvertaken = past.some((other) => overtakes(other, one));
      return { id, states, direction: isOvertaken ? 'overtaken' : directionOf([...states.values()]) };
    });
}

/**
 * A later transaction that left nodes out began when this one was rolled back on the others: what is there
 * now is the later one's, and a node that is back takes over that.
 */
const overtakes = ({ owner, states }: PastTransaction, before: PastTransaction): boolean =>
  owner?.without !== undefined &&
  [...states.values()].includes('committed') &&
  before.owner !== undefined &&
  before.owner.since < owner.since;

/** Rolled back on all nodes that are there: what is owed waits for those left out, and keeps nobody. */
export const isOwedToLeftOut = ({ states }: Unfinished, view: View): boolean =>
  view.leftOut.size > 0 && [...states.values()].every((state) => isFinal(state) || state === 'owed');

/**
 * A journal is marked committing on all nodes before the first step, and committed only after the last was
 * seen to be in effect everywhere.
 */
function directionOf(states: readonly TransactionRecord['state'][]): Unfinished['direction'] {
  if (states.includes('abandoned')) return 'abandoned';
  if (states.includes('committed')) return 'forward';
  return states.every((s) => s === 'prepared' || s === 'unreadable' || s === 'rolled-back')
    ? 'nothing-done'
    : 'back';
}

/**
 * All of them under one lock, newest first; the first that cannot be finished ends it. `discarded`: volumes
 * that are put back whatever others have changed in them since.
 */
export async function finishUnfinished(
  context: Context,
  list: readonly Unfinished[],
  discarded: ReadonlySet<VolumeName> = new Set(),
): Promise<RunResult> {
  const locked = await inPhase(context, 'lock', () => lockAll(context));
  const result =
    locked.failures.length > 0
      ? ended(context, outcomeOf(locked.failures), locked.failures)
      : await finishAll(context, list, discarded);
  begin(context, 'unlock');
  await unlockAll(context);
  end(context, 'unlock', true);
  return result;
}

async function finishAll(
  context: Context,
  list: readonly Unfinished[],
  discarded: ReadonlySet<VolumeName>,
): Promise<RunResult> {
  context.phase = 'rollback';
  const spared = await performAll(context, everywhere(context, { kind: 'spare-bricks' }));
  if (spared.length > 0) return incomplete(context, spared);
  const { view } = await awaitSettled(context);
  const forbidden = blockerFailures(forbidding(context.desired, view));
  if (forbidden.length > 0) return ended(context, 'refused', forbidden);
  for (const unfinished of list) {
    const result = await finishOne(context, unfinished, discarded);
    if (result.outcome !== 'applied') return result;
  }
  return ended(context, 'applied');
}

async function finishOne(
  context: Context,
  unfinished: Unfinished,
  discarded: ReadonlySet<VolumeName>,
): Promise<RunResult> {
  const { id, states, direction } = unfinished;
  const message = `finishing transaction ${id}: ${DIRECTION[direction]}`;
  context.emit({ type: 'notice', level: 'info', message });
  if (direction !== 'back') {
    const by = direction === 'abandoned' ? context.owner : undefined;
    return incomplete(context, await markOn(context, states.keys(), id, CLOSED_AS[direction], by));
  }
  const read = await readBefore(context.links, unfinished);
  if ('code' in read) return incomplete(context, [read]);
  const stays = await staysOf(context, read.journal.plan.steps, id);
  if (stays !== undefined) {
    const message = `"${stays.step.summary}" is not taken back: ${finalOf(stays.step).why}`;
    context.emit({ type: 'notice', level: 'warning', message });
    return incomplete(context, await closeWithout(context, states.keys(), id, stays));
  }
  const before = { ...read, discarded, isOwed: [...states.values()].includes('owed') };
  const { failures, residue } = await rollBackAndMark(context, before.journal.plan.steps, before);
  if (residue.length === 0) return ended(context, 'applied');
  const fix = 'then "glusterctl recover FILE" finishes the rest';
  return incomplete(context, [incompleteFailure(residue, fix), ...failures], manualSteps(residue, before));
}

/** Applied where nothing has failed. */
const incomplete = (
  context: Context,
  failures: readonly Failure[],
  steps: RunResult['owed'] = [],
): RunResult => ended(context, failures.length === 0 ? 'applied' : 'rollback-incomplete', failures, steps);

const CLOSED_AS = {
  forward: 'committed',
  'nothing-done': 'rolled-back',
  overtaken: 'rolled-back',
  abandoned: 'abandoned',
} as const;

export const DIRECTION: { readonly [direction in Unfinished['direction']]: string } = {
  back: 'it is rolled back',
  forward: 'it was complete; only its journal is closed',
  overtaken: 'it was rolled back, and a later one was made since; only its journal is closed',
  'nothing-done': 'it had changed nothing; only its journal is closed',
  abandoned: 'its journal is closed, and everything stays as it is',
};

/** What of it is there, and what becomes of it, a sentence. */
export function unfinishedWords({ id, states, direction }: Unfinished, view: View): string {
  const owner = view.nodes.flatMap((n) => n.transactions).find((t) => t.id === id)?.owner;
  const who = holderWords(owner, owner === undefined ? '' : `, since ${owner.since}`);
  const where = [...states].map(([node, state]) => `${node}: ${state}`).join(', ');
  return `Transaction ${id} of ${who} did not end (${where}): ${DIRECTION[direction]}.`;
}

/** The journal from any node that has it intact; the before-image from every node. */
export async function readBefore(
  links: Context['links'],
  { id, states }: Unfinished,
): Promise<Before | Failure> {
  const nodes = [...links].filter(([node]) => states.has(node));
  const files = await Promise.all(
    nodes.map(async ([node, link]) => ({ node, read: await link.journal(id) })),
  );
  const failed = files.flatMap(({ read }) => (read.ok ? [] : [read.error]));
  if (failed[0] !== undefined) return failed[0];
  const journals = files.flatMap(({ read }) => (read.ok ? (readJournal(read.value.plan) ?? []) : []));
  const journal = journals[0];
  if (journal === undefined)
    return failure('rollback-incomplete', `no node has a readable journal of transaction ${id}`, {
      fix: `read /var/lib/glusterctl/transactions/${id} on the nodes; before.tar is the store as it was`,
    });
  const stores = new Map(
    files.flatMap(({ node, read }) => (read.ok ? [[node, read.value.store] as const] : [])),
  );
  return { transaction: id, journal, stores };
}
