/**
 * The contract of an action: do and undo written together. From one record come the line of the plan, the
 * checks, the commit, the resolution of an unknown outcome, and the rollback. Knows no action by name.
 */
import type { Script } from '../core/shell.ts';
import type { Definitions } from '../model/definition.ts';
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

/** What a step risks by one part of what it does. */
export interface PartRisk {
  readonly risk: Risk;
  /** What has to be named before it may be destroyed: "volume/x". */
  readonly subject: string;
  /** A clause for the plan. */
  readonly why: string;
}

export interface ActionSpec<Name extends string, Args extends Json> {
  readonly name: Name;
  /** Whatever its arguments are. */
  readonly risk: Risk;
  /** What it risks beyond that, by its arguments and by what is there; the highest counts. */
  readonly risks?: (args: Args, view: View) => readonly PartRisk[];
  readonly subject: (args: Args) => string;
  /** Volumes whose definition it changes, none by default: a before-image restores these. */
  readonly volumes?: (args: Args) => readonly VolumeName[];
  /**
   * What it makes of the definitions of these volumes, from those before it; nothing by default. Who finishes
   * the transaction knows by it what others have changed since. `unknown`: then all that differs is theirs.
   */
  readonly becomes?: (args: Args, before: Definitions) => Definitions | 'unknown';
  readonly nodes: (args: Args, view: View) => readonly NodeName[];
  readonly summary: (args: Args) => string;
  /** What its undo does, in words; null: only the before-image undoes it. */
  readonly undo: (args: Args, view: View) => string | null;
  /** Why it may not run, by our own observation of every node, each a sentence. Empty: it may. */
  readonly requires: (args: Args, view: View, desired: Desired) => readonly string[];
  /** Set where glusterd does it, or its undo, only while every member is there: of all, or that stays. */
  readonly needsEveryMember?: 'all' | 'staying';
  /**
   * Set where nothing takes it back. It is the only step of its transaction; begun, it is never rolled back,
   * and what is there is said: why, and what to do where some nodes have it.
   */
  readonly isFinal?: { readonly why: string; readonly then: string };
  /**
   * Set where what it begins goes on after the transaction, with nothing locked: begun, it counts as done.
   * How often one run begins it.
   */
  readonly outlasts?: number;
  /** Set where bricks of its volumes are filled by heals, which go on after the transaction. */
  readonly fillsBricks?: true;
  /** Subjects that are gone with it, beside its own: what is wrong with them is no obstacle to it. */
  readonly takesOut?: (args: Args) => readonly string[];
  /** How long clients need to hear of an option that comes right before: that is waited for. */
  readonly hearsMs?: number;
  /** Set where `requires` is checked again right before the calls: it stops what others may need by then. */
  readonly checkedAtCommit?: true;
  /**
   * What the nodes check under the lock, before anything is changed: where one of these fails, the plan is
   * refused. None of them changes anything.
   */
  readonly checks?: (args: Args, view: View) => readonly Call[];
  /** What to do, decided on the latest observation; `transaction`: the one that does it. */
  readonly calls: (args: Args, view: View, transaction?: string) => Calls;
  readonly standing: (args: Args, view: View) => Standing;
  /**
   * Set where the effect comes after the answer: how long to wait until `standing` is done. Half way, the
   * calls of a new view are run once.
   */
  readonly effectMs?: number;
  /** The same without these options, which others have changed since; set where it can go on without. */
  readonly without?: (args: Args, options: ReadonlySet<string>) => Args;
  /** Set where it puts files back from a before-image: what others changed since would go with it. */
  readonly restoresImage?: true;
  /** Set where it has to run after the stores are restored: a rollback runs it last. */
  readonly afterRestore?: true;
  /**
   * How a person does it on a node while glusterd runs, for the inverses of a rollback that could not: shell
   * that may run twice. `node`: where; none: on any member.
   */
  readonly byHand?: (args: Args) => { readonly node?: NodeName; readonly script: Script };
  /** Set where it also follows every change, once for each volume that the change touched. */
  readonly afterEveryChange?: {
    readonly args: (volume: VolumeName) => Args;
    /** The title of its failure. */
    readonly failed: string;
  };
  /**
   * Of an inverse: what nodes check before anything is undone, by whatever way; a list for each part of the
   * step that clients may use by then. Where one of these fails, the volumes of the step stay as they are.
   */
  readonly inUseChecks?: (args: Args) => readonly (readonly Call[])[];
  /** The steps that undo it, in order, from the view before it; null: only the before-image undoes it. */
  readonly inverse: (args: Args, before: View, transaction: string) => readonly Intent[] | null;
}

export interface Action<Name extends string, Args extends Json> extends ActionSpec<Name, Args> {
  readonly volumes: (args: Args) => readonly VolumeName[];
  readonly risks: (args: Args, view: View) => readonly PartRisk[];
  /** Subjects of which something goes for good, each to be allowed by name. */
  readonly destroys: (args: Args, view: View) => readonly string[];
  readonly becomes: (args: Args, before: Definitions) => Definitions | 'unknown';
  readonly step: (
    args: Args,
    view: View,
    more: Pick<Step, 'reason' | 'after'> & { readonly key?: string },
  ) => Step;
  readonly intent: (args: Args) => Intent;
}

/**
 * An action without its argument type: the file that reads the `args` of a step has made them.
 */
export type AnyAction = Action<string, Json>;

export function defineAction<Name extends string, Args extends Json>(
  spec: ActionSpec<Name, Args>,
): Action<Name, Args> {
  const risks = spec.risks ?? (() => []);
  const destroys = (args: Args, view: View): readonly string[] => [
    ...(spec.risk === 'destructive' ? [spec.subject(args)] : []),
    ...risks(args, view).flatMap((part) => (part.risk === 'destructive' ? [part.subject] : [])),
  ];
  return {
    volumes: () => [],
    becomes: () => new Map(),
    ...spec,
    risks,
    destroys,
    intent: (args) => ({ action: spec.name, args }),
    step(args, view, more) {
      const parts = risks(args, view);
      const subjects = [...new Set(destroys(args, view))];
      return {
        id: `${spec.name}:${more.key ?? spec.subject(args).replace(/^[a-z]+\//, '')}`,
        action: spec.name,
        args,
        subject: spec.subject(args),
        nodes: [...spec.nodes(args, view)].sort(),
        risk: highest([spec.risk, ...parts.map((part) => part.risk)]),
        ...(subjects.length > 0 && { destroys: subjects }),
        summary: spec.summary(args),
        reason: [more.reason, ...new Set(parts.map((part) => part.why))].join('; '),
        undo: spec.undo(args, view),
        after: more.after,
      };
    },
  };
}

const highest = (risks: readonly Risk[]): Risk =>
  (['destructive', 'disruptive'] as const).find((risk) => risks.includes(risk)) ?? 'safe';
