/**
 * A controller and its links to the nodes. Every call is counted, meets the faults that are due, and goes to
 * the node over a wire that takes time and can break. Owns what a controller learns of a broken wire, as in
 * remote-link.ts.
 */
import { type Failure, failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { nodeName } from '../model/names.ts';
import type { Moved, NodeLink } from '../model/node-link.ts';
import { readGlusterAnswer } from '../node/gluster.ts';
import { healWords, readHealAnswer } from '../node/heal.ts';
import { movedWords, readMovedAnswer } from '../node/moved.ts';
import { LOCK_TIMEOUT_MS, RELEASE_LIMIT_MS, timeoutOf } from '../node/limits.ts';
import { applyFault } from './apply-fault.ts';
import { type Fault, type FaultQueue, isWireFault, type SimCall } from './fault.ts';
import { fenced, SILENCE_MAX_MS } from './guard.ts';
import { release } from './release.ts';
import { holdLock } from './hold-lock.ts';
import { gluster, type Printed } from './gluster.ts';
import { journalFiles } from './journal.ts';
import { factsOf } from './observe.ts';
import { execute } from './perform.ts';
import {
  answerOf,
  breakWire,
  gone,
  isThere,
  type Lost,
  lostFailure,
  type Patience,
  type Wire,
} from './wire.ts';
import { isFrozen, type Node, type World } from './world.ts';

const WIRE_MIN_MS = 5;
const WIRE_MAX_MS = 15;
const HUNG_PROBE_MS = 10_000;
const PROBE_TIMEOUT_MS = 40_000;

export interface Controller {
  readonly name: string;
  /** A new connection to the node. */
  link(node: string): NodeLink;
  /**
   * Its calls get no answers from now on, and its heartbeats end. A killed process closes its connections;
   * a `silent` one just stops.
   */
  die(silent: boolean): void;
  isAlive(): boolean;
  /** Called at its death, each once. */
  readonly onDeath: Set<() => void>;
}

export interface Wiring {
  readonly world: World;
  readonly faults: FaultQueue;
  /** Number of the next call. */
  readonly count: () => number;
}

export function makeController(name: string, wiring: Wiring): Controller {
  const wires: Wire[] = [];
  let alive = true;
  const onDeath = new Set<() => void>();
  const die = (silent: boolean): void => {
    alive = false;
    wiring.world.trace.push(`${name} dies`);
    for (const wire of wires) {
      wire.broken = true;
      for (const holder of wire.holders)
        if (silent)
          wiring.world.clock.after(SILENCE_MAX_MS, () => {
            holder.end('no heartbeat');
          });
        else holder.end('its controller ended');
      for (const notify of wire.onBreak) notify('the controller ended');
    }
    for (const notify of onDeath) notify();
    onDeath.clear();
  };
  const controller: Controller = {
    name,
    die,
    onDeath,
    isAlive: () => alive,
    link(node) {
      const at = wiring.world.nodes.get(node);
      if (at === undefined) throw new Error(`no node named ${node}`);
      const wire: Wire = { node: at, broken: false, holders: new Set(), onBreak: new Set() };
      wires.push(wire);
      return makeLink(wiring, controller, wire);
    },
  };
  return controller;
}

function makeLink(wiring: Wiring, controller: Controller, wire: Wire): NodeLink {
  const { world } = wiring;
  const { node } = wire;
  const call = async <T>(
    what: Pick<SimCall, 'kind' | 'op'>,
    limitMs: number,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T | Lost> => {
    const answer = carry({ wiring, controller, wire }, what, { limitMs, signal }, work);
    const said = await world.clock.drive(untilDeath(controller, answer));
    // A dead controller gets no answer, ever, and time does not pass for its sake.
    if (said === 'dead' || !controller.isAlive()) return await new Promise<never>(() => undefined);
    return said;
  };
  const unread = (lost: Lost): Failure => lostFailure(node, lost);
  return {
    node: nodeName(node.name),
    async observe(request, signal) {
      const facts = await call({ kind: 'observe', op: undefined }, PROBE_TIMEOUT_MS, signal, async () => {
        await world.clock.pause(isFrozen(node) ? HUNG_PROBE_MS : WIRE_MIN_MS);
        return factsOf(world, node, request);
      });
      return typeof facts === 'string' ? err(unread(facts)) : ok(facts);
    },
    async journal(transaction, signal) {
      const read = await call({ kind: 'journal', op: undefined }, PROBE_TIMEOUT_MS, signal, () =>
        Promise.resolve(journalFiles(node, transaction)),
      );
      return typeof read === 'string' ? err(unread(read)) : read;
    },
    async release(transaction, signal) {
      const released = await call({ kind: 'release', op: undefined }, RELEASE_LIMIT_MS, signal, () =>
        release(world, node, transaction),
      );
      return typeof released === 'string' ? err(unread(released)) : released;
    },
    async lock(owner, signal, onWait) {
      const locked = await call({ kind: 'lock', op: undefined }, LOCK_TIMEOUT_MS, signal, () =>
        holdLock(world, wire, owner, onWait),
      );
      return typeof locked === 'string' ? err(unread(locked)) : locked;
    },
    ...asking({ call, unread }, world, node),
    async perform(op, transaction, signal) {
      const outcome = await call({ kind: 'perform', op }, timeoutOf(op), signal, () =>
        fenced(world, node, transaction, () => execute(world, node, op)),
      );
      if (typeof outcome !== 'string') return outcome;
      const { title, cause } = unread(outcome);
      return { kind: 'unknown', message: cause === undefined ? title : `${title}: ${cause}` };
    },
  };
}

type Calls = {
  readonly call: <T>(
    what: Pick<SimCall, 'kind' | 'op'>,
    limitMs: number,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ) => Promise<T | Lost>;
  readonly unread: (lost: Lost) => Failure;
};

/** What needs no lock of ours. */
function asking(
  { call, unread }: Calls,
  world: World,
  node: Node,
): Pick<NodeLink, 'moved' | 'beginHeal' | 'loggedErrors'> {
  const ask = (
    kind: 'moved' | 'heal',
    argv: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Printed | Lost> =>
    call({ kind, op: undefined }, PROBE_TIMEOUT_MS, signal, () => gluster(world, node, argv, 'transaction'));
  return {
    async moved(volume, leaving, signal) {
      const printed = await ask('moved', movedWords(volume, leaving), signal);
      return typeof printed === 'string' ? err(unread(printed)) : movedAnswer(node, printed);
    },
    async beginHeal(volume, signal) {
      const printed = await ask('heal', healWords(volume), signal);
      return typeof printed === 'string' ? err(unread(printed)) : healAnswer(node, printed);
    },
    loggedErrors: () => Promise.resolve(ok([])),
  };
}

function healAnswer({ name }: Node, { code, stdout, stderr }: Printed): Result<void, Failure> {
  const outcome = readHealAnswer(code, stdout, stderr);
  if (outcome.kind === 'done') return ok(undefined);
  return err(failure('command-failed', `${name} cannot begin a heal`, { cause: outcome.message }));
}

function movedAnswer({ name }: Node, { code, stdout, stderr }: Printed): Result<readonly Moved[], Failure> {
  const outcome = readGlusterAnswer(code, stdout, stderr);
  if (outcome.kind === 'done') return ok(readMovedAnswer(stdout));
  return err(failure('command-failed', `${name} cannot say what was moved`, { cause: outcome.message }));
}

/** No `Promise.race` with one promise of its death: that would keep every answer as long as it lives. */
function untilDeath<T>({ onDeath }: Controller, answer: Promise<T>): Promise<T | 'dead'> {
  return new Promise((resolve, reject) => {
    const died = (): void => {
      resolve('dead');
    };
    onDeath.add(died);
    answer.then(resolve, reject).finally(() => onDeath.delete(died));
  });
}

interface Line {
  readonly wiring: Wiring;
  readonly controller: Controller;
  readonly wire: Wire;
}

/** There and back. What the node does goes on when nobody waits for it any more. */
async function carry<T>(
  { wiring, controller, wire }: Line,
  what: Pick<SimCall, 'kind' | 'op'>,
  patience: Patience,
  work: () => Promise<T>,
): Promise<T | Lost> {
  const { world } = wiring;
  const { node } = wire;
  const call: SimCall = { index: wiring.count(), node: node.name, ...what };
  const words = [`#${String(call.index)}`, controller.name, call.kind, node.name, call.op?.kind ?? ''];
  if (call.op?.kind === 'journal-mark') words.push(call.op.state);
  world.trace.push(words.join(' '));
  const due = wiring.faults.due(call);
  await strikeBefore({ wiring, controller, wire }, due);
  if (wire.broken) return 'lost';
  await world.clock.pause(world.random.int(WIRE_MIN_MS, WIRE_MAX_MS));
  if (!isThere(node)) return await gone(world, patience, node);
  const { bootId } = node;
  const generation = wiring.faults.generation();
  const once = call.kind !== 'lock' && due.some((f) => f.kind === 'duplicate') ? work().then(work) : work();
  const done = once.then(async (answer) => {
    for (const fault of due)
      if (!isWireFault(fault) && fault.when === 'after' && wiring.faults.generation() === generation)
        await applyFault(world, node, fault, controller);
    return answer;
  });
  if (due.some((f) => f.kind === 'drop-answer')) {
    await world.clock.pause(WIRE_MIN_MS);
    breakWire(wire, 'the connection that holds it was lost');
    return 'lost';
  }
  const answer = await answerOf(world, wire, patience, done);
  const arrives = isThere(node) && node.bootId === bootId && !wire.broken;
  return arrives ? answer : await gone(world, patience, node);
}

/** Faults that come before the message does anything, and those that it starts the clock for. */
async function strikeBefore(
  { wiring: { world, faults }, controller, wire }: Line,
  due: readonly Fault[],
): Promise<void> {
  const generation = faults.generation();
  for (const fault of due) {
    if (fault.kind === 'delay') await world.clock.pause(fault.ms);
    else if (fault.kind === 'drop-request') breakWire(wire, 'the connection that holds it was lost');
    if (isWireFault(fault) || fault.when === 'after') continue;
    const strike = (): Promise<void> => applyFault(world, wire.node, fault, controller);
    if (fault.afterMs === undefined) await strike();
    else world.clock.after(fault.afterMs, () => void (faults.generation() === generation && strike()));
  }
}
