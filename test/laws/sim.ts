/**
 * `npm run sim -- --runs N [--seed S]`: transactions on the simulated cluster with one to three random faults
 * each, on all cores. Prints every seed that broke a law, with the shortest faults that still do, and ends
 * non-zero if there was one. `--seed S` alone replays that one seed exactly. `--traces FILE` writes a line a
 * seed, with the digest of its trace: a change that keeps behaviour keeps the file.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setMaxListeners } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { manage, serve } from './crew.ts';
import { draw } from './draw.ts';
import { faultRun, type Verdict } from './fault-run.ts';
import { shrink } from './shrink.ts';

setMaxListeners(0);
const DEFAULT_RUNS = 1000;
/** Long for what takes milliseconds: a virtual clock that never ends. */
const LIMIT_MS = 60_000;
const PROGRESS_EVERY = 10_000;
const SHRUNK_MAX = 3;

interface Tally {
  before: number;
  after: number;
  exits: Record<string, number>;
}
interface Traced {
  readonly seed: number;
  readonly words: string;
}
type Message =
  | { readonly kind: 'tally'; readonly tally: Tally; readonly traced: readonly Traced[] }
  | { readonly kind: 'broken'; readonly seed: number };

const fresh = (): Tally => ({ before: 0, after: 0, exits: {} });
const exitOf = ({ result }: Verdict): string => (result === undefined ? 'none' : String(result.exitCode));

await serve((_settings, send) => {
  let tally = fresh();
  let traced: Traced[] = [];
  return {
    async one(seed) {
      const { change, faults } = draw(seed);
      const verdict = await faultRun(change, seed, faults);
      tally[verdict.ending] += 1;
      tally.exits[exitOf(verdict)] = (tally.exits[exitOf(verdict)] ?? 0) + 1;
      const digest = createHash('sha256').update(verdict.trace.join('\n')).digest('hex');
      traced.push({ seed, words: `exit ${exitOf(verdict)} ${verdict.ending} ${digest}` });
      if (verdict.broken.length > 0) send({ kind: 'broken', seed });
    },
    end() {
      send({ kind: 'tally', tally, traced });
      tally = fresh();
      traced = [];
    },
  };
});

if (isMainThread) {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, traces: { type: 'string' } },
  });
  const runs = Number(values.runs ?? (values.seed === undefined ? DEFAULT_RUNS : 1));
  await simulate(Number(values.seed ?? 1), runs, values.traces);
}

async function simulate(first: number, runs: number, traces: string | undefined): Promise<void> {
  const started = performance.now();
  const total = fresh();
  const broken: number[] = [];
  const traced: Traced[] = [];
  let next = PROGRESS_EVERY;
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);
  await manage<Message>({
    from: first,
    to: first + runs,
    file: new URL(import.meta.url),
    settings: undefined,
    limitMs: LIMIT_MS,
    onMessage(message) {
      if (message.kind === 'broken') broken.push(message.seed);
      else {
        add(total, message.tally);
        traced.push(...message.traced);
      }
    },
    stuck(seed) {
      broken.push(seed);
      print(`seed ${String(seed)} does not end: ${JSON.stringify(draw(seed))}\n`);
    },
    progress(done) {
      if (done < next) return;
      next = done + PROGRESS_EVERY;
      print(`${String(done)} after ${seconds()} s\n`);
    },
  });
  broken.sort((a, b) => a - b);
  traced.sort((a, b) => a.seed - b.seed);
  if (traces !== undefined)
    writeFileSync(traces, traced.map((t) => `${String(t.seed)} ${t.words}\n`).join(''));
  for (const [i, seed] of broken.entries()) await printBroken(seed, i < SHRUNK_MAX);
  const exits = Object.entries(total.exits).map(([code, count]) => `exit ${code}: ${String(count)}`);
  print(`${exits.join(', ')}\n`);
  const range = `${String(runs)} runs, seeds ${String(first)} to ${String(first + runs - 1)}`;
  const endings = `${String(total.before)} ended before, ${String(total.after)} after`;
  print(`${range}, in ${seconds()} s: ${endings}, ${String(broken.length)} broke a law\n`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

/** The seed once more, here: the same faults in the same world. */
async function printBroken(seed: number, isShrunk: boolean): Promise<void> {
  const { change, faults } = draw(seed);
  const verdict = await faultRun(change, seed, faults);
  const words = verdict.broken.join('\n  ').slice(0, 1500);
  print(`seed ${String(seed)}: ${change}, ${JSON.stringify(faults)}\n  exit ${exitOf(verdict)}: ${words}\n`);
  if (!isShrunk) return;
  const shortest = await shrink(
    faults,
    async (some) => (await faultRun(change, seed, some)).broken.length > 0,
  );
  print(`  shortest: ${JSON.stringify(shortest)}\n`);
}

function add(total: Tally, part: Tally): void {
  total.before += part.before;
  total.after += part.after;
  for (const [code, count] of Object.entries(part.exits))
    total.exits[code] = (total.exits[code] ?? 0) + count;
}

function print(text: string): void {
  process.stdout.write(text);
}
