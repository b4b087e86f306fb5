/**
 * `npm run fuzz -- [--runs N] [--seed S] [--only I]`: hostile inputs for the four parsers, the same for the
 * same seed. Prints every input that broke a law or took too long, and then exits non-zero. `--only` judges
 * one input and prints all of it.
 */
import { isMainThread } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { manage, serve } from './crew.ts';
import { caseOf, FUZZED, judgeOne, parserOf } from './fuzz/all.ts';

const LIMIT_MS = 5000;
const SHOWN_MAX = 20;
const PROGRESS_EVERY = 50_000;

interface Settings {
  readonly seed: number;
}
interface Tally {
  accepted: number;
  refused: number;
  broken: number;
  maxMs: number;
  maxAt: number;
}
type Message =
  | { readonly kind: 'tally'; readonly tallies: Readonly<Record<string, Tally>> }
  | {
      readonly kind: 'broken';
      readonly n: number;
      readonly name: string;
      readonly why: string;
      readonly input: Uint8Array;
    };

const fresh = (): Tally => ({ accepted: 0, refused: 0, broken: 0, maxMs: 0, maxAt: 0 });

await serve((settings, send) => {
  const { seed } = settings as Settings;
  let tallies: Record<string, Tally> = {};
  return {
    one(n) {
      const { name, input, accepted, ms, broken } = judgeOne(seed, n);
      const tally = (tallies[name] ??= fresh());
      tally[broken !== undefined ? 'broken' : accepted ? 'accepted' : 'refused'] += 1;
      if (ms > tally.maxMs) Object.assign(tally, { maxMs: ms, maxAt: n });
      if (broken !== undefined) send({ kind: 'broken', n, name, why: broken, input });
    },
    end() {
      send({ kind: 'tally', tallies });
      tallies = {};
    },
  };
});

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  if (values.only === undefined) await fuzz(Number(values.seed), Number(values.runs));
  else showOne(Number(values.seed), Number(values.only));
}

function showOne(seed: number, n: number): void {
  const input = shown(caseOf(seed, n).input, 100_000);
  print(`input ${String(n)} of seed ${String(seed)}, ${parserOf(n).name}:\n${input}\n`);
  const { broken, accepted, ms } = judgeOne(seed, n);
  print(`${broken ?? (accepted ? 'accepted' : 'refused')}, ${ms.toFixed(1)} ms\n`);
  process.exitCode = broken === undefined ? 0 : 1;
}

async function fuzz(seed: number, runs: number): Promise<void> {
  print(`${String(runs)} inputs from seed ${String(seed)}\n`);
  const started = performance.now();
  const totals = new Map(FUZZED.map(({ name }) => [name, fresh()]));
  let failures = 0;
  let next = PROGRESS_EVERY;
  const reportFailure = (n: number, name: string, why: string, input: Uint8Array): void => {
    failures += 1;
    if (failures > SHOWN_MAX) return;
    print(
      `input ${String(n)} (${name}; again with --seed ${String(seed)} --only ${String(n)}): ` +
        `${why.slice(0, 800)}\n  ${shown(input, 400)}\n`,
    );
  };
  await manage<Message>({
    from: 0,
    to: runs,
    file: new URL(import.meta.url),
    settings: { seed } satisfies Settings,
    limitMs: LIMIT_MS,
    onMessage(message) {
      if (message.kind === 'broken') reportFailure(message.n, message.name, message.why, message.input);
      else
        for (const [name, tally] of Object.entries(message.tallies)) add(totals.get(name) ?? fresh(), tally);
    },
    stuck(n) {
      reportFailure(n, parserOf(n).name, `did not end within ${String(LIMIT_MS)} ms`, caseOf(seed, n).input);
    },
    progress(done) {
      if (done < next) return;
      next = done + PROGRESS_EVERY;
      print(`${String(done)} after ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
    },
  });
  for (const [name, { accepted, refused, broken, maxMs, maxAt }] of totals)
    print(
      `${name}: ${String(accepted + refused + broken)} inputs, ${String(accepted)} accepted, ` +
        `${String(refused)} refused, ${String(broken)} broke a law; ` +
        `longest ${maxMs.toFixed(0)} ms (input ${String(maxAt)})\n`,
    );
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  print(`${String(runs)} inputs from seed ${String(seed)} in ${seconds} s, ${String(failures)} failed\n`);
  process.exitCode = failures === 0 ? 0 : 1;
}

function add(total: Tally, part: Tally): void {
  total.accepted += part.accepted;
  total.refused += part.refused;
  total.broken += part.broken;
  if (part.maxMs > total.maxMs) Object.assign(total, { maxMs: part.maxMs, maxAt: part.maxAt });
}

function shown(input: Uint8Array, max: number): string {
  return JSON.stringify(Buffer.from(input).toString('latin1').slice(0, max));
}

function print(text: string): void {
  process.stdout.write(text);
}
