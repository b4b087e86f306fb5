/**
 * `npm run sim -- --runs N [--seed S]`: transactions on the simulated cluster with one to three random faults each. Prints
 * every seed that broke a law, which replays exactly with `--runs 1 --seed S`, and ends non-zero if there was one.
 */
import { parseArgs } from 'node:util';
import { setMaxListeners } from 'node:events';
import type { Fault, FaultPlan } from '../../src/sim/fault.ts';
import { CHANGES, faultRun, NODES } from './fault-run.ts';

setMaxListeners(0);
const CALLS_MAX = 45;
const FAULTS_MAX = 3;

/** mulberry32: small, good enough to choose faults with, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(next: () => number, from: readonly [T, ...T[]]): T =>
  from[Math.floor(next() * from.length)] ?? from[0];

function draw(seed: number): { readonly change: string; readonly faults: FaultPlan } {
  const next = random(seed);
  const [first = 'create', ...rest] = Object.keys(CHANGES);
  const change = pick(next, [first, ...rest]);
  const count = 1 + Math.floor(next() * FAULTS_MAX);
  const faults = Array.from({ length: count }, () => ({
    at: 1 + Math.floor(next() * CALLS_MAX),
    fault: drawFault(next),
  }));
  return { change, faults };
}

function drawFault(next: () => number): Fault {
  const node = pick(next, [NODES[0] ?? '', ...NODES.slice(1)]);
  const when = pick(next, ['before', 'after'] as const);
  return pick<() => Fault>(next, [
    () => ({ kind: 'drop-request' }),
    () => ({ kind: 'drop-answer' }),
    () => ({ kind: 'delay', ms: Math.floor(next() * 40_000) }),
    () => ({ kind: 'kill-glusterd', node, when }),
    () => ({ kind: 'kill-lock-holder', node, when }),
    () => ({ kind: 'reboot', node, when }),
    () => ({ kind: 'controller-death', silent: next() < 0.5 }),
  ])();
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
});
const runs = Number(values.runs);
const firstSeed = Number(values.seed);
const started = performance.now();
const endings = { before: 0, after: 0 };
const broken: number[] = [];
for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  const { change, faults } = draw(seed);
  const verdict = await faultRun(change, seed, faults);
  endings[verdict.ending] += 1;
  if (verdict.broken.length === 0) continue;
  broken.push(seed);
  process.stdout.write(
    `seed ${String(seed)}: ${change}, ${JSON.stringify(faults)}\n  exit ${String(verdict.result?.exitCode)}: ${verdict.broken.join('\n  ').slice(0, 1500)}\n`,
  );
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
process.stdout.write(
  `${String(runs)} runs from seed ${String(firstSeed)} in ${seconds} s: ${String(endings.before)} ended before, ${String(endings.after)} after, ${String(broken.length)} broke a law\n`,
);
process.exitCode = broken.length === 0 ? 0 : 1;
