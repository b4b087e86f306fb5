/**
 * Steps that nothing takes back. Owns what becomes of their transaction where it does not end well: begun, it
 * is never rolled back, for the state before it must not come again. It is said what each node has.
 */
import type { Standing } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import type { Context } from './context.ts';
import { markOn } from './marks.ts';

export interface Stays {
  /** The cluster as it stays. */
  readonly view: View;
  readonly step: Step;
  readonly standing: Exclude<Standing, 'undone'>;
}

/** The first of these steps that is begun and stays; undefined: all can be taken back. */
export async function staysOf(
  context: Context,
  steps: readonly Step[],
  transaction: string,
): Promise<Stays | undefined> {
  const final = steps.filter((s) => actionNamed(s.action).isFinal !== undefined);
  if (final.length === 0) return undefined;
  const view = await context.observer.whenIdle(transaction);
  for (const step of final) {
    const standing = actionNamed(step.action).standing(step.args, view);
    if (standing !== 'undone') return { view, step, standing };
  }
  return undefined;
}

/** Closes its journals: committed where every member has it, else with everything as it is. */
export const closeWithout = (
  context: Context,
  nodes: Iterable<NodeName>,
  transaction: string,
  { standing }: Stays,
): Promise<readonly Failure[]> =>
  standing === 'done'
    ? markOn(context, nodes, transaction, 'committed')
    : markOn(context, nodes, transaction, 'abandoned', context.owner);

export const staysFailure = ({ view, step, standing }: Stays): Failure =>
  failure('rollback-incomplete', `"${step.summary}" is not taken back`, {
    cause:
      standing === 'done'
        ? `it is in effect on every node; ${finalOf(step).why}`
        : `it is in effect on some nodes only; ${finalOf(step).why}`,
    details: view.nodes.flatMap(({ node, store }) =>
      actionNamed(step.action)
        .volumes(step.args)
        .map((name) => {
          const volume = store.volumes.get(name);
          const bricks = volume?.bricks.map((b) => `${b.hostname}:${b.path}`).join(' ') ?? 'not there';
          return `${node}: volume ${name}, version ${String(volume?.version ?? 0)}: ${bricks}`;
        }),
    ),
    fix: standing === 'done' ? '"glusterctl doctor FILE" shows what is wrong' : finalOf(step).then,
  });

export const finalOf = (step: Step): { readonly why: string; readonly then: string } =>
  actionNamed(step.action).isFinal ?? { why: '', then: '' };
