/**
 * The lock of a node and the fence in front of every operation, with the meaning of node/fence.ts. Owns who
 * holds and for how long.
 */
import { type Failure, failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { LockOwner } from '../model/transaction.ts';
import type { OpOutcome } from '../model/op.ts';
import { lockedFailure } from '../model/locked.ts';
import { DRAIN_MAX_S } from '../node/limits.ts';
import { ALONE_WAIT_S } from '../node/service.ts';
import { execute } from './perform.ts';
import { spawn } from './process.ts';
import { startGlusterd } from './service.ts';
import { canTalk, type Holder, type Node, pauseOn, type World } from './world.ts';

export const SILENCE_MAX_MS = 25_000;
export const DRAIN_MAX_MS = DRAIN_MAX_S * 1000;
const WAITING_MS = 5_000;
const FENCE_WAIT_MS = 20_000;
const LOCK_TRIES_MS = 1_500;
const TRY_MS = 100;
/** SIGKILL, or a power cut: the holder can do nothing any more. */
export const KILLED = 'killed';
const RELEASED = 'released';

/** Waits until the condition holds or the limit is over; returns which. */
export async function waitUntil(
  world: World,
  node: Node,
  limitMs: number,
  holds: () => boolean,
): Promise<boolean> {
  const deadline = world.clock.now() + limitMs;
  while (!holds()) {
    if (world.clock.now() >= deadline) return false;
    await pauseOn(world, node, TRY_MS);
  }
  return true;
}

/** `ended` is called once, when the holder on the node is gone. */
export async function takeLock(
  world: World,
  node: Node,
  owner: LockOwner,
  ended: (why: string) => void,
  onWait: ((limitMs: number) => void) | undefined,
): Promise<Result<Holder, Failure>> {
  const { guard } = node;
  guard.lockFile = true;
  if (!(await waitUntil(world, node, LOCK_TRIES_MS, () => guard.holder === undefined)))
    return err(lockedFailure(node.name, guard.owner));
  const holder = makeHolder(world, node, ended);
  guard.holder = holder;
  guard.leaving = false;
  guard.taking = true;
  const isOver = (): boolean => guard.running === 0 || guard.holder !== holder;
  const isSoon = await waitUntil(world, node, WAITING_MS, isOver);
  if (!isSoon) onWait?.(DRAIN_MAX_MS);
  const drained = isSoon || (await waitUntil(world, node, DRAIN_MAX_MS - WAITING_MS, isOver));
  guard.taking = false;
  if (guard.holder === holder && drained) {
    guard.owner = owner;
    world.trace.push(`${node.name} locked by ${owner.transaction}`);
    return ok(holder);
  }
  holder.end('not taken');
  return err(
    failure('node-unreadable', `the lock on ${node.name} could not be taken`, {
      node: node.name,
      cause: `a command of an earlier, dead controller still runs there after ${String(DRAIN_MAX_S)} s`,
    }),
  );
}

function makeHolder(world: World, node: Node, ended: (why: string) => void): Holder {
  const process = spawn(world, node, { argv: ['sh', '-s'], role: 'other', cgroup: '/user.slice' });
  const { guard } = node;
  const holder: Holder = {
    pid: process.pid,
    end(why) {
      if (guard.holder !== holder) return;
      guard.holder = undefined;
      // A holder that ends by itself leaves no name behind once its last commands have ended.
      guard.leaving = why !== KILLED && (why === RELEASED ? 'released' : 'dead');
      leave(world, node);
      node.processes.delete(process.pid);
      world.trace.push(`${node.name} lock let go: ${why}`);
      ended(why);
    },
  };
  return holder;
}

/** The name goes with the last command, and after the start of what a dead controller had stopped. */
function leave(world: World, node: Node): void {
  const { guard } = node;
  if (guard.leaving !== false && guard.running === 0) {
    if (guard.leaving === 'dead' && isEntrusted(node)) {
      void restartAlone(world, node).then(() => {
        leave(world, node);
      });
      return;
    }
    guard.owner = undefined;
    guard.leaving = false;
  }
  endSparing(world, node);
}

const isEntrusted = ({ on, stopped, entrusted }: Node): boolean =>
  on && stopped !== false && entrusted !== undefined;

/** Once: where the work fails there is no start. Whoever takes the node meanwhile waits for it. */
export async function restartAlone(world: World, node: Node): Promise<void> {
  const { guard, entrusted } = node;
  if (!isEntrusted(node) || entrusted === undefined) return;
  guard.running += 1;
  node.entrusted = undefined;
  const { work, others, argv } = entrusted;
  const isStopped = await seenDown(world, node, others);
  const isDone =
    node.stopped === 'restored' ||
    (isStopped && (work === undefined || (await execute(world, node, work)).kind === 'done'));
  if (isDone) await execute(world, node, { kind: 'start-glusterd', argv });
  world.trace.push(`${node.name} ${isDone ? 'restarts' : 'stays down'} alone`);
  guard.running -= 1;
}

/** Whether each of these was seen down; none of them starts before all others can have seen it. */
async function seenDown(world: World, node: Node, others: readonly string[]): Promise<boolean> {
  const running = new Set(others);
  if (running.size > 0)
    await waitUntil(world, node, ALONE_WAIT_S * 1000, () => {
      for (const name of others) {
        const other = world.nodes.get(name);
        if (other !== undefined && other.daemon === undefined && canTalk(world, node, other))
          running.delete(name);
      }
      return false;
    });
  return running.size === 0;
}

/**
 * The drop-in goes with the name. A glusterd that was killed is started: behind the drop-in its unit does
 * not. One that we have stopped keeps it.
 */
export function endSparing(world: World, node: Node): void {
  if (node.guard.owner !== undefined || !node.on) return;
  if (node.spared && node.stopped === false && node.daemon === undefined) startGlusterd(world, node);
  if (node.daemon !== undefined) node.spared = false;
}

/** `free`: the record goes once our own last commands have ended. */
export async function releaseLock(world: World, node: Node, holder: Holder): Promise<void> {
  const { guard } = node;
  if (guard.holder !== holder) return;
  if (await waitUntil(world, node, DRAIN_MAX_MS, () => guard.running === 0)) guard.owner = undefined;
  holder.end(RELEASED);
}

/** Runs the work if the transaction holds the node; whoever takes the lock next waits for its end. */
export async function fenced(
  world: World,
  node: Node,
  transaction: string,
  work: () => Promise<OpOutcome>,
): Promise<OpOutcome> {
  const { guard } = node;
  const no = (why: string): OpOutcome => ({ kind: 'fenced', message: `fenced: ${why}` });
  if (guard.owner === undefined && !guard.taking) return no('nobody holds this node');
  if (!(await waitUntil(world, node, FENCE_WAIT_MS, () => !guard.taking)))
    return no('another controller is taking this node');
  if (guard.owner?.transaction !== transaction) return no('another transaction holds this node');
  if (guard.holder === undefined) return no('the lock on this node is no longer held');
  const mark = spawn(world, node, { argv: ['sh', '-s'], role: 'other', cgroup: '/user.slice', transaction });
  guard.running += 1;
  try {
    return await work();
  } finally {
    guard.running -= 1;
    leave(world, node);
    node.processes.delete(mark.pid);
  }
}
