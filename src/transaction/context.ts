/**
 * What every phase of a transaction is given. Owns the record; what it holds that changes has its own owner:
 * the observer, and what is known of the glusterds. Time, links and chance come from outside.
 */
import type { Desired } from '../model/desired.ts';
import type { Event, Phase } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock, NodeLink, NodeLock } from '../model/node-link.ts';
import type { LockOwner } from '../model/transaction.ts';
import type { NodeOp } from '../model/op.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import type { Glusterds } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { KnownGlusterds } from './known-glusterds.ts';
import { Observer, type Observing } from './observer.ts';

/**
 * What a transaction is for: recomputed under the lock before it, and after it, when nothing must be left.
 */
export interface Goal {
  readonly plan: (view: View) => Plan;
  /** Findings that stand in its way. */
  readonly blockers: (plan: Plan, view: View) => readonly Finding[];
  /** Of the steps planned again afterwards, those that show that this transaction did not do its work. */
  readonly remaining: (plan: Plan, done: Plan) => readonly Step[];
}

/** What a transaction begins with. */
export interface Start extends Observing {
  readonly desired: Desired;
  readonly goal: Goal;
  readonly clock: Clock;
  readonly emit: (event: Event) => void;
  readonly owner: LockOwner;
  /** In the order of the cluster file. A node that was lost and found again has a new link here. */
  readonly links: Map<NodeName, NodeLink>;
  /** A new connection to a node whose link was lost. */
  readonly relink: (node: NodeName) => Promise<NodeLink | undefined>;
  /** The person's wish to stop; ignored from the start of a rollback. */
  readonly signal: AbortSignal;
  /** The glusterds that were settled before the lock: of the same processes nothing more is waited for. */
  readonly settled?: Glusterds | undefined;
}

export interface Context extends Omit<Start, 'optionCatalogue' | 'settled'> {
  readonly locks: Map<NodeName, NodeLock>;
  readonly observer: Observer;
  readonly glusterds: KnownGlusterds;
  /** The phase that goes on, for what is reported from below it. */
  phase: Phase;
}

export const contextOf = ({ optionCatalogue, settled, ...given }: Start): Context => ({
  ...given,
  locks: new Map(),
  observer: new Observer({ ...given, optionCatalogue }),
  glusterds: new KnownGlusterds(settled),
  phase: 'lock',
});

/** One operation for every node that has a link. */
export const everywhere = (context: Context, op: NodeOp): ReadonlyMap<NodeName, NodeOp> =>
  new Map([...context.links.keys()].map((node) => [node, op]));

/** One operation for every node that has a link and is among those named. */
export const onSome = (
  context: Context,
  nodes: Iterable<NodeName>,
  op: NodeOp,
): ReadonlyMap<NodeName, NodeOp> =>
  new Map([...nodes].filter((node) => context.links.has(node)).map((node) => [node, op]));
