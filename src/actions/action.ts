/**
 * The contract of an action: do and undo written together. From one record come the plan line,
 * pre-validation, the commit, what an unknown outcome was, and the rollback. Owns the contract; knows
 * no action by name.
 */
import type { Desired } from '../model/desired.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { NodeOp } from '../model/op.ts';
import type { Json, Risk, Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import type { RestartCall } from './with-glusterd-stopped.ts';

/** One operation on one node. Calls of one step run in order, those of one group together. */
export interface Call {
  readonly node: NodeName;
  readonly op: NodeOp;
}

export type Calls = readonly (Call | readonly Call[] | RestartCall)[];

/** Whether a step's effect is observed in the cluster: on all nodes, on none, or on some. */
export type Standing = 'done' | 'undone' | 'partial';

/** A step before it has a reason and a place in a plan. */
export interface Intent {
  readonly action: string;
  readonly args: Json;
}

export interface ActionSpec<Name extends string, Args extends Json> {
  readonly name: Name;
  readonly risk: Risk;
  readonly subject: (args: Args) => string;
  /** Volumes whose store it changes, none by default: what a before-image has to put back. */
  readonly volumes?: (args: Args) => readonly VolumeName[];
  readonly nodes: (args: Args, view: View) => readonly NodeName[];
  readonly summary: (args: Args) => string;
  /** What its undo does, in words; null when only the before-image can. */
  readonly undo: (args: Args) => string | null;
  /** What stands in its way, by our own observation of every node: each a sentence. Empty: it may go. */
  readonly requires: (args: Args, view: View, desired: Desired) => readonly string[];
  /**
   * `requires` is asked again, of a new observation, in the moment before: it takes something down that others may
   * need by then.
   */
  readonly checkedAtCommit?: true;
  /** What to do, decided on the freshest observation. */
  readonly calls: (args: Args, view: View) => Calls;
  readonly standing: (args: Args, view: View) => Standing;
  /**
   * Set where the commands answer before the effect is there: how long to wait for `standing` to be done.
   * Half way, `calls` is asked again with a fresh view, and what it gives is done once.
   */
  readonly settleMs?: number;
  /** Set where it belongs after the stores are back: a rollback keeps it for its end. */
  readonly afterRestore?: true;
  /** Set where it also follows every change, once for each volume that the change touched. */
  readonly afterEveryChange?: {
    readonly args: (volume: VolumeName) => Args;
    /** What failed then, as a sentence. */
    readonly failed: string;
  };
  /**
   * What takes it back, computed from what was seen before it, in the order to run; null: the before-image.
   */
  readonly inverse: (args: Args, before: View, transaction: string) => readonly Intent[] | null;
}

export interface Action<Name extends string, Args extends Json> extends ActionSpec<Name, Args> {
  readonly volumes: (args: Args) => readonly VolumeName[];
  readonly step: (
    args: Args,
    view: View,
    more: Pick<Step, 'reason' | 'after'> & { readonly key?: string },
  ) => Step;
  readonly intent: (args: Args) => Intent;
}

/**
 * An action with its argument type forgotten; `args` of a step were made by the same file that reads them.
 */
export type AnyAction = Action<string, Json>;

export function defineAction<Name extends string, Args extends Json>(
  spec: ActionSpec<Name, Args>,
): Action<Name, Args> {
  return {
    volumes: () => [],
    ...spec,
    intent: (args) => ({ action: spec.name, args }),
    step: (args, view, more) => ({
      id: `${spec.name}:${more.key ?? spec.subject(args).replace(/^[a-z]+\//, '')}`,
      action: spec.name,
      args,
      subject: spec.subject(args),
      nodes: [...spec.nodes(args, view)].sort(),
      risk: spec.risk,
      summary: spec.summary(args),
      reason: more.reason,
      undo: spec.undo(args),
      after: more.after,
    }),
  };
}
