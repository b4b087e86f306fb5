/**
 * `npm run sim -- --runs N [--seed S] [--kinds K,K]`: transactions on the simulated cluster with random
 * faults, and with what happens to the cluster until somebody recovers it, on all cores. Prints every seed
 * that broke a law, with the shortest faults that still do, and ends non-zero if there was one. `--seed S`
 * alone replays that one seed exactly, where the kinds are the same. `--traces FILE` writes a line a seed,
 * with the digest of its trace: a change that keeps behaviour keeps the file.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { setMaxListeners } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { manage, serve } from './crew.ts';
import { type Kind, kindsOf, play, type Played, scenarioOf, shortest } from './play.ts';

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
const exitOf = ({ kind, exits }: Played): string =>
  `${kind === 'faults' ? '' : `${kind} `}exit ${exits.map((e) => e ?? 'none').join(' then ')}`;

await serve((settings, send) => {
  const kinds = settings as readonly Kind[];
  let tally = fresh();
  let traced: Traced[] = [];
  return {
    async one(seed) {
      const verdict = await play(seed, scenarioOf(seed, kinds));
      tally[verdict.ending] += 1;
      tally.exits[exitOf(verdict)] = (tally.exits[exitOf(verdict)] ?? 0) + 1;
      const digest = createHash('sha256').update(verdict.trace.join('\n')).digest('hex');
      traced.push({ seed, words: `${exitOf(verdict)} ${verdict.ending} ${digest}` });
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
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      kinds: { type: 'string' },
      traces: { type: 'string' },
    },
  });
  const runs = Number(values.runs ?? (values.seed === undefined ? DEFAULT_RUNS : 1));
  await simulate(Number(values.seed ?? 1), runs, kindsOf(values.kinds), values.traces);
}

async function simulate(
  first: number,
  runs: number,
  kinds: readonly Kind[],
  traces: string | undefined,
): Promise<void> {
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
    settings: kinds,
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
      print(`seed ${String(seed)} does not end: ${JSON.stringify(scenarioOf(seed, kinds))}\n`);
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
  for (const [i, seed] of broken.entries()) await printBroken(seed, kinds, i < SHRUNK_MAX);
  const exits = Object.entries(total.exits).map(([code, count]) => `${code}: ${String(count)}`);
  print(`${exits.join(', ')}\n`);
  const range = `${String(runs)} runs, seeds ${String(first)} to ${String(first + runs - 1)}`;
  const endings = `${String(total.before)} ended before, ${String(total.after)} after`;
  print(`${range}, in ${seconds()} s: ${endings}, ${String(broken.length)} broke a law\n`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

/** The seed once more, here: the same faults in the same world. */
async function printBroken(seed: number, kinds: readonly Kind[], isShrunk: boolean): Promise<void> {
  const scenario = scenarioOf(seed, kinds);
  const verdict = await play(seed, scenario);
  const words = verdict.broken.join('\n  ').slice(0, 1500);
  print(`seed ${String(seed)}: ${JSON.stringify(scenario)}\n  ${exitOf(verdict)}: ${words}\n`);
  if (isShrunk) print(`  shortest: ${JSON.stringify(await shortest(seed, scenario))}\n`);
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
