/**
 * `rolling`: some work on one node after the other, each drained before it and undrained after. Owns the
 * order and where it stops; what the work is, and how a node is reached meanwhile, is the caller's.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Desired } from '../model/desired.ts';
import type { Changed, RunResult } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock } from '../model/node-link.ts';
import type { DrainMark } from '../model/observed.ts';
import { faultsIn } from '../plan/drain.ts';
import { drainWords } from '../view/drained.ts';
import { makeView } from '../view/view.ts';
import { ended, type Host } from './change.ts';
import { drainChange, undrainChange } from './drain.ts';
import { openToChange } from './open.ts';
import { refusedByPerson, runChange } from './run-change.ts';

/** How the work on a node ended; `gone`: the node went away under it, as it does in a reboot. */
export type WorkEnd = { readonly kind: 'ended'; readonly code: number } | { readonly kind: 'gone' };

export interface RollingOptions {
  readonly desired: Desired;
  /** In this order. */
  readonly nodes: readonly NodeName[];
  /** Quoted, for commands that are printed. */
  readonly file: string;
  /** The work in words; its mark says so too. */
  readonly work: string;
  readonly mark: DrainMark;
  /** For a node to be back after the work, and then for the heals of what it missed. */
  readonly waitMs: number;
  readonly doWork: (node: NodeName) => Promise<WorkEnd>;
  /** Whether it can be reached and is not going down. */
  readonly isUp: (node: NodeName) => Promise<boolean>;
}

const POLL_MS = 3000;
/** A daemon that comes back with its node is no fault of it; one that is away for longer is. */
const FAULTS_MS = 60_000;

export async function rolling(options: RollingOptions, host: Host): Promise<RunResult> {
  const { nodes, work } = options;
  const first = await atTheBeginning(options, host);
  if (!('clock' in first)) return first;
  const question = `Run ${work} on ${nodes.join(', ')}, one after the other, each drained meanwhile?`;
  const refusal = await refusedByPerson(question, host);
  if (refusal !== undefined) return refusal;
  const asked: Host = {
    ...host,
    canAsk: () => true,
    // Yes to the work is no answer to what a person has to know of an old transaction.
    hasPerson: () => false,
    confirm: () => Promise.resolve(true),
    showPlan: () => undefined,
  };
  const changed: Changed[] = [];
  for (const [i, node] of nodes.entries()) {
    host.notify(`${node}, ${String(i + 1)} of ${String(nodes.length)}: taken out of service`);
    const one = new OneNode(options, asked, first, node, nodes.slice(i + 1));
    const stopped = await one.done();
    changed.push(...one.changed);
    if (stopped !== undefined) return { ...stopped, changed };
  }
  return { ...ended('applied', []), changed };
}

interface Beginning {
  readonly clock: Clock;
  /** Faults from before, by code and subject. */
  readonly known: ReadonlySet<string>;
}

/** Nothing is begun beside somebody else's maintenance. */
async function atTheBeginning(
  { desired, nodes, mark, file }: RollingOptions,
  host: Host,
): Promise<Beginning | RunResult> {
  await using opened = await openToChange(desired, host);
  if (opened.refusal !== undefined) return opened.refusal;
  const foreign = nodes.flatMap((node) => {
    const drained = opened.view.facts(node)?.drained;
    return drained === undefined || drained.why === mark.why ? [] : [{ node, drained }];
  });
  if (foreign.length === 0) return { clock: opened.cluster.clock, known: faultsIn(opened.view, desired) };
  return ended(
    'decision-needed',
    foreign.map(({ node, drained }) =>
      failure('decision-needed', `${node} is ${drainWords(drained)}`, {
        fix: `when that is over: glusterctl undrain ${file} ${node}`,
      }),
    ),
  );
}

class OneNode {
  readonly changed: Changed[] = [];
  readonly #options: RollingOptions;
  readonly #host: Host;
  readonly #first: Beginning;
  readonly #node: NodeName;
  readonly #rest: readonly NodeName[];

  constructor(
    options: RollingOptions,
    host: Host,
    first: Beginning,
    node: NodeName,
    rest: readonly NodeName[],
  ) {
    this.#options = options;
    this.#host = host;
    this.#first = first;
    this.#node = node;
    this.#rest = rest;
  }

  /** Undefined: it is back in service, and the next one may follow. */
  async done(): Promise<RunResult | undefined> {
    const { desired, mark, work, file, waitMs, doWork } = this.#options;
    const { signal, notify } = this.#host;
    const node = this.#node;
    const drained = await runChange(drainChange({ desired, node, mark }), this.#host);
    if (!this.#went(drained, 'drained')) return drained;
    notify(`${node}: ${work} runs`);
    const end = await doWork(node);
    if (signal.aborted) return this.#stopped(`interrupted during the work on ${node}`, 'it may go on there');
    if (end.kind === 'ended' && end.code !== 0)
      return this.#stopped(`${work} failed on ${node}`, `it ended with exit code ${String(end.code)}`);
    const away = await this.#isAway();
    if (away !== undefined) return this.#stopped(`${node} did not come back`, away);
    const back = await runChange(undrainChange({ desired, node, file, waitMs }), this.#host);
    if (!this.#went(back, 'back in service')) return back;
    const faults = await this.#newFaults();
    if (faults.length === 0) return undefined;
    return ended('decision-needed', [
      failure('decision-needed', `there are new faults since the work on ${node}`, {
        details: faults,
        fix: `glusterctl doctor ${file}${this.#later()}`,
      }),
    ]);
  }

  /** Whether it is in effect; kept in the account of this run. */
  #went({ outcome, transaction, changed = [] }: RunResult, what: string): boolean {
    this.changed.push(...changed.map((c) => ({ ...c, what: `${this.#node}: ${c.what}` })));
    if (transaction !== undefined && outcome === 'applied') {
      const one = { transaction, what: `${this.#node}: ${what}` };
      this.changed.push(one);
      this.#host.onChanged?.(one);
    }
    return outcome === 'applied' || outcome === 'nothing-to-do';
  }

  /** Undefined: it answers, and its glusterd too. */
  async #isAway(): Promise<string | undefined> {
    const { desired, isUp, waitMs } = this.#options;
    const { open, signal, notify } = this.#host;
    const { clock } = this.#first;
    const until = clock.now() + waitMs;
    notify(`${this.#node}: waiting up to ${String(waitMs / 1000)} s for it to be back`);
    for (;;) {
      let why = 'it cannot be reached, or is going down';
      if (await isUp(this.#node)) {
        await using cluster = await open(desired);
        const facts = makeView(cluster.observed).facts(this.#node);
        if (facts?.memory.kind === 'up') return undefined;
        why = facts === undefined ? 'it cannot be read' : 'its glusterd does not answer';
      }
      if (signal.aborted) return 'interrupted while it was waited for';
      if (clock.now() >= until) return `after ${String(waitMs / 1000)} s ${why}`;
      await clock.sleep(POLL_MS, signal).catch(() => undefined);
    }
  }

  /** A node that cannot be read is one: nothing is known of it. */
  async #newFaults(): Promise<readonly string[]> {
    const { clock, known } = this.#first;
    const until = clock.now() + FAULTS_MS;
    for (;;) {
      await using opened = await openToChange(this.#options.desired, this.#host);
      const unread = [...opened.view.failed.keys()].map((node) => `${node} could not be read`);
      const faults = [...faultsIn(opened.view, this.#options.desired)].filter((f) => !known.has(f));
      const found = [...unread, ...faults];
      if (found.length === 0 || clock.now() >= until || this.#host.signal.aborted) return found;
      await clock.sleep(POLL_MS, this.#host.signal).catch(() => undefined);
    }
  }

  #stopped(title: string, cause: string): RunResult {
    const undrain = `glusterctl undrain ${this.#options.file} ${this.#node}`;
    const why: Failure = failure('decision-needed', title, {
      cause: `${cause}; it stays drained, and no other node was begun`,
      fix: `when ${this.#node} is as it should be: ${undrain}${this.#later()}`,
    });
    return ended('decision-needed', [why]);
  }

  #later(): string {
    return this.#rest.length === 0 ? '' : `; then the same command with --nodes ${this.#rest.join(',')}`;
  }
}
