/**
 * The wire between a controller and a node: how it breaks, and how long each side goes on hoping. Owns no
 * call and no lock.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Holder, Node, World } from './world.ts';

/** Own patience with heartbeats that nobody answers. */
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
  for (const tell of wire.onBreak) tell(why);
  for (const holder of wire.holders) holder.end('its connection is gone');
}

export const isThere = (node: Node): boolean => node.on && node.reachable;

/** A broken wire is known at once, a silent node when patience ends. */
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
 * What the node answers, or why nobody waits for that any more. Whatever else was waited for is let go: it
 * would hold the answer.
 */
export function heard<T>(
  world: World,
  wire: Wire,
  { limitMs, signal }: Patience,
  answer: Promise<T>,
): Promise<T | Lost> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      takeBack();
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
    const takeBack = world.clock.after(limitMs, () => {
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
