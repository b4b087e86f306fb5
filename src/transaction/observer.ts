/**
 * Observes the nodes and owns the cache of observations. An observation holds until something is done on a
 * node. A baseline, while there is one, saves reading what it already has.
 */
import { failure } from '../core/failure.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock, NodeLink } from '../model/node-link.ts';
import { type NodeReading, type Observed, STORE_ROOT } from '../model/observed.ts';
import { makeView, type View } from '../view/view.ts';
import { POLL_MAX_MS, POLL_MS, POLLS_PER_WAIT, UNKNOWN_RESOLVE_MS } from './limits.ts';
import { observeAll, type OptionCatalogue } from '../observe/observe-all.ts';

/** What is read, and with what. */
export interface Observing {
  readonly desired: Desired;
  readonly links: ReadonlyMap<NodeName, NodeLink>;
  readonly clock: Clock;
  /** From the first observation of the run: the installed glusterd does not change within it. */
  readonly optionCatalogue?: OptionCatalogue | undefined;
}

export interface WaitOptions {
  /** Of these alone. */
  readonly nodes?: ReadonlySet<NodeName>;
  /** Called with each observation after which the wait goes on. */
  readonly onView?: ((view: View) => Promise<void>) | undefined;
  /** The longest pause. */
  readonly pollMaxMs?: number;
}

export class Observer {
  readonly clock: Clock;
  readonly #observing: Observing;
  /** The last observation of all nodes; none once something was done since it began. */
  #latest: Promise<View> | undefined;
  #baseline: View | undefined;
  #isAnswerLost = false;

  /** `seen`: an observation that still holds. */
  constructor(observing: Observing, seen?: View) {
    this.#observing = observing;
    this.clock = observing.clock;
    this.#latest = seen && Promise.resolve(seen);
  }

  /** Observes only if something was done since the last observation began: each is work for the nodes. */
  current(): Promise<View> {
    return this.#latest ?? this.observe();
  }

  observe(): Promise<View> {
    this.#latest = this.#read(this.#observing.links);
    return this.#latest;
  }

  /**
   * Of these nodes alone; the last observation of all of them is kept as it is. `isStopped`: their glusterd
   * is, and is not asked.
   */
  observeNodes(nodes: ReadonlySet<NodeName>, isStopped = false): Promise<View> {
    const links = [...this.#observing.links].filter(([node]) => nodes.has(node));
    return this.#read(new Map(links), isStopped);
  }

  /** Something was done: what was observed before no longer holds. */
  invalidate(): void {
    this.#latest = undefined;
  }

  /** The answer to an operation was lost: it may run on, and end while the nodes are read. */
  answerLost(): void {
    this.#isAnswerLost = true;
  }

  /** The observations that follow take over from this one what the operations of a rollback do not change. */
  useBaseline(view: View | undefined): void {
    this.#baseline = view;
  }

  /** The next observation reads everything; what was observed with the baseline no longer holds. */
  dropBaseline(): void {
    this.#baseline = undefined;
    this.invalidate();
  }

  /**
   * Polls until the judge has no problem left, each a sentence, or the limit is reached. The last observation
   * is judged first.
   */
  async waitFor(
    limitMs: number,
    judge: (view: View) => readonly string[],
    { nodes, onView, pollMaxMs = POLL_MAX_MS }: WaitOptions = {},
  ): Promise<{ readonly view: View; readonly problems: readonly string[] }> {
    const { clock } = this;
    const again = (): Promise<View> => (nodes === undefined ? this.observe() : this.observeNodes(nodes));
    const began = clock.now();
    let view = nodes === undefined ? await this.current() : await again();
    for (;;) {
      const problems = judge(view);
      const waited = clock.now() - began;
      if (problems.length === 0 || waited >= limitMs) return { view, problems };
      await onView?.(view);
      await clock.sleep(Math.min(pollMs(waited, pollMaxMs), limitMs - waited));
      view = await again();
    }
  }

  /**
   * Observes once all commands of the transaction have ended. Where an answer was lost, it observes once
   * more: the command may have changed a store that had been read already, and ended before the processes
   * were read.
   */
  async whenIdle(transaction: string): Promise<View> {
    const { view } = await this.waitFor(UNKNOWN_RESOLVE_MS, (v) => stillRunning(transaction, v));
    return this.#isAnswerLost ? this.observe() : view;
  }

  async #read(links: Observing['links'], stopped = false): Promise<View> {
    const { desired, optionCatalogue: catalogue } = this.#observing;
    const known = { catalogue, baseline: this.#baseline?.facts, stopped };
    return makeView(withoutUnread(await observeAll(desired, links, undefined, known)));
  }
}

/**
 * A node whose store could not be read counts as one that was not read: what is missing in half a store would
 * pass for what was lost, and be put back.
 */
const withoutUnread = ({ nodes, ...rest }: Observed): Observed => ({
  ...rest,
  nodes: new Map([...nodes].map(([node, reading]) => [node, orFailed(node, reading)])),
});

function orFailed(node: NodeName, reading: NodeReading): NodeReading {
  const [first] = reading.kind === 'read' ? reading.facts.store.unread : [];
  if (first === undefined) return reading;
  const cause = `${STORE_ROOT}: ${first.path}: ${first.reason}`;
  return {
    kind: 'failed',
    failure: failure('node-unreadable', `the store of ${node} could not be read`, { node, cause }),
  };
}

/** Our own commands that outlived their caller, known by the transaction's id in their environment. */
const stillRunning = (transaction: string, view: View): readonly string[] =>
  view.nodes.flatMap((n) =>
    n.marked
      .filter((m) => m.transaction === transaction)
      .map((m) => `a command of transaction ${transaction} still runs on ${n.node} (pid ${String(m.pid)})`),
  );

/** The pauses grow: what does not come soon takes long, and every observation is work for the nodes. */
export const pollMs = (waitedMs: number, maxMs = POLL_MAX_MS): number =>
  Math.min(maxMs, Math.max(POLL_MS, waitedMs / POLLS_PER_WAIT));
