/**
 * `restore`: the store as it was before an earlier transaction, restored by a new one. Refuses while a
 * transaction is unfinished, and an image that not every node has intact.
 */
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { Store } from '../model/observed.ts';
import { catalogueIn, observeAll } from '../observe/observe-all.ts';
import { holdsNoFile, holdsWords } from '../view/brick-marks.ts';
import { blockers } from '../plan/gate.ts';
import { compileRestore, desiredOf, type Image, type Restoring, type Unmarked } from '../plan/restore.ts';
import { unfinishedIn } from '../transaction/unfinished.ts';
import { transactionsMeant } from '../view/transactions.ts';
import { makeView, type View } from '../view/view.ts';
import {
  type Change,
  NO_CONSENT,
  destructiveRefusal,
  ended,
  failuresOf,
  type Opened,
  type Proposal,
} from './change.ts';

export interface RestoreOptions {
  readonly desired: Desired;
  /** As given on the command line. */
  readonly file: string;
  /** The transaction whose before-image is restored. */
  readonly id: string;
  readonly allowDestroy: readonly string[];
}

export const restoreChange = (options: RestoreOptions): Change => ({
  name: 'restore',
  desired: options.desired,
  passesMax: 1,
  finishesUnfinished: false,
  consent: NO_CONSENT,
  // What it takes away is gone when it is run again.
  named: {},
  isNews: ({ steps }) => steps.length > 0,
  propose: (opened, signal) => propose(options, opened, signal),
});

async function propose(
  given: RestoreOptions,
  opened: Opened,
  signal: AbortSignal,
): Promise<Result<Proposal, RunResult>> {
  const { cluster } = opened;
  const meant = transactionsMeant(opened.view, given.id);
  if (meant.length > 1) return err(ended('refused', [notOne(given.file, given.id, meant)]));
  const options = { ...given, id: meant[0] ?? given.id };
  const forbidden = notRestorable(opened.view, options);
  if (forbidden !== undefined) return err(ended('refused', [forbidden]));
  const read = await readImage(cluster, options.id);
  if (!read.ok) return err(ended('refused', read.error));
  const image = read.value;
  const desired = desiredOf(image, options.desired, opened.view);
  const catalogue = catalogueIn(cluster.observed);
  const view = makeView(await observeAll(desired, cluster.links, signal, { catalogue }));
  if (view.failed.size > 0) return err(ended('unreachable', [...view.failed.values()]));
  const restoring = compileRestore(image, desired, view);
  const { plan, leftAlone } = restoring;
  return ok({
    plan,
    desired,
    goal: {
      plan: (seen) => compileRestore(image, desired, seen).plan,
      blockers: (again, seen) => blockers(again, desired, seen),
      remaining: (again) => again.steps,
    },
    notes: leftAlone,
    wait: undefined,
    refusal: refusalOf(restoring, desired, view, options),
    question: `Put ${plan.cluster} back to before transaction ${options.id}?`,
    goesOn: false,
  });
}

function notRestorable(view: View, { file, id }: RestoreOptions): Failure | undefined {
  const [unfinished] = unfinishedIn(view);
  if (unfinished !== undefined)
    return failure('precondition-failed', `transaction ${unfinished.id} did not end`, {
      cause: [...unfinished.states].map(([node, state]) => `${node}: ${state}`).join(', '),
      fix: `glusterctl recover ${file}`,
    });
  const lacking = view.nodes.filter((n) => n.transactions.every((t) => t.id !== id)).map((n) => n.node);
  if (lacking.length === view.nodes.length) return notKept(file, id);
  if (lacking.length === 0) return undefined;
  return failure('precondition-failed', `${lacking.join(', ')} does not keep transaction ${id}`, {
    cause: 'the before-image is needed from every node',
    fix: `choose one that all nodes keep: glusterctl history ${file}`,
  });
}

export const notOne = (file: string, id: string, meant: readonly string[]): Failure =>
  failure('invalid-input', `${id} could be any of ${String(meant.length)} transactions`, {
    details: meant.slice(0, 5),
    fix: `give more of its id: glusterctl history ${file}`,
  });

export const notKept = (file: string, id: string): Failure =>
  failure('invalid-input', `no node keeps a transaction ${id}`, { fix: `glusterctl history ${file}` });

/** The before-image of every node, intact, or why not. */
async function readImage(cluster: Cluster, id: string): Promise<Result<Image, readonly Failure[]>> {
  const read = await Promise.all(
    [...cluster.links].map(async ([node, link]) => ({ node, files: await link.journal(id) })),
  );
  const failures: Failure[] = [];
  const stores = new Map<NodeName, Store>();
  for (const { node, files } of read)
    if (!files.ok) failures.push(files.error);
    else if (files.value.store.problems.length > 0) failures.push(unsound(node, id, files.value.store));
    else stores.set(node, files.value.store);
  return failures.length > 0 ? err(failures) : ok({ transaction: id, stores });
}

const unsound = (node: NodeName, id: string, { problems }: Store): Failure =>
  failure('node-unreadable', `the before-image of transaction ${id} on ${node} is not sound`, {
    node,
    details: problems.map((p) => `${p.path}: ${p.problem}`),
    fix: 'choose another transaction',
  });

/** A problem, nothing to do, a blocker, or a decision that is missing. */
function refusalOf(
  { plan, problems, unmarked, besides }: Restoring,
  desired: Desired,
  view: View,
  { file, id, allowDestroy }: RestoreOptions,
): RunResult | undefined {
  if (problems.length > 0) return ended('refused', problems);
  if (plan.steps.length === 0) return ended('nothing-to-do', []);
  const wrong = blockers({ ...plan, findings: besides }, desired, view);
  if (wrong.length > 0) return ended('refused', failuresOf('precondition-failed', wrong));
  if (unmarked.length > 0)
    return ended(
      'decision-needed',
      unmarked.map((u) => marksAreGone(u, file)),
    );
  const blocking = failuresOf('precondition-failed', blockers(plan, desired, view));
  if (blocking.length > 0) return ended('refused', blocking);
  const command = `glusterctl restore ${file} ${id}`;
  return destructiveRefusal(plan, view, { desired, allowed: allowDestroy, command });
}

function marksAreGone({ volume, bricks }: Unmarked, file: string): Failure {
  const isEmpty = bricks.every(({ at }) => holdsNoFile(at));
  const where = bricks.map(({ node, at }) => `${node}:${at.path}`).join(', ');
  return failure(
    'decision-needed',
    `volume ${volume} cannot be put back: gluster's marks were taken off its bricks`,
    {
      cause: `${where}: no trusted.glusterfs.volume-id${isEmpty ? ', and no file' : ''}`,
      details: bricks.map(({ node, at }) => `${node}:${at.path} ${holdsWords(at)}`),
      fix:
        `create it again: name volume ${volume} in ${file}` +
        `${isEmpty ? '' : ', with directories that are empty'}, and run "glusterctl apply ${file}"`,
    },
  );
}
