/**
 * What is known of the glusterds under the lock: which process runs on each node, which are settled, which we
 * have stopped, which have crashed. Owns that knowledge; waits for nothing and sends nothing.
 */
import type { NodeName } from '../model/names.ts';
import type { ProcessId } from '../model/observed.ts';
import { type Glusterds, glusterdsOf, isSame, type Joined } from '../view/settled.ts';
import { glusterdArgv, type View } from '../view/view.ts';
import { JOIN_MS, SAME_FRESH_MS } from './limits.ts';
import type { Settled } from './settled.ts';

/** A glusterd that ended and was not stopped by this transaction. */
export interface Crash {
  readonly node: NodeName;
  readonly process: ProcessId;
}

export class KnownGlusterds {
  /** Which may be given commands; undefined: none, before they are seen to be settled. */
  #settled: Glusterds | undefined;
  /** Observations of these no longer count. */
  readonly #unsettled = new Set<NodeName>();
  /** Those that run under the lock, or were started since; one that we stop is removed. */
  readonly #running = new Map<NodeName, ProcessId>();
  /** Those that we have stopped and not started yet: only we start them. */
  readonly #stopped = new Set<NodeName>();
  readonly #argv = new Map<NodeName, readonly string[]>();
  /** When each was last checked to be still that process. */
  readonly #checked = new Map<NodeName, { readonly at: number; readonly process: ProcessId | undefined }>();
  /** Each is reported once. */
  readonly #crashes = new Set<string>();
  /** When a node was last added to the pool; undefined once the members are settled after that. */
  #joinedAt: number | undefined;
  #wait: Promise<Settled> | undefined;

  /** `settled`: seen before the lock; of the same processes nothing more is waited for. */
  constructor(settled?: Glusterds) {
    this.#settled = settled;
  }

  get settled(): Glusterds | undefined {
    return this.#settled;
  }

  /** Some glusterd has to be seen settled before it gets a command. */
  get hasUnsettled(): boolean {
    return this.#unsettled.size > 0;
  }

  get unsettled(): ReadonlySet<NodeName> {
    return new Set(this.#unsettled);
  }

  isUnsettled(node: NodeName): boolean {
    return this.#unsettled.has(node);
  }

  argvOf(node: NodeName): readonly string[] {
    return this.#argv.get(node) ?? [];
  }

  /** Steps that run at the same time wait together. */
  async waitOnce(wait: () => Promise<Settled>): Promise<Settled> {
    while (this.#wait !== undefined) {
      const settled = await this.#wait;
      if (this.#settled !== undefined && this.#unsettled.size === 0) return settled;
    }
    this.#wait = wait().finally(() => (this.#wait = undefined));
    return await this.#wait;
  }

  /** A wait has ended: later observations are compared with this one. Returns those that crashed. */
  accept({ view, waiting, glusterds }: Settled): readonly Crash[] {
    const crashes: Crash[] = [];
    for (const [node, process] of glusterdsOf(view)) {
      const known = this.#running.get(node);
      if (known !== undefined && process !== undefined && !isSame(known, process))
        crashes.push({ node, process: known });
      if (process === undefined || this.#stopped.has(node)) continue;
      this.#running.set(node, process);
      this.#argv.set(node, glusterdArgv(view.facts(node)));
    }
    this.#settled = glusterds;
    this.#joinedAt = undefined;
    this.#unsettled.clear();
    for (const { node, isYoung } of waiting) if (isYoung) this.#unsettled.add(node);
    return crashes;
  }

  /** A node refused a command: which glusterds are settled has to be observed again. */
  refused(): void {
    this.#settled = undefined;
  }

  /** The pool has changed: earlier observations of any member no longer count. */
  joined(members: Iterable<NodeName>, now: number): void {
    this.#joinedAt = now;
    for (const node of members) this.#unsettled.add(node);
  }

  /** Members bring up what belongs to the volumes of the pool for some seconds after a node has joined. */
  joinedLately(members: Iterable<NodeName>, now: number): Joined {
    return new Set(this.#joinedAt !== undefined && now - this.#joinedAt < JOIN_MS ? members : []);
  }

  /** We stop it. */
  stop(node: NodeName): void {
    this.#stopped.add(node);
    this.#forget(node);
  }

  /** We start it. */
  start(node: NodeName): void {
    this.#stopped.delete(node);
    this.#forget(node);
  }

  /** It was out of reach, or had died: the process there by now has to be seen settled. */
  mayBeAnother(node: NodeName): void {
    this.#checked.delete(node);
    this.#unsettled.add(node);
  }

  /** Another process from here on, which has to be seen settled before it gets a command. */
  #forget(node: NodeName): void {
    this.#running.delete(node);
    this.#checked.delete(node);
    this.#unsettled.add(node);
  }

  /** Those that have died. */
  diedIn(view: View): readonly Crash[] {
    const now = glusterdsOf(view);
    return [...this.#running].flatMap(([node, process]) =>
      now.has(node) && now.get(node) === undefined ? [{ node, process }] : [],
    );
  }

  /** Those that are not the process that was last seen settled, each as a sentence. */
  restartedIn(view: View): readonly string[] {
    return [...glusterdsOf(view)].flatMap(([node, process]) => {
      const known = this.#running.get(node);
      return known === undefined || isSame(known, process) ? [] : [`glusterd on ${node} was restarted`];
    });
  }

  /** True the first time only. */
  isNews({ node, process: { pid, startTicks } }: Crash): boolean {
    const key = `${node} ${String(pid)} ${String(startTicks)}`;
    if (this.#crashes.has(key)) return false;
    this.#crashes.add(key);
    return true;
  }

  /** It was that process a moment ago, and need not be checked again. */
  wasJustChecked(node: NodeName, process: ProcessId | undefined, now: number): boolean {
    const checked = this.#checked.get(node);
    return checked !== undefined && checked.process === process && now - checked.at < SAME_FRESH_MS;
  }

  checked(node: NodeName, process: ProcessId | undefined, at: number): void {
    this.#checked.set(node, { at, process });
  }
}
