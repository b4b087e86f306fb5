/**
 * The record that every phase of a transaction works with. The observer and the known glusterds own what
 * changes in it. Time, links and chance come from outside.
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
 * What a transaction is for. Its plan is computed again under the lock, before the commit and after it, when
 * no step may remain.
 */
export interface Goal {
  readonly plan: (view: View) => Plan;
  /** Findings that keep the plan from being applied. */
  readonly blockers: (plan: Plan, view: View) => readonly Finding[];
  /** Steps of the plan computed afterwards that show that the transaction did not do its work. */
  readonly remaining: (plan: Plan, done: Plan) => readonly Step[];
  /** Repairs bring faults to light that were hidden: a new one is no failure of them. */
  readonly revealsFaults?: boolean;
}

/** What a transaction begins with. */
export interface Start extends Observing {
  readonly desired: Desired;
  readonly goal: Goal;
  readonly clock: Clock;
  readonly emit: (event: Event) => void;
  readonly owner: LockOwner;
  /** In the order of the cluster file. A node that was reconnected has a new link here. */
  readonly links: Map<NodeName, NodeLink>;
  /** A new connection to a node whose link was lost. */
  readonly relink: (node: NodeName) => Promise<NodeLink | undefined>;
  /** Aborted when the person wants to stop; ignored once a rollback has begun. */
  readonly signal: AbortSignal;
  /** Glusterds that were settled before the lock: there is no wait for the same processes. */
  readonly settled?: Glusterds | undefined;
}

export interface Context extends Omit<Start, 'optionCatalogue' | 'settled'> {
  readonly locks: Map<NodeName, NodeLock>;
  readonly observer: Observer;
  readonly glusterds: KnownGlusterds;
  /** The current phase, for the events of what it calls. */
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
