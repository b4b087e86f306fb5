/**
 * Shares a range of seeds among worker threads, one a core. Owns the handing out, and the clock that finds a
 * seed that does not end: a thread cannot see that of itself.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

interface Share {
  readonly from: number;
  readonly to: number;
  /** The next seed that nobody has, relative to `from`; then for each worker the seed it is at, plus one. */
  readonly counters: SharedArrayBuffer;
  readonly slot: number;
  readonly settings: unknown;
}

/** A worker thread does not inherit the loader of TypeScript. */
const LOADED = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(require('node:worker_threads').workerData.file);
});`;
const CHUNK = 50;
/** A run makes much garbage and keeps nothing: with room for it, collecting it costs little. */
const YOUNG_MB = 128;
const CHECK_EVERY_MS = 500;

export interface Crew<Message> {
  readonly from: number;
  readonly to: number;
  /** The file that calls `serve`. */
  readonly file: URL;
  readonly settings: unknown;
  /** A seed that takes longer is given up, and reported. */
  readonly limitMs: number;
  readonly onMessage: (message: Message) => void;
  readonly stuck: (seed: number) => void;
  readonly progress: (done: number) => void;
}

/** Ends when every seed is done; rejects when a worker ends by itself. */
export async function manage<Message>(crew: Crew<Message>): Promise<void> {
  const { from, to, file, settings, limitMs } = crew;
  const slots = Math.max(1, availableParallelism());
  const counters = new SharedArrayBuffer(4 * (1 + slots));
  const seen = new Int32Array(counters);
  let working = slots;
  let failed: unknown;
  const start = (slot: number): Worker => {
    const share: Share = { from, to, counters, slot, settings };
    const worker = new Worker(LOADED, {
      eval: true,
      workerData: { ...share, file: file.href },
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', (message: Message) => {
      crew.onMessage(message);
    });
    worker.on('error', (error) => (failed ??= error));
    worker.on('exit', () => (working -= 1));
    return worker;
  };
  const workers = Array.from({ length: slots }, (_, slot) => start(slot + 1));
  const at = workers.map(() => ({ seed: 0, since: performance.now() }));
  while (working > 0) {
    await sleep(CHECK_EVERY_MS);
    crew.progress(Math.min(Atomics.load(seen, 0), to - from));
    for (const [i, one] of at.entries()) {
      const seed = Atomics.load(seen, i + 1);
      if (seed !== one.seed) at[i] = { seed, since: performance.now() };
      else if (seed > 0 && performance.now() - one.since > limitMs) {
        crew.stuck(from + seed - 1);
        await workers[i]?.terminate();
        Atomics.store(seen, i + 1, 0);
        working += 1;
        workers[i] = start(i + 1);
      }
    }
  }
  if (failed !== undefined) throw failed instanceof Error ? failed : new Error('a worker thread failed');
}

/**
 * In a worker thread: does its share, chunk by chunk, and sends the messages of `prepare`'s functions. In the
 * main thread: nothing.
 */
export async function serve(
  prepare: (
    settings: unknown,
    send: (message: unknown) => void,
  ) => {
    readonly one: (seed: number) => void | Promise<void>;
    readonly end: () => void;
  },
): Promise<void> {
  if (isMainThread || parentPort === null) return;
  const port = parentPort;
  const { from, to, counters, slot, settings } = workerData as Share & { readonly settings: unknown };
  const shared = new Int32Array(counters);
  const { one, end } = prepare(settings, (message) => {
    port.postMessage(message);
  });
  for (;;) {
    const first = from + Atomics.add(shared, 0, CHUNK);
    if (first >= to) break;
    for (let seed = first; seed < Math.min(first + CHUNK, to); seed++) {
      Atomics.store(shared, slot, seed - from + 1);
      await one(seed);
    }
    end();
  }
  Atomics.store(shared, slot, 0);
}
