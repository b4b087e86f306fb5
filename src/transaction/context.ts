/**
 * What every phase of a transaction is given. Owns the record and the looking; time, wires and chance come
 * from outside.
 */
import type { Desired } from '../model/desired.ts';
import type { Event, Phase } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock, NodeLink, NodeLock } from '../model/node-link.ts';
import type { LockOwner, ProcessId } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { observeAll, type OptionCatalogue } from '../observe/observe-all.ts';
import type { Glusterds, Waiting } from '../view/settled.ts';
import { makeView, type View } from '../view/view.ts';
import { POLL_MAX_MS, POLL_MS, POLLS_PER_WAIT } from './limits.ts';

/**
 * What a transaction is for: recomputed under the lock before it, and after it, when nothing must be left.
 */
export interface Goal {
  readonly plan: (view: View) => Plan;
  /** Findings that stand in its way. */
  readonly blockers: (plan: Plan, view: View) => readonly Finding[];
  /** Of the steps planned anew afterwards, those that show that this transaction did not do its work. */
  readonly remaining: (plan: Plan, done: Plan) => readonly Step[];
}

export interface Context {
  readonly desired: Desired;
  readonly goal: Goal;
  readonly clock: Clock;
  readonly emit: (event: Event) => void;
  readonly owner: LockOwner;
  /** In the order of the cluster file. A node that was lost and found again has a new link here. */
  readonly links: Map<NodeName, NodeLink>;
  readonly locks: Map<NodeName, NodeLock>;
  /** A new connection to a node whose link was lost. */
  readonly relink: (node: NodeName) => Promise<NodeLink | undefined>;
  /** The person's wish to stop; ignored from the start of a rollback. */
  readonly signal: AbortSignal;
  /**
   * The names of all options, from the first look of the run: what glusterd is installed does not change
   * within it.
   */
  readonly optionCatalogue?: OptionCatalogue | undefined;
  /** The last look, for as long as nothing was done since it began. */
  seen?: Promise<View> | undefined;
  /** A look whose brick paths, file systems and names of hosts are taken over by those that follow. */
  baseline?: View | undefined;
  /** The answer to some operation was lost: it may run on after that. */
  unanswered?: boolean;
  /** Which glusterds may be given commands; undefined: none, before they are seen to be settled. */
  settled?: Glusterds | undefined;
  /** When a node was last asked into the pool; until the members are seen to be settled after that. */
  joinedAt?: number | undefined;
  /** The wait that goes on. */
  settling?: Promise<Settled> | undefined;
  /** Of these, what was seen does not count any more. */
  readonly unsettled: Set<NodeName>;
  /** The glusterds that ran under the lock, or were started since; one that we stop is taken out. */
  readonly glusterds: Map<NodeName, ProcessId>;
  /** Those that we have stopped and not started yet: nobody else starts them meanwhile. */
  readonly stopped: Set<NodeName>;
  /** How each was started. */
  readonly argv: Map<NodeName, readonly string[]>;
  /** When each was last asked whether it is still that process. */
  readonly checked: Map<NodeName, { readonly at: number; readonly process: ProcessId | undefined }>;
  /** Those that have ended by themselves, each told once. */
  readonly crashes: Set<string>;
  /** The phase that goes on, for what is told from below it. */
  phase: Phase;
}

export interface Settled {
  readonly view: View;
  /** What was still waited for when the limit was reached. */
  readonly waiting: readonly Waiting[];
  /** Of which nothing young is still waited for: these may be given commands. */
  readonly glusterds: Glusterds;
}

/** What a context begins with, before anything was seen. */
export const unseen = (): Pick<
  Context,
  'glusterds' | 'stopped' | 'argv' | 'checked' | 'crashes' | 'unsettled' | 'phase'
> => ({
  unsettled: new Set(),
  glusterds: new Map(),
  stopped: new Set(),
  argv: new Map(),
  checked: new Map(),
  crashes: new Set(),
  phase: 'lock',
});

/** What looking takes. */
export type Observing = Pick<
  Context,
  'desired' | 'links' | 'clock' | 'optionCatalogue' | 'seen' | 'baseline'
>;

export function observe(observing: Observing): Promise<View> {
  observing.seen = observeOver(observing, observing.links);
  return observing.seen;
}

/**
 * Of these alone; what was seen of all of them stays as it is. `stopped`: their glusterd was, and is not
 * asked.
 */
export const observeNodes = (
  observing: Observing,
  nodes: ReadonlySet<NodeName>,
  stopped = false,
): Promise<View> =>
  observeOver(observing, new Map([...observing.links].filter(([node]) => nodes.has(node))), stopped);

const observeOver = async (
  { desired, optionCatalogue: catalogue, baseline }: Observing,
  links: Observing['links'],
  stopped = false,
): Promise<View> =>
  makeView(await observeAll(desired, links, undefined, { catalogue, baseline: baseline?.facts, stopped }));

/** Looks only where something was done since the last look began: for the nodes a look is work. */
export const current = (context: Observing): Promise<View> => context.seen ?? observe(context);

/**
 * What is not there soon takes long, and every look costs the nodes something: the pauses grow with what was
 * waited.
 */
export const pollMs = (waitedMs: number): number =>
  Math.min(POLL_MAX_MS, Math.max(POLL_MS, waitedMs / POLLS_PER_WAIT));

/**
 * Polls until the judge is content (it says what is still amiss, in words) or the limit is reached; the last
 * look is judged first. `nodes`: of these alone.
 */
export async function waitFor(
  context: Observing,
  limitMs: number,
  judge: (view: View) => readonly string[],
  nodes?: ReadonlySet<NodeName>,
): Promise<{ readonly view: View; readonly amiss: readonly string[] }> {
  const again = (): Promise<View> => (nodes === undefined ? observe(context) : observeNodes(context, nodes));
  const began = context.clock.now();
  let view = nodes === undefined ? await current(context) : await again();
  for (;;) {
    const amiss = judge(view);
    const waited = context.clock.now() - began;
    if (amiss.length === 0 || waited >= limitMs) return { view, amiss };
    await context.clock.sleep(Math.min(pollMs(waited), limitMs - waited));
    view = await again();
  }
}

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
