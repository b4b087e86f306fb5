/**
 * Volumes that a rollback leaves as they are because clients use what a step has made: files on bricks that
 * it added. Owns that check, on the nodes, right before anything is undone.
 */
import type { Call } from '../../actions/action.ts';
import { actionNamed } from '../../actions/index.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { OpOutcome } from '../../model/op.ts';
import type { Step } from '../../model/plan.ts';
import type { View } from '../../view/view.ts';
import { awaitSettled } from '../await-settled.ts';
import type { Context } from '../context.ts';
import type { Before, Held } from '../journal.ts';
import { perform } from '../perform.ts';

/** What others have changed and clients use is judged right before the commands, and not before a wait. */
export async function withHeld(
  context: Context,
  attempted: readonly Step[],
  before: Before,
): Promise<Before> {
  if (context.glusterds.hasUnsettled) await awaitSettled(context);
  const held = await heldVolumes(context, attempted, before, await context.observer.current());
  return held.size === 0 ? before : { ...before, held };
}

/** A step that is in effect nowhere made nothing that anybody could use. */
async function heldVolumes(
  context: Context,
  attempted: readonly Step[],
  before: Before,
  view: View,
): Promise<Held> {
  const held = new Map<VolumeName, { readonly node: NodeName; readonly what: string }[]>();
  for (const step of attempted) {
    const action = actionNamed(step.action);
    const checks = inUseChecksOf(step, before);
    if (checks.length === 0 || action.standing(step.args, view) === 'undone') continue;
    const reasons = await Promise.all(checks.map((calls) => reasonsOf(context, calls)));
    const own = reasons.flat();
    if (own.length === 0) continue;
    for (const volume of action.volumes(step.args)) held.set(volume, [...(held.get(volume) ?? []), ...own]);
  }
  return held;
}

const inUseChecksOf = (step: Step, { journal }: Before): readonly (readonly Call[])[] =>
  (journal.inverses[step.id] ?? []).flatMap(
    ({ action, args }) => actionNamed(action).inUseChecks?.(args) ?? [],
  );

/**
 * Of one part: it is in use where a node says so, and where none could answer. A node that is away has what
 * the others of its part have.
 */
async function reasonsOf(
  context: Context,
  calls: readonly Call[],
): Promise<readonly { readonly node: NodeName; readonly what: string }[]> {
  const answers = await Promise.all(
    calls.map(async ({ node, op }) => ({ node, outcome: await perform(context, node, op) })),
  );
  const reason = ({ node, outcome }: (typeof answers)[number]) => ({
    node,
    what: `${node}: ${said(outcome)}`,
  });
  const refused = answers.filter(({ outcome }) => outcome.kind === 'failed');
  if (refused.length > 0) return refused.map(reason);
  return answers.some(({ outcome }) => outcome.kind === 'done') ? [] : answers.map(reason);
}

const said = (outcome: OpOutcome): string => ('message' in outcome ? outcome.message : '');
