/**
 * A transaction, what happens to the cluster before it is recovered, and the recovery: an administrator who
 * goes on working, a node that returns, a journal that is lost. Owns the laws of these.
 */
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { type Consent, type Host, NO_CONSENT } from '../../src/change/change.ts';
import { applyChange } from '../../src/change/apply.ts';
import { recoverChange } from '../../src/change/recover.ts';
import { runChange } from '../../src/change/run-change.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { Event } from '../../src/model/event.ts';
import { type VolumeName, volumeName } from '../../src/model/names.ts';
import type { SimCluster, SimNode } from '../../src/simulator/cluster.ts';
import type { FaultAt, FaultPlan, WorldFault } from '../../src/simulator/fault.ts';
import { JOURNAL } from '../../src/simulator/world.ts';
import { runTransaction } from '../../src/transaction/run.ts';
import { pastTransactions } from '../../src/view/transactions.ts';
import { owner } from '../contract/harness.ts';
import { simulatedHost } from '../unit/change/simulated-host.ts';
import {
  applying,
  CHANGES,
  contextFor,
  crashes,
  DEAD_AFTER_MS,
  desiredOf,
  faultLeft,
  missingIn,
  NODES,
  prepared,
  seenFrom,
} from './fault-run.ts';
import {
  difference,
  missingOf,
  overwritten,
  partsWithout,
  pictureOf,
  thingsOf,
  touchedByHand,
  wordsWithout,
} from './foreign.ts';

/** What happens between the transaction and its recovery. */
export type Since =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'by-hand'; readonly node: string; readonly argv: readonly string[] }
  | { readonly kind: 'recover' }
  | (WorldFault & { readonly node: string });

export interface Scenario {
  readonly change: string;
  readonly faults: FaultPlan;
  readonly since: readonly Since[];
}

export interface Aftermath {
  /** Undefined: the controller died. */
  readonly exit: number | undefined;
  /** Of each recovery, the last one after all that happens. */
  readonly recoveries: readonly number[];
  readonly ending: 'before' | 'after';
  /** Empty: the laws hold. */
  readonly broken: readonly string[];
  readonly trace: readonly string[];
}

const AS_IT_IS = { saved: undefined, noRepair: false };
/** How a remedy begins that no repair has. */
const BY_APPLY = '"glusterctl apply FILE" resets the brick';
const OVER = new Error('it is over');
const nothing = (): undefined => undefined;
const TRANSACTION = 'tx-1';
/** The silence after which a lock is free, and a start of glusterd after it. */
const LOCK_LIMIT_MS = 120_000;
const SETTLE_MS = 60_000;
/** Daemons that come back move the cluster under a plan. */
const TRIES_MAX = 4;
/** Exit codes that say that the cluster is as it was. */
const AS_BEFORE = [3, 5, 7, 130];

export async function aftermathRun({ change, faults, since }: Scenario, seed: number): Promise<Aftermath> {
  const run = new Run(await prepared(seed, change), change);
  const exit = await run.transact(faults);
  for (const one of since) await run.happens(one);
  await run.recover(true);
  const { recoveries, ending, broken, cluster } = run;
  return { exit, recoveries, ending, broken: [...new Set(broken)], trace: cluster.trace };
}

/** What each change of `CHANGES` does, as commands. */
const OURS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  create: [['volume', 'create', 'new']],
  options: [['volume', 'set', 'old', 'network.ping-timeout', '21', 'performance.cache-size', '64MB']],
  start: [['volume', 'start', 'idle']],
  stop: [['volume', 'stop', 'old']],
  delete: [['volume', 'delete', 'idle']],
  grow: [
    ['volume', 'set', 'old', 'cluster.lookup-optimize', 'off'],
    ['volume', 'add-brick', 'old', ...NODES.map((n) => `${n}:/bricks/d2/old`)],
  ],
  copies: [['volume', 'add-brick', 'old', 'replica', '3', 'node03:/bricks/d2/old']],
  'fewer copies': [['volume', 'remove-brick', 'old', 'replica', '2', 'node03:/bricks/d1/old', 'force']],
  replace: [
    ['volume', 'replace-brick', 'old', 'node03:/bricks/d1/old', 'node03:/bricks/d2/old', 'commit', 'force'],
  ],
};

/** It can have taken over what others gave it. */
const takesOver = (node: SimNode): boolean => node.daemon !== undefined && node.disk.immutable.size === 0;

/**
 * How many glusterds a fault may crash: an administrator need not wait, and a command may crash all that have
 * just started.
 */
function crashesOf({ fault }: FaultAt, nodes: number): number {
  if (fault.kind === 'crash-glusterd') return 1;
  return fault.kind === 'admin' && ['stop', 'delete'].includes(fault.argv[1] ?? '') ? nodes : 0;
}

/** Nothing takes it back. */
const isFinal = ([, verb = '']: readonly string[]): boolean =>
  ['remove-brick', 'replace-brick'].includes(verb);

/** A step that is not taken back leaves its journal abandoned. */
const isClosed = (state: string, ours: readonly (readonly string[])[]): boolean =>
  ['committed', 'rolled-back'].includes(state) || (state === 'abandoned' && ours.some(isFinal));

const isOpen = (states: string): boolean => /(prepared|committing|rolling-back|owed)/.test(states);

class Run {
  readonly broken: string[] = [];
  readonly recoveries: number[] = [];
  ending: Aftermath['ending'] = 'before';
  readonly cluster: SimCluster;
  readonly #desired: Desired;
  readonly #ours: readonly (readonly string[])[];
  #drawnCrashes = 0;
  readonly #before: ReturnType<typeof pictureOf>;
  /** Commands before the transaction. */
  readonly #from: number;
  /** Our commands from there on roll back. */
  #stepsUntil = Infinity;
  #isRolledBack = false;
  #isSaidToReturn = false;
  /** Imports up to there may be by a node that returned, as it was said. */
  #importsSaid = 0;
  #runs = 0;

  constructor(cluster: SimCluster, change: string) {
    const desired = desiredOf(CHANGES[change] ?? change);
    this.cluster = cluster;
    this.#ours = OURS[change] ?? [];
    this.#desired = desired;
    this.#from = cluster.commands.length;
    this.#before = pictureOf(cluster);
  }

  async transact(faults: FaultPlan): Promise<number | undefined> {
    const { cluster } = this;
    const { goal, plan } = await applying(cluster, this.#desired);
    const context = {
      ...contextFor(cluster, this.#desired, goal, (n) => cluster.link(n), TRANSACTION),
      emit: (event: Event) => {
        if (event.type === 'phase' && event.phase === 'rollback' && event.status === 'started')
          this.#stepsUntil = Math.min(this.#stepsUntil, cluster.commands.length);
      },
    };
    this.#drawnCrashes = faults.reduce((n, f) => n + crashesOf(f, cluster.names.length), 0);
    const base = cluster.calls;
    cluster.inject(faults.map((f) => (typeof f.at === 'number' ? { ...f, at: f.at + base } : f)));
    const over = new AbortController();
    const dead = cluster.clock.sleep(DEAD_AFTER_MS, over.signal).then(nothing, nothing);
    const result = await Promise.race([runTransaction(context, plan), dead]);
    over.abort(OVER);
    if (result === undefined) this.#stepsUntil = Math.min(this.#stepsUntil, cluster.commands.length);
    const exit = result && exitCodeOf(result);
    // Of two faults together nothing may be left to put back with: that is said, and owed.
    const isRefused = faults.some(({ fault }) => fault.kind === 'immutable');
    if (exit === 3 || (exit === 6 && !isRefused)) this.#isRolledBack = true;
    this.#isSaidToReturn = exit === 6 && isRefused;
    const early = pictureOf(cluster);
    if (exit !== undefined && AS_BEFORE.includes(exit) && !faultLeft(faults)) this.#asBefore(exit, early);
    cluster.lift();
    if (exit === undefined) await this.#nothingDown();
    if (exit === 0) await this.#agreed();
    await cluster.clock.sleep(SETTLE_MS);
    // A node that was down takes over from the others what was done meanwhile.
    if (exit !== undefined) this.#theirsStands(`exit ${String(exit)}`);
    return exit;
  }

  /** One thing that happens to the cluster. */
  async happens(one: Since): Promise<void> {
    const { cluster } = this;
    switch (one.kind) {
      case 'wait':
        await cluster.clock.sleep(one.ms);
        return;
      case 'by-hand':
        await cluster.gluster(one.node, one.argv);
        await cluster.clock.sleep(SETTLE_MS);
        return;
      case 'recover':
        await this.recover(false);
        return;
      case 'power-on':
        await this.#returns(one);
        return;
      default:
        await cluster.node(one.node).fault(one);
    }
  }

  /**
   * What is rolled back stays so when a node returns: the others are as they were, to the process. A volume
   * that only the lost node still has is another matter: glusterd knows no deletion, and gives it to all.
   * That must be owed.
   */
  async #returns(fault: WorldFault & { readonly node: string }): Promise<void> {
    const { cluster } = this;
    const others = (): readonly [string, string] => {
      const pictures = pictureOf(cluster).filter((p) => p.node !== fault.node);
      const isMade = this.#isCreation();
      const bricks = pictures.flatMap(({ node, running }) =>
        running.map(({ volume, path, pid }) => `${node} ${volume} ${path} ${String(pid)}`),
      );
      return [wordsWithout(pictures, isMade ? this.#ours.flatMap(thingsOf) : []), bricks.sort().join('\n')];
    };
    const was = others();
    await cluster.node(fault.node).fault(fault);
    await cluster.clock.sleep(SETTLE_MS);
    if (!this.#isRolledBack) return;
    const is = others();
    const head = `the return of ${fault.node}`;
    if (was[0] !== is[0]) this.broken.push(`${head} changed the others: ${difference(was[0], is[0])}`);
    if (was[1] !== is[1]) this.broken.push(`${head} ended bricks: ${difference(was[1], is[1])}`);
    const back = cluster.names.filter((n) => n !== fault.node && cluster.node(n).info('new').length > 0);
    if (this.#isCreation() && back.length > 0 && !this.#states().includes('owed'))
      this.broken.push(`${head} brought a volume back, and no journal owes it`);
  }

  /** By another controller, with nothing but what is on the nodes. */
  async recover(isLast: boolean): Promise<void> {
    const exit = await this.#recoverBy(isLast, NO_CONSENT);
    if (!isLast) return;
    // Where nothing was begun, nothing of ours can be finished.
    if (exit !== 8 || !this.#states().includes(`${TRANSACTION} `)) {
      await this.#ends(exit, '');
      return;
    }
    const finish = new Set([TRANSACTION]);
    const finished = await this.#recoverBy(true, { ...NO_CONSENT, finish });
    if (finished !== 8) {
      await this.#ends(finished, ' --finish');
      return;
    }
    if (this.#isLeftToApply) {
      const applied = exitCodeOf(
        await runChange(applyChange({ ...this.#options(), ...AS_IT_IS }), this.#host()),
      );
      this.recoveries.push(applied);
      await this.#ends(applied, ' --finish, then apply');
      return;
    }
    if (this.#byHand().length === 0)
      this.broken.push('recover --finish exits 8, and nobody changed anything');
    const discard = this.#discardable();
    this.#isDiscarded = true;
    await this.#ends(await this.#recoverBy(true, { ...NO_CONSENT, finish, discard }), ' --discard-changes');
  }

  #isDiscarded = false;
  /** What is left is for the file alone: a brick whose disk is new is filled by `apply`. */
  #isLeftToApply = false;

  async #recoverBy(isLast: boolean, consent: Consent): Promise<number> {
    const { cluster } = this;
    cluster.lift();
    if (isLast) for (const name of cluster.names) await cluster.node(name).fault({ kind: 'power-on' });
    await cluster.clock.sleep(SETTLE_MS);
    if (isLast && this.#isSaidToReturn) this.#importsSaid = cluster.imports.length;
    const was = pictureOf(cluster);
    const states = this.#states();
    const stood = new Set(this.#overwritten());
    let exit = 4;
    for (let i = 0; i < TRIES_MAX && exit === 4; i++) {
      const result = await runChange(recoverChange({ ...this.#options(), consent }), this.#host());
      exit = exitCodeOf(result);
      this.#isLeftToApply = result.failures.every(({ fix }) => fix?.startsWith(BY_APPLY) === true);
    }
    this.recoveries.push(exit);
    const head = `recover exits ${String(exit)}`;
    const now = this.#states();
    // What it could do is done, and a question is left.
    const isDone = now.includes(`tx-${String(1 + this.#runs)} committed`) || (isOpen(states) && !isOpen(now));
    if (!this.#isDiscarded)
      this.broken.push(...this.#overwritten().flatMap((w) => (stood.has(w) ? [] : [`${head}: ${w}`])));
    const is = pictureOf(cluster);
    if (exit === 8 && !isDone && states !== now)
      this.broken.push(`${head}, and a journal has another state: ${states}; then ${now}`);
    if ([3, 8].includes(exit) && !isDone && wordsWithout(was, []) !== wordsWithout(is, []))
      this.broken.push(
        `${head}, and something changed: ${difference(wordsWithout(was, []), wordsWithout(is, []))}`,
      );
    return exit;
  }

  #isCreation(): boolean {
    return this.#ours.some(([, verb]) => verb === 'create');
  }

  /** All of ours, or nothing of it; and nothing else but what was done by hand. */
  #beforeOrAfter(exit: number): void {
    const { cluster } = this;
    const theirs = this.#byHand();
    const now = pictureOf(cluster);
    const parts = this.#ours.flatMap((argv) => partsWithout(argv, theirs));
    const missing = cluster.names.flatMap((n) => parts.flatMap((p) => missingOf(p, cluster.node(n)) ?? []));
    this.ending = missing.length === 0 ? 'after' : 'before';
    if (this.ending === 'before' && this.#isPastReturn())
      this.broken.push(`exit ${String(exit)}, and a point of no return was taken back`);
    const but = [...theirs, ...(missing.length === 0 ? this.#ours.flatMap(thingsOf) : [])];
    const [was, is] = [wordsWithout(this.#before, but), wordsWithout(now, but)];
    if (was !== is)
      this.broken.push(`exit ${String(exit)}, and neither before nor after: ${difference(was, is)}`);
  }

  /** A node has committed what nothing takes back. */
  #isPastReturn(): boolean {
    const final = new Set(this.#ours.filter(isFinal).map((argv) => argv.join(' ')));
    return this.cluster.commands.some(
      ({ by, isCommitted, argv }) => by === 'transaction' && isCommitted && final.has(argv.join(' ')),
    );
  }

  async #ends(exit: number, flags: string): Promise<void> {
    const { cluster } = this;
    await cluster.clock.sleep(SETTLE_MS);
    this.#notBounced();
    // What an administrator has half done is a question that no flag for ours answers.
    if (exit === 8 && this.#halfDone()) return;
    if (exit !== 0) this.broken.push(`recover${flags} exits ${String(exit)}`);
    for (const name of cluster.names)
      if (cluster.node(name).isLocked) this.broken.push(`${name} is still locked`);
    if (crashes(cluster) > this.#drawnCrashes) this.broken.push('a glusterd crashed by what was asked of it');
    if (exit !== 0) return;
    await this.#agreed();
    this.#beforeOrAfter(exit);
  }

  #options(): Parameters<typeof recoverChange>[0] {
    const allowDestroy = [...this.#names()].map((name) => `volume/${name}`);
    return { desired: this.#desired, prefer: new Map(), file: 'sim.yaml', allowDestroy };
  }

  #host(): Host {
    const { cluster } = this;
    const transaction = `tx-${String(2 + this.#runs++)}`;
    const controller = cluster.controller(`recovery ${transaction}`);
    return simulatedHost(cluster, (node) => controller.link(node), {
      newOwner: () => ({ ...owner(transaction), since: new Date(cluster.clock.now()).toISOString() }),
    });
  }

  /** While a transaction is unfinished, its journal may know volumes that are gone. */
  #discardable(): ReadonlySet<VolumeName> {
    return new Set([
      ...this.#names(),
      ...(isOpen(this.#states()) ? ['old', 'idle', 'new'].map(volumeName) : []),
    ]);
  }

  #names(): ReadonlySet<VolumeName> {
    const { cluster } = this;
    return new Set(cluster.names.flatMap((n) => [...cluster.node(n).store.volumes.keys()]));
  }

  #byHand(): readonly string[] {
    return touchedByHand(this.cluster, this.#from);
  }

  #overwritten(): readonly string[] {
    const judging = { ours: this.#ours, from: this.#from, stepsUntil: this.#stepsUntil };
    return overwritten(this.cluster, judging, takesOver);
  }

  #theirsStands(head: string): void {
    if (!this.#isDiscarded) this.broken.push(...this.#overwritten().map((w) => `${head}: ${w}`));
  }

  #asBefore(exit: number, now: ReturnType<typeof pictureOf>): void {
    const things = this.#byHand();
    const [was, is] = [wordsWithout(this.#before, things), wordsWithout(now, things)];
    if (was !== is)
      this.broken.push(`exit ${String(exit)}, but the cluster is not as it was: ${difference(was, is)}`);
  }

  #states(): string {
    return this.cluster.names
      .map((n) => {
        const { disk } = this.cluster.node(n);
        return disk
          .list(JOURNAL)
          .map((id) => `${n} ${id} ${(disk.read(`${JOURNAL}/${id}/state`) ?? '').trim()}`)
          .join(', ');
      })
      .join('; ');
  }

  /** No glusterd that we have stopped is down any longer than the lock may be held. */
  async #nothingDown(): Promise<void> {
    await this.cluster.clock.sleep(LOCK_LIMIT_MS);
    for (const name of this.cluster.names) {
      const last = this.cluster.trace.findLast(
        (l) => l.startsWith(`${name} glusterd `) || l === `${name} loses power`,
      );
      if (last?.endsWith('TERM') === true)
        this.broken.push(`glusterd on ${name} is down, and the controller that stopped it is dead`);
    }
  }

  /** The nodes that can be asked agree, and one says that it is committed where the exit code does. */
  async #agreed(): Promise<void> {
    const { cluster } = this;
    const isQuiet = !this.#halfDone();
    const seen = await seenFrom(cluster, this.#desired);
    const open = pastTransactions(seen).flatMap(({ id, states }) =>
      [...states].filter(([, s]) => !isClosed(s, this.#ours)).map(([n, s]) => `${id} on ${n}: ${s}`),
    );
    if (open.length > 0 && this.recoveries.length > 0)
      this.broken.push(`exit 0, and unfinished: ${open.join(', ')}`);
    if (this.recoveries.length === 0) {
      const states = cluster.names.map((n) =>
        cluster.node(n).disk.read(`${JOURNAL}/${TRANSACTION}/state`)?.trim(),
      );
      if (!states.includes('committed'))
        this.broken.push(`exit 0, and no node says committed: ${states.join(', ')}`);
      if (this.#byHand().length === 0 && missingIn(seen, this.#desired) !== '' && seen.failed.size === 0)
        this.broken.push(`exit 0, and to do: ${missingIn(seen, this.#desired)}`);
    }
    if (!isQuiet || this.#halfDone()) return;
    const names = new Set(seen.nodes.flatMap((f) => [...f.store.volumes.keys()]));
    for (const volume of names) {
      const copies = new Set(seen.nodes.map((f) => f.store.volumes.get(volume)?.signature));
      if (copies.size > 1) this.broken.push(`exit 0, and the nodes disagree about ${volume}`);
    }
  }

  /** Some administrator's command has reached some nodes only, or is under way. */
  #halfDone(): boolean {
    return this.#halfDoneVolumes().length > 0;
  }

  #halfDoneVolumes(): readonly (string | undefined)[] {
    const theirs = this.cluster.commands.filter((c) => c.by === 'administrator');
    return theirs.filter((c) => c.ended !== 'done' || !c.isWhole).map(({ argv }) => argv[2]);
  }

  /** No handshake ends bricks of one set on two nodes; those that have just come up serve nobody yet. */
  #notBounced(): void {
    const { imports } = this.cluster;
    // Of two halves of an administrator's command glusterd takes one over by itself, as they meet.
    const half = this.#halfDoneVolumes();
    const bounced = imports
      .slice(this.#importsSaid)
      .filter((i) => !half.includes(i.volume) && i.ended.some((b) => b.ageMs > YOUNG_MS));
    for (const [i, one] of bounced.entries()) {
      const other = bounced.find(
        (o, j) => j > i && o.volume === one.volume && o.node !== one.node && o.at - one.at < TOGETHER_MS,
      );
      if (other !== undefined)
        this.broken.push(
          `bricks of ${one.volume} ended together by a handshake: ${one.node} and ${other.node}`,
        );
    }
  }
}

const YOUNG_MS = 30_000;
const TOGETHER_MS = 10_000;
