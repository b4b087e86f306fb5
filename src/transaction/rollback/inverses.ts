/**
 * Undoes steps by their inverses. A step that is done on some nodes only, or has no inverse, is left to the
 * before-image: gluster commands would only spread a half-done change.
 */
import type { Intent } from '../../actions/action.ts';
import { actionNamed } from '../../actions/index.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { VolumeName } from '../../model/names.ts';
import type { Step } from '../../model/plan.ts';
import type { View } from '../../view/view.ts';
import { runCalls } from '../calls.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';

export interface Undone {
  /** Volumes whose before-image must be restored. */
  readonly images: Set<VolumeName>;
  /** Volumes for which inverses were run. */
  readonly inverted: Set<VolumeName>;
  /** Inverses that run after the stores are restored. */
  readonly afterRestore: Intent[];
  readonly failures: Failure[];
}

/**
 * The steps of volumes, in reverse order of the plan. Volumes are undone in parallel, each in its own order.
 */
export async function undoSteps(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  view: View,
): Promise<Undone> {
  const undone: Undone = { images: new Set(), inverted: new Set(), afterRestore: [], failures: [] };
  const reversed = [...attempted].reverse();
  const undo = (step: Step): Promise<void> => undoStep(context, step, before, view, undone);
  const volumes = [...new Set(reversed.flatMap(changedBy))];
  await Promise.all(
    volumes.map(async (volume) => {
      for (const step of reversed) if (changedBy(step).includes(volume)) await undo(step);
    }),
  );
  return undone;
}

/**
 * Undoes the steps of no volume, in reverse order of the plan. They come after the images: glusterd detaches
 * no peer that hosts a brick of any volume.
 */
export async function undoOtherSteps(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  undone: Undone,
): Promise<void> {
  const others = [...attempted].reverse().filter((step) => changedBy(step).length === 0);
  if (others.length === 0) return;
  const view = await context.observer.current();
  for (const step of others) await undoStep(context, step, before, view, undone);
}

/** Known before any inverse is run. */
export const volumesByImage = (
  attempted: readonly Step[],
  before: Before,
  view: View,
): readonly VolumeName[] => attempted.filter((step) => needsImage(step, before, view)).flatMap(changedBy);

const changedBy = (step: Step): readonly VolumeName[] => actionNamed(step.action).volumes(step.args);

const inverseOf = ({ journal }: Before, step: Step): readonly Intent[] | null =>
  journal.inverses[step.id] ?? null;

/** Done on some nodes only, or without an inverse. */
function needsImage(step: Step, before: Before, view: View): boolean {
  const standing = actionNamed(step.action).standing(step.args, view);
  return standing === 'partial' || (standing === 'done' && inverseOf(before, step) === null);
}

const isAfterRestore = (intent: Intent): boolean => actionNamed(intent.action).afterRestore === true;

async function undoStep(
  context: Context,
  step: Step,
  before: Before,
  view: View,
  undone: Undone,
): Promise<void> {
  const volumes = changedBy(step);
  const leaveToImages = (): void => {
    for (const volume of volumes) undone.images.add(volume);
  };
  const intents = inverseOf(before, step) ?? [];
  undone.afterRestore.push(...intents.filter(isAfterRestore));
  if (actionNamed(step.action).standing(step.args, view) === 'undone') return;
  const isByImage = needsImage(step, before, view) || volumes.some((v) => undone.images.has(v));
  if (volumes.length > 0 && isByImage) {
    leaveToImages();
    return;
  }
  const now = intents.filter((i) => !isAfterRestore(i));
  if (now.length === 0) return;
  report(context, step, 'started');
  for (const volume of volumes) undone.inverted.add(volume);
  const failed: Failure[] = [];
  for (const intent of now) failed.push(...(await runIntent(context, intent, view)));
  report(context, step, failed.length === 0 ? 'done' : 'failed');
  undone.failures.push(...failed);
  if (failed.length > 0) leaveToImages();
}

function report(context: Context, step: Step, status: 'started' | 'done' | 'failed'): void {
  const { id, action, subject, nodes, summary, undo } = step;
  const event = { type: 'step', phase: 'rollback', id, action, subject, nodes, status } as const;
  context.emit({ ...event, summary: undo ?? `undo: ${summary}` });
}

const runIntent = async (context: Context, intent: Intent, view: View): Promise<readonly Failure[]> =>
  actionNamed(intent.action).standing(intent.args, view) === 'done' ? [] : callIntent(context, intent, view);

export async function callIntent(
  context: Context,
  { action: name, args }: Intent,
  view: View,
): Promise<readonly Failure[]> {
  const action = actionNamed(name);
  const problem = await runCalls(context, action.calls(args, view));
  if (problem === undefined) return [];
  const title = `rollback: "${action.summary(args)}" failed`;
  return [failure('command-failed', title, { cause: problem.message })];
}
