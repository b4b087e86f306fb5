/**
 * The wire between a controller and a node: how it breaks, and how long each side waits for the other. Owns
 * no call and no lock.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Holder, Node, World } from './world.ts';

/** How long the controller waits for an answer to its heartbeats. */
export const HEARTBEAT_SILENCE_MS = 20_000;

export interface Wire {
  readonly node: Node;
  broken: boolean;
  readonly holders: Set<Holder>;
  readonly onBreak: Set<(why: string) => void>;
}

/** Why a call got no answer. */
export type Lost = 'lost' | 'timeout' | 'interrupted';

export function lostFailure(node: Node, lost: Lost): Failure {
  if (lost === 'timeout')
    return failure('timeout', `${node.name} did not answer in time`, { node: node.name });
  if (lost === 'interrupted') return failure('interrupted', 'stopped waiting', { node: node.name });
  return failure('connection-lost', `the connection to ${node.name} was lost`, { node: node.name });
}

export interface Patience {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
}

export function breakWire(wire: Wire, why: string): void {
  wire.broken = true;
  for (const notify of wire.onBreak) notify(why);
  for (const holder of wire.holders) holder.end('its connection is gone');
}

export const isThere = (node: Node): boolean => node.on && node.reachable;

/** A broken wire is known immediately, a silent node when the patience ends. */
export async function gone(world: World, patience: Patience, node: Node): Promise<Lost> {
  if (isThere(node)) return 'lost';
  await Promise.race([
    world.clock.pause(Math.min(patience.limitMs, HEARTBEAT_SILENCE_MS)),
    aborted(patience.signal),
  ]);
  return patience.signal?.aborted === true ? 'interrupted' : 'timeout';
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else
      signal?.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });

/**
 * The node's answer, or why nobody waits for it any more. All other listeners are removed: they would keep
 * the answer in memory.
 */
export function answerOf<T>(
  world: World,
  wire: Wire,
  { limitMs, signal }: Patience,
  answer: Promise<T>,
): Promise<T | Lost> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      cancelTimeout();
      wire.onBreak.delete(broke);
      signal?.removeEventListener('abort', stopped);
    };
    const end = (said: T | Lost): void => {
      over();
      resolve(said);
    };
    const broke = (): void => {
      end('lost');
    };
    const stopped = (): void => {
      end('interrupted');
    };
    const cancelTimeout = world.clock.after(limitMs, () => {
      end('timeout');
    });
    wire.onBreak.add(broke);
    if (signal?.aborted === true) stopped();
    else signal?.addEventListener('abort', stopped, { once: true });
    answer.then(end, (error: unknown) => {
      over();
      reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
}
