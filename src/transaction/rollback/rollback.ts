/**
 * Rolls a transaction back: the inverses in reverse, then the before-image of each volume that still differs.
 * Owns that order. Changes only what the transaction touched, and never lets its own failures hide the first.
 */
import type { Failure } from '../../core/failure.ts';
import { absentNodes, leftOutOf } from '../../model/desired.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { NodeOp } from '../../model/op.ts';
import type { Step } from '../../model/plan.ts';
import { glusterdArgv, type View } from '../../view/view.ts';
import { runAfterChange } from '../after-change.ts';
import { awaitSettled } from '../await-settled.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import { HANDSHAKE_MS, ROLLBACK_ROUNDS_MAX, ROLLBACK_WAIT_MS, UNDO_TRIES_MAX } from '../limits.ts';
import { lostLocks } from '../lock.ts';
import { markOn } from '../marks.ts';
import { performAll } from '../perform.ts';
import { begin, end, notice, type PhaseResult } from '../phase.ts';
import { compareWithBefore, contestedVolumes, differingVolumes, touchedVolumes } from './compare.ts';
import { foreignIn, foreignWords } from './foreign.ts';
import { withHeld } from './held.ts';
import { diskDiffers, type Ready, readyToStop, repairRest, restoreDiffering, taught } from './images.ts';
import { callIntent, type Undone, undoOtherSteps, undoSteps, volumesByImage } from './inverses.ts';
import type { Residue, RolledBack } from './residue.ts';
import { commonVersion, raisedVersion } from './versions.ts';
import { markSuperseded, regainLostNodes } from './superseded.ts';

/** Marks in the journal how it ended: `rolled-back` or `owed`. */
export async function rollBackAndMark(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<RolledBack> {
  begin(context, 'rollback');
  const result = await rollback(context, attempted, before);
  const isClean = result.residue.length === 0;
  for (const what of await foreignKept(context, attempted, before)) notice(context, what);
  const state = isClean && !owesLeftOut(context, before) ? 'rolled-back' : 'owed';
  const marks = result.isSuperseded
    ? []
    : await markOn(context, before.stores.keys(), before.transaction, state);
  end(context, 'rollback', isClean && !result.isSuperseded);
  return { ...result, failures: [...result.failures, ...marks] };
}

/** What others have changed since, and keep; a volume that is held is residue already. */
async function foreignKept(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<readonly string[]> {
  const view = await context.observer.current();
  const touched = touchedVolumes(attempted);
  const kept = [...foreignIn(view, before, touched).values()].filter((f) => !f.isHeld).flatMap((f) => f.keys);
  return [
    ...kept.map((key) => `left as it is: ${foreignWords(key)}`),
    ...contestedVolumes(view, touched).map(
      ({ name }) =>
        `left as it is: volume ${name}, which others changed in two ways; "glusterctl doctor FILE" shows it`,
    ),
  ];
}

/**
 * A node that is left out took part in the transaction of another controller, as far as anybody knows, and
 * not in our own. One that is to leave the pool is owed nothing: it is not let back in.
 */
const owesLeftOut = ({ desired, owner }: Context, { transaction }: Before): boolean => {
  const leaving = absentNodes(desired);
  return leftOutOf(desired).some((node) => !leaving.has(node)) && transaction !== owner.transaction;
};

/**
 * In rounds: a node that is lost meanwhile may return, and a store that refuses its image may take it a
 * little later. A failure of several rounds is reported once.
 */
async function rollback(context: Context, attempted: readonly Step[], before: Before): Promise<RolledBack> {
  const failures = new Map<string, Failure>();
  for (let round = 1; ; round++) {
    const result = await oneRound(context, attempted, before, round === ROLLBACK_ROUNDS_MAX);
    for (const f of result.failures) failures.set(JSON.stringify(f), f);
    if (!result.isWorthAnother) return { ...result, failures: [...failures.values()] };
  }
}

interface Round extends RolledBack {
  /** Another round may remove the residue; never true in the last one. */
  readonly isWorthAnother: boolean;
}

async function oneRound(
  context: Context,
  attempted: readonly Step[],
  journalled: Before,
  isLast: boolean,
): Promise<Round> {
  const regained = await regainLostNodes(context, journalled);
  if (regained.isSuperseded) return { ...regained, isWorthAnother: false };
  const failures = [...regained.failures, ...(await markSuperseded(context, journalled))];
  const gone = new Set(lostLocks(context));
  const isLosing = (): boolean => !isLast && lostLocks(context).some((node) => !gone.has(node));

  context.observer.useBaseline(journalled.view);
  const idle = await context.observer.whenIdle(journalled.transaction);
  context.observer.useBaseline(journalled.view ?? idle);
  const touched = touchedVolumes(attempted);
  failures.push(...(await startLostDaemons(context, journalled, idle, touched)));
  const before = await withHeld(context, attempted, journalled);
  const undone = await undo(context, attempted, before);
  const now = await context.observer.current();
  failures.push(...(await startLostDaemons(context, before, now, touched)));
  const waiting = { touched, isLast, isLosing, isRefused: undone.isRefused };
  const restored = await waitUntilRestored(context, before, waiting);
  context.observer.dropBaseline();
  failures.push(...undone.failures, ...restored.failures);

  // Volumes are gone by now, and this changes nothing that was compared. Each node checks itself what there
  // is to do.
  const afterRestore = restored.isWorthAnother ? [] : undone.afterRestore;
  const ends = await Promise.all(afterRestore.map((intent) => callIntent(context, intent, restored.view)));
  const residue = [...restored.residue, ...undone.residue];
  const isWorthAnother = restored.isWorthAnother || (!isLast && undone.residue.length > 0);
  return { failures: [...failures, ...ends.flat()], residue, isSuperseded: false, isWorthAnother };
}

/**
 * Inverses of volumes first, then images, then the other inverses. Which volumes need their images, and which
 * stores take them, is known before any inverse runs.
 */
async function undo(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<PhaseResult & Pick<Undone, 'afterRestore' | 'residue'> & { readonly isRefused: boolean }> {
  const { view, ready, undone } = await undoByInverses(context, attempted, before);
  const touched = touchedVolumes(attempted);
  // Where inverses were run, this view no longer shows whether the volume differs.
  const differing = [...differingVolumes(compareWithBefore(view, before, touched))];
  const volumes = new Set([...undone.images, ...differing.filter((v) => !undone.inverted.has(v))]);
  const restored = await restoreDiffering(context, before, touched, { volumes: [...volumes], view, ready });
  await undoOtherSteps(context, attempted, before, undone);
  return {
    failures: [...undone.failures, ...restored.failures],
    afterRestore: undone.afterRestore,
    residue: undone.residue,
    isRefused: restored.isRefused,
  };
}

/** Again, from what is there then, where others change a volume between the observation and a command. */
async function undoByInverses(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<{ readonly view: View; readonly ready: Ready; readonly undone: Undone }> {
  for (let tries = 1; ; tries++) {
    const view = await context.observer.current();
    const ready = await readyToStop(context, before, volumesByImage(attempted, before, view), view);
    const undone = await undoSteps(context, attempted, before, { view, taught: taught(view, before, ready) });
    if (!undone.isOutdated || tries === UNDO_TRIES_MAX) return { view, ready, undone };
  }
}

interface Waiting {
  readonly touched: ReadonlySet<VolumeName>;
  readonly isLast: boolean;
  readonly isLosing: () => boolean;
  /** Some store took no writes: waiting does not help. */
  readonly isRefused: boolean;
}

/** What stays wrong is repaired once, and waited for again. */
async function waitUntilRestored(
  context: Context,
  before: Before,
  { touched, isLast, isLosing, isRefused }: Waiting,
): Promise<Omit<Round, 'isSuperseded'> & { readonly view: View }> {
  const { observer } = context;
  const compare = (view: View): readonly Residue[] => compareWithBefore(view, before, touched);
  const judge = (view: View): readonly string[] =>
    compare(view).flatMap((r) => (r.isAway === true ? [] : [r.what]));
  await awaitSettled(context);
  const first = await observer.waitFor(HANDSHAKE_MS, (v) => (isLosing() ? [] : judge(v)));
  const residue = compare(first.view);
  if (isLosing() || (!isLast && differingVolumes(residue).size > 0))
    return { view: first.view, failures: [], residue, isWorthAnother: true };
  const { view, failures } = await runAfterChange(context, touched, first.view);
  if (residue.length === 0) return { view, failures, residue, isWorthAnother: false };
  const repaired = await repairRest(context, before, [...touched], view);
  if (!isRefused) await awaitSettled(context);
  const last = await observer.waitFor(isRefused ? 0 : ROLLBACK_WAIT_MS, judge);
  const rest = compare(last.view);
  // A command writes what a glusterd only remembered: a version that its store did not take before.
  const isWritten = !isLast && !isRefused && differingVolumes(rest).size > 0;
  return {
    view: last.view,
    failures: [...failures, ...repaired],
    residue: rest,
    isWorthAnother: isWritten,
  };
}

/**
 * A glusterd that answered before and does not now was lost: without it nothing can be rolled back there.
 * Beside another store of a touched volume it would spread its own, or take that over: it stays down until
 * the images are put back. One that has no image to put back takes the volume over from the others then.
 */
function startLostDaemons(
  context: Context,
  before: Before,
  view: View,
  touched: ReadonlySet<VolumeName>,
): Promise<readonly Failure[]> {
  const foreign = foreignIn(view, before, touched);
  const versionOf = (v: VolumeName): number | undefined =>
    raisedVersion(view, before, v) ?? commonVersion(view, v);
  const isRight = (facts: NodeFacts): boolean =>
    [...touched].every(
      (v) =>
        foreign.has(v) ||
        !diskDiffers(facts, before, v, versionOf(v)) ||
        (!before.stores.has(facts.node) && takesOver(facts, before, view, v)),
    );
  const lost = view.nodes.some((n) => isUp(n) && !isRight(n))
    ? []
    : view.nodes.filter((n) => !isUp(n) && before.journal.up.includes(n.node) && isRight(n));
  const ops = lost.map((n): readonly [NodeName, NodeOp] => [
    n.node,
    { kind: 'start-glusterd', argv: glusterdArgv(n) },
  ]);
  return performAll(context, new Map(ops));
}

const isUp = ({ memory }: NodeFacts): boolean => memory.kind === 'up';

/** The others have the volume in one higher version, and one that is up will give it to this node. */
function takesOver({ store }: NodeFacts, { stores }: Before, view: View, name: VolumeName): boolean {
  const others = view.nodes.filter((n) => stores.has(n.node));
  const theirs = others.map((n) => n.store.volumes.get(name));
  const isOne = new Set(theirs.map((v) => `${String(v?.version)} ${v?.signature ?? ''}`)).size === 1;
  const version = store.volumes.get(name)?.version ?? 0;
  return isOne && (theirs[0]?.version ?? 0) > version && others.some(isUp);
}
