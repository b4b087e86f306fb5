/**
 * Virtual time: events in the order of their time, and a clock that jumps from one to the next. It runs only
 * while somebody outside waits; refuses to wait in real time.
 */
import { InternalError } from '../core/invariant.ts';
import type { Clock } from '../model/node-link.ts';

/** 2026-01-01T00:00:00Z: any date will do, as long as it is always the same. */
const EPOCH_MS = 1_767_225_600_000;

const EVENTS_A_TURN = 64;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface SimClock extends Clock {
  /** Runs `act` after so much time, if time ever gets there. Returns what cancels it. */
  after(ms: number, act: () => void): () => void;
  /** For what goes on inside the world: does not by itself make time pass. */
  pause(ms: number): Promise<void>;
  /** Lets time pass until the work is over: for whoever waits from outside. */
  drive<T>(work: Promise<T>): Promise<T>;
}

export function simClock(): SimClock {
  const queue: Event[] = [];
  let now = EPOCH_MS;
  let order = 0;
  let waiting = 0;
  let pumping = false;

  // Node runs all promises that an event has resolved before the next immediate, so before the next event.
  // Several immediates are scheduled together: each turn of the loop itself costs a poll of the outside.
  const turn = (): void => {
    for (let i = 1; i < EVENTS_A_TURN; i++) setImmediate(pump);
    setImmediate(() => {
      pump();
      if (pumping) turn();
    });
  };
  const pump = (): void => {
    const next = waiting > 0 ? queue.shift() : undefined;
    pumping = next !== undefined;
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.run();
  };
  const resume = (): void => {
    if (pumping || waiting === 0 || queue.length === 0) return;
    pumping = true;
    turn();
  };
  const after = (ms: number, run: () => void): (() => void) => {
    if (!(ms >= 0)) throw new InternalError(`time cannot go back by ${String(ms)} ms`);
    const event = { at: now + ms, order: order++, run };
    queue.splice(placeOf(queue, event), 0, event);
    resume();
    return () => {
      const at = placeOf(queue, event) - 1;
      if (queue[at] === event) queue.splice(at, 1);
    };
  };
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      after(ms, resolve);
    });
  const drive = async <T>(work: Promise<T>): Promise<T> => {
    waiting += 1;
    resume();
    try {
      return await work;
    } finally {
      waiting -= 1;
    }
  };
  return {
    now: () => now,
    after,
    pause,
    drive,
    sleep: (ms, signal) => drive(sleepIn(after, ms, signal)),
  };
}

/**
 * The index behind this event and all that come before it: ordered by time, and of equal times by age.
 */
function placeOf(queue: readonly Event[], event: Event): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = queue[middle];
    if (other === undefined) break;
    if (other.at < event.at || (other.at === event.at && other.order <= event.order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sleepIn(after: SimClock['after'], ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
