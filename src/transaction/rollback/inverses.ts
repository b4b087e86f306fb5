/**
 * Undoes steps by their inverses. A step that is done on some nodes only, or has no inverse, is left to the
 * before-image: gluster commands would only spread a half-done change. But where an image would not last,
 * because a glusterd that cannot take it teaches the others, the inverse reaches the memory of that one too.
 */
import type { Intent, Standing } from '../../actions/action.ts';
import { actionNamed } from '../../actions/index.ts';
import { failure, type Failure } from '../../core/failure.ts';
import type { VolumeName } from '../../model/names.ts';
import type { Step } from '../../model/plan.ts';
import type { View } from '../../view/view.ts';
import { runCalls } from '../calls.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import type { NotDone } from '../perform.ts';
import { foreignIn } from './foreign.ts';
import type { Residue } from './residue.ts';

export interface Undone {
  /** Volumes whose before-image must be restored. */
  readonly images: Set<VolumeName>;
  /** Volumes for which inverses were run. */
  readonly inverted: Set<VolumeName>;
  /** Inverses that run after the stores are restored. */
  readonly afterRestore: Intent[];
  readonly failures: Failure[];
  /** Stores that an inverse could not put back. */
  readonly residue: Residue[];
  /** Others have changed a volume since the view: what is theirs has to be judged again. */
  isOutdated: boolean;
}

/**
 * The steps of volumes, in reverse order of the plan. Volumes are undone in parallel, each in its own order.
 */
export async function undoSteps(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  { view, taught }: { readonly view: View; readonly taught: readonly VolumeName[] },
): Promise<Undone> {
  const undone: Undone = {
    images: new Set(),
    inverted: new Set(),
    afterRestore: [],
    failures: [],
    residue: [],
    isOutdated: false,
  };
  const reversed = [...ownParts(attempted, before, view)].reverse();
  const undo = (part: Part): Promise<void> => {
    const isTaught = part.by === 'any' && changedBy(part.step).some((v) => taught.includes(v));
    return undoStep(context, isTaught ? { ...part, by: 'inverse' } : part, view, undone);
  };
  const volumes = [...new Set(reversed.flatMap(({ step }) => changedBy(step)))];
  await Promise.all(
    volumes.map(async (volume) => {
      for (const part of reversed) if (changedBy(part.step).includes(volume)) await undo(part);
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
  for (const part of ownParts(others, before, view)) await undoStep(context, part, view, undone);
}

/** Known before any inverse is run. */
export const volumesByImage = (
  attempted: readonly Step[],
  before: Before,
  view: View,
): readonly VolumeName[] =>
  ownParts(attempted, before, view)
    .filter((part) => needsImage(part, view))
    .flatMap(({ step }) => changedBy(step));

/** What of a step is taken back. */
interface Part {
  readonly step: Step;
  readonly inverse: readonly Intent[] | null;
  /**
   * `keys`: others have changed the volume since, and no image is put back over that. `inverse`: no image of
   * it would last.
   */
  readonly by: 'any' | 'keys' | 'image' | 'inverse';
}

/** Without what others have changed since: a volume that is held stays, and so do their options. */
function ownParts(steps: readonly Step[], before: Before, view: View): readonly Part[] {
  const foreign = foreignIn(view, before, new Set(steps.flatMap(changedBy)));
  const isNew = (v: VolumeName): boolean => [...before.stores.values()].every((s) => !s.volumes.has(v));
  return steps.flatMap((step): readonly Part[] => {
    const inverse = before.journal.inverses[step.id] ?? null;
    const discarded = changedBy(step).filter((v) => before.discarded?.has(v) === true);
    // What was not there before goes by command, also from a node that has no image.
    if (discarded.length > 0) return [{ step, inverse, by: discarded.every(isNew) ? 'any' : 'image' }];
    const theirs = changedBy(step).flatMap((v) => foreign.get(v) ?? []);
    if (theirs.length === 0) return [{ step, inverse, by: 'any' }];
    if (theirs.some((f) => f.isHeld)) return [];
    const options = new Set(theirs.flatMap((f) => f.keys.map((k) => k.key)));
    const own = ({ action, args }: Intent): Intent => ({
      action,
      args: actionNamed(action).without?.(args, options) ?? args,
    });
    return [{ step: { ...step, ...own(step) }, inverse: inverse?.map(own) ?? null, by: 'keys' }];
  });
}

const changedBy = (step: Step): readonly VolumeName[] => actionNamed(step.action).volumes(step.args);

const standingOf = ({ step }: Part, view: View): Standing =>
  actionNamed(step.action).standing(step.args, view);

/** Done on some nodes only, or without an inverse. */
function needsImage(part: Part, view: View): boolean {
  const { inverse, by } = part;
  if (by === 'inverse' && (inverse ?? []).length > 0) return false;
  if (by !== 'any') return by === 'image';
  const standing = standingOf(part, view);
  if (standing !== 'partial') return standing === 'done' && inverse === null;
  const intents = inverse ?? [];
  return intents.length === 0 || intents.some((i) => actionNamed(i.action).restoresImage !== true);
}

const isAfterRestore = (intent: Intent): boolean => actionNamed(intent.action).afterRestore === true;

async function undoStep(context: Context, part: Part, view: View, undone: Undone): Promise<void> {
  const { step, inverse, by } = part;
  const volumes = changedBy(step);
  const leaveToImages = (): void => {
    if (by !== 'keys') for (const volume of volumes) undone.images.add(volume);
  };
  const intents = inverse ?? [];
  undone.afterRestore.push(...intents.filter(isAfterRestore));
  // Of options that were undone in part, none is whole on any node: its inverse sees to each key.
  if (by !== 'image' && by !== 'keys' && standingOf(part, view) === 'undone') return;
  const isByImage = needsImage(part, view) || volumes.some((v) => undone.images.has(v));
  if (volumes.length > 0 && isByImage) {
    leaveToImages();
    return;
  }
  const now = intents.filter((i) => !isAfterRestore(i));
  if (now.length === 0) return;
  report(context, step, 'started');
  for (const volume of volumes) undone.inverted.add(volume);
  const failed: Failure[] = [];
  for (const intent of now) {
    const problem = await runIntent(context, intent, view);
    if (problem?.kind === 'changed') undone.isOutdated = true;
    if (problem !== undefined) failed.push(intentFailure(intent, problem));
  }
  report(context, step, failed.length === 0 ? 'done' : 'failed');
  undone.failures.push(...failed);
  if (failed.length === 0) return;
  leaveToImages();
  if (!now.some(({ action }) => actionNamed(action).restoresImage === true)) return;
  const why = failed.map((f) => f.cause ?? f.title).join('; ');
  const what = `the store could not be put back: ${why}`;
  undone.residue.push(...step.nodes.map((node) => ({ node, what })));
}

function report(context: Context, step: Step, status: 'started' | 'done' | 'failed'): void {
  const { id, action, subject, nodes, summary, undo } = step;
  const event = { type: 'step', phase: 'rollback', id, action, subject, nodes, status } as const;
  context.emit({ ...event, summary: undo ?? `undo: ${summary}` });
}

const runIntent = async (context: Context, intent: Intent, view: View): Promise<NotDone | undefined> =>
  actionNamed(intent.action).standing(intent.args, view) === 'done'
    ? undefined
    : runCalls(context, actionNamed(intent.action).calls(intent.args, view));

export async function callIntent(context: Context, intent: Intent, view: View): Promise<readonly Failure[]> {
  const problem = await runCalls(context, actionNamed(intent.action).calls(intent.args, view));
  return problem === undefined ? [] : [intentFailure(intent, problem)];
}

function intentFailure({ action, args }: Intent, { message }: NotDone): Failure {
  const title = `rollback: "${actionNamed(action).summary(args)}" failed`;
  return failure('command-failed', title, { cause: message });
}
