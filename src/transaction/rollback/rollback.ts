/**
 * Takes a transaction back: the inverses, in reverse; then each node compared with its before-image, and the
 * image put back where they differ. Owns that order; changes only what the transaction touched, and never
 * lets its own failure hide the first.
 */
import { actionNamed } from '../../actions/index.ts';
import type { Intent } from '../../actions/action.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { NodeOp } from '../../model/op.ts';
import type { Step } from '../../model/plan.ts';
import { glusterdArgv, type View } from '../../view/view.ts';
import { type Context, current, observe, onSome, waitFor } from '../context.ts';
import { performAll } from '../perform.ts';
import { awaitSettled } from '../settled.ts';
import { observeWhenIdle, runCalls } from '../commit.ts';
import type { Before } from '../journal.ts';
import {
  HANDSHAKE_MS,
  IMAGE_ROUNDS_MAX,
  RECONNECT_MS,
  ROLLBACK_ROUNDS_MAX,
  ROLLBACK_WAIT_MS,
} from '../limits.ts';
import type { Residue } from './manual-steps.ts';
import { runAfterChange } from '../after-change.ts';
import { lockNode, lostLocks } from '../lock.ts';
import { compareWithBefore, touchedVolumes } from './compare.ts';
import { repairRest, readyToStop, restoreImages } from './images.ts';

export interface RolledBack {
  /** What went wrong on the way; with nothing left over they are only worth a notice. */
  readonly failures: readonly Failure[];
  /** How the cluster still differs from before, each a sentence about one node. Empty: it is as it was. */
  readonly residue: readonly Residue[];
  /** Another controller has settled it; its journal is no longer ours to write. */
  readonly superseded: boolean;
}

/**
 * A node that is lost, or a store that refuses its image, on the way may be there again a little later: then
 * all is taken back once more.
 */
export async function rollback(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<RolledBack> {
  const failures = new Map<string, Failure>();
  for (let round = 1; ; round++) {
    const {
      again,
      residue: left,
      superseded: taken,
      ...met
    } = await oneRound(context, attempted, before, round === ROLLBACK_ROUNDS_MAX);
    for (const f of met.failures) failures.set(JSON.stringify(f), f);
    if (!again) return { failures: [...failures.values()], residue: left, superseded: taken };
  }
}

interface Round extends RolledBack {
  /** What is left over may go with another round; never said in the last one. */
  readonly again: boolean;
}

async function oneRound(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  isLast: boolean,
): Promise<Round> {
  const wasLost = lostLocks(context).length > 0;
  const early = wasLost ? supersededBy(context, await observe(context), before) : [];
  const failures: Failure[] = early.length > 0 ? [] : [...(await reconnectLostNodes(context))];
  const taken = wasLost && early.length === 0 ? supersededBy(context, await observe(context), before) : early;
  if (taken.length > 0)
    return {
      failures: [...failures, supersededFailure(before.transaction)],
      residue: taken,
      superseded: true,
      again: false,
    };
  failures.push(...(await markSuperseded(context, before)));
  const gone = new Set(lostLocks(context));
  const isLosing = (): boolean => !isLast && lostLocks(context).some((node) => !gone.has(node));
  context.baseline = before.view;
  const quiet = await observeWhenIdle(context, before.transaction);
  context.baseline ??= quiet;
  failures.push(...(await restartDaemons(context, before, quiet)));
  let view = await current(context);
  // Which volumes need their images is known before the inverses of the others are run, and the stop can be
  // made ready meanwhile.
  const partial = attempted.filter((step) => needsImage(step, before, view)).flatMap(changedBy);
  const [{ images, inverted, afterRestore: late, problems }, ready] = await Promise.all([
    undoSteps(context, attempted, before, view),
    readyToStop(context, before, partial, view),
  ]);
  failures.push(...problems);
  const touched = touchedVolumes(attempted);
  const differing = (): readonly VolumeName[] => [...compareWithBefore(view, before, touched).volumes];
  for (const volume of differing()) if (!inverted.has(volume)) images.add(volume);
  let isRefused = false;
  for (let round = 0; round < IMAGE_ROUNDS_MAX && !isRefused; round++) {
    if (images.size === 0) {
      view = await current(context);
      for (const volume of differing()) images.add(volume);
    }
    if (images.size === 0) break;
    const restored = await restoreImages(context, before, [...images], view, round === 0 ? ready : undefined);
    failures.push(...restored.failures);
    images.clear();
    isRefused = restored.refused.length > 0;
  }
  const ended = await waitUntilRestored(context, before, touched, { isLast, isLosing, isRefused });
  context.baseline = undefined;
  context.seen = undefined;
  failures.push(...ended.failures);
  if (ended.again) return { failures, residue: ended.residue, superseded: false, again: true };
  // Volumes are gone by now, and what is done here changes nothing of what was judged. The node itself looks
  // what there is to do.
  const afterAll = await Promise.all(late.map((intent) => callIntent(context, intent, ended.view)));
  return {
    failures: [...failures, ...afterAll.flat()],
    residue: ended.residue,
    superseded: false,
    again: false,
  };
}

/** Waits until all is as before; what does not come right by itself is mended once, and waited for again. */
async function waitUntilRestored(
  context: Context,
  before: Before,
  touched: ReadonlySet<VolumeName>,
  {
    isLast,
    isLosing,
    isRefused,
  }: { readonly isLast: boolean; readonly isLosing: () => boolean; readonly isRefused: boolean },
): Promise<Omit<Round, 'superseded'> & { readonly view: View }> {
  await awaitSettled(context, 'rollback');
  const judge = (v: View): readonly string[] =>
    compareWithBefore(v, before, touched).residue.map((l) => l.what);
  const first = await waitFor(context, HANDSHAKE_MS, (v) => (isLosing() ? [] : judge(v)));
  const then = compareWithBefore(first.view, before, touched);
  if (isLosing() || (!isLast && then.volumes.size > 0))
    return { view: first.view, failures: [], residue: then.residue, again: true };
  const { view, failures } = await runAfterChange(context, touched, first.view);
  if (then.residue.length === 0) return { view, failures, residue: [], again: false };
  const mended = await repairRest(context, before, [...touched], view);
  // What a store refuses does not come by waiting.
  if (!isRefused) await awaitSettled(context, 'rollback');
  const last = await waitFor(context, isRefused ? 0 : ROLLBACK_WAIT_MS, judge);
  const { residue: left } = compareWithBefore(last.view, before, touched);
  return { view: last.view, failures: [...failures, ...mended], residue: left, again: false };
}

/**
 * While our lock was lost, another controller may have settled this transaction and gone on, or a person may
 * have taken the lock away: what is there now is not ours to take back any more. The journal says so, for we
 * have not written in it since.
 */
const supersededBy = (context: Context, view: View, { transaction }: Before): readonly Residue[] =>
  view.nodes.flatMap((n) => {
    const state = n.transactions.find((t) => t.id === transaction)?.state;
    if (state === 'rolled-back' || state === 'committed')
      return [
        { node: n.node, what: `another controller has settled this transaction on ${n.node}: ${state}` },
      ];
    if (state === 'rolling-back' && transaction === context.owner.transaction)
      return [{ node: n.node, what: `this transaction was taken away from us on ${n.node}` }];
    return [];
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
 * A glusterd that answered before and does not now was lost on the way; without it nothing can be taken back
 * on its node.
 */
async function restartDaemons(context: Context, before: Before, view: View): Promise<readonly Failure[]> {
  const lost = view.nodes.filter((n) => n.memory.kind !== 'up' && before.journal.up.includes(n.node));
  const ops = lost.map((n): readonly [NodeName, NodeOp] => [
    n.node,
    { kind: 'start-glusterd', argv: glusterdArgv(n) },
  ]);
  return performAll(context, new Map(ops), 'rollback');
}

/**
 * The journal of another controller says that it was taken over, should that one wake. Our own goes on saying
 * `committing`: should we die, that asks the same of whoever comes after us.
 */
async function markSuperseded(
  context: Context,
  { transaction, stores }: Before,
): Promise<readonly Failure[]> {
  if (transaction === context.owner.transaction) return [];
  const mark = { kind: 'journal-mark', transaction, state: 'rolling-back' } as const;
  return performAll(context, onSome(context, stores.keys(), mark), 'rollback');
}

/** A node whose wire or lock was lost gets a new one; without it nothing can be taken back there. */
export async function reconnectLostNodes(context: Context): Promise<readonly Failure[]> {
  const failures = await Promise.all(
    lostLocks(context).map(async (node): Promise<Failure | undefined> => {
      const deadline = context.clock.now() + RECONNECT_MS;
      let last: Failure | undefined;
      while (context.clock.now() < deadline) {
        const link = await context.relink(node);
        if (link !== undefined) {
          context.links.set(node, link);
          last = await lockNode(context, node);
          if (last === undefined) return undefined;
        }
        await context.clock.sleep(1000);
      }
      return failure('node-unreachable', `${node} was lost and could not be reached again to roll it back`, {
        node,
        ...(last?.cause !== undefined && { cause: last.cause }),
      });
    }),
  );
  return failures.filter((f) => f !== undefined);
}

interface Undone {
  /** Volumes whose before-image must be put back. */
  readonly images: Set<VolumeName>;
  /** Volumes for which inverses were run: what was seen before no longer tells whether they differ. */
  readonly inverted: Set<VolumeName>;
  readonly afterRestore: readonly Intent[];
  readonly problems: readonly Failure[];
}

/**
 * In reverse order of the plan; volumes beside each other, each in its own order, and what belongs to no
 * volume (peers) after them, for no volume may need it any more.
 */
async function undoSteps(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  view: View,
): Promise<Undone> {
  const undone: Undone & { afterRestore: Intent[]; problems: Failure[] } = {
    images: new Set(),
    inverted: new Set(),
    afterRestore: [],
    problems: [],
  };
  const reversed = [...attempted].reverse();
  const volumes = [...new Set(reversed.flatMap(changedBy))];
  await Promise.all(
    volumes.map(async (volume) => {
      for (const step of reversed)
        if (changedBy(step).includes(volume)) await undoStep(context, step, before, view, undone);
    }),
  );
  for (const step of reversed)
    if (changedBy(step).length === 0) await undoStep(context, step, before, view, undone);
  return undone;
}

const changedBy = (step: Step): readonly VolumeName[] => actionNamed(step.action).volumes(step.args);

/** Done on some nodes only, or without an inverse. */
function needsImage(step: Step, before: Before, view: View): boolean {
  const standing = actionNamed(step.action).standing(step.args, view);
  return (
    standing === 'partial' || (standing === 'done' && (before.journal.inverses[step.id] ?? null) === null)
  );
}

const isAfterRestore = (intent: Intent): boolean => actionNamed(intent.action).afterRestore === true;

/**
 * A step that is done is undone by its inverse. One that is done on some nodes only, or has no inverse, is
 * left to the before-image: glusterd's own commands would only spread what is half.
 */
async function undoStep(
  context: Context,
  step: Step,
  before: Before,
  view: View,
  undone: Undone & { afterRestore: Intent[]; problems: Failure[] },
): Promise<void> {
  const volumes = changedBy(step);
  const toImages = (): void => {
    for (const volume of volumes) undone.images.add(volume);
  };
  const intents = before.journal.inverses[step.id] ?? null;
  undone.afterRestore.push(...(intents ?? []).filter(isAfterRestore));
  if (actionNamed(step.action).standing(step.args, view) === 'undone') return;
  const byImage = needsImage(step, before, view) || volumes.some((v) => undone.images.has(v));
  if (volumes.length > 0 && byImage) {
    toImages();
    return;
  }
  const now = (intents ?? []).filter((i) => !isAfterRestore(i));
  if (now.length === 0) return;
  tell(context, step, 'started');
  for (const volume of volumes) undone.inverted.add(volume);
  const failed: Failure[] = [];
  for (const intent of now) failed.push(...(await runIntent(context, intent, view)));
  tell(context, step, failed.length === 0 ? 'done' : 'failed');
  undone.problems.push(...failed);
  if (failed.length > 0) toImages();
}

function tell(context: Context, step: Step, status: 'started' | 'done' | 'failed'): void {
  const { id, action, subject, nodes, summary, undo } = step;
  const event = { type: 'step', phase: 'rollback', id, action, subject, nodes, status } as const;
  context.emit({ ...event, summary: undo ?? `undo: ${summary}` });
}

const runIntent = async (context: Context, intent: Intent, view: View): Promise<readonly Failure[]> =>
  actionNamed(intent.action).standing(intent.args, view) === 'done' ? [] : callIntent(context, intent, view);

async function callIntent(context: Context, intent: Intent, view: View): Promise<readonly Failure[]> {
  const action = actionNamed(intent.action);
  const problem = await runCalls(context, action.calls(intent.args, view));
  if (problem === undefined) return [];
  return [
    failure('command-failed', `rollback: "${action.summary(intent.args)}" failed`, {
      cause: problem.message,
    }),
  ];
}
