/**
 * `npm run bench`: the program against what people use instead, measured on a lab that it boots and takes
 * down. Asserts nothing by time.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { takeDown } from '../lab/cleanup.ts';
import { labUp, missingRequirements } from '../lab/lab.ts';
import { ansibleFor, ensureAnsible } from './ansible.ts';
import type { Setup, Outcome } from './setup.ts';
import { grow, replace } from './lifecycle.ts';
import { planAgainstSsh, planBehindBastion } from './many-nodes.ts';
import { planAgainstLogins } from './plain-login.ts';
import { forDocs, forTerminal } from './report.ts';
import { rollback } from './rollback.ts';
import { roundTrips } from './round-trips.ts';
import { startUp } from './start-up.ts';
import { apply, planAgainstAnsible } from './three-nodes.ts';

const LAB = 'bench';
const FEW = 3;
const MANY = 30;
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const USAGE = 'npm run bench -- [--rows 1,2,5] [--rounds N] [--write]';
const DOCS = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

interface Wish {
  readonly rows: ReadonlySet<number>;
  readonly rounds: number;
  readonly write: boolean;
}

function wishOf(words: readonly string[]): Wish {
  const { values } = parseArgs({
    args: [...words],
    options: {
      rows: { type: 'string', default: ROWS.join(',') },
      rounds: { type: 'string', default: '5' },
      write: { type: 'boolean', default: false },
    },
  });
  const rows = values.rows.split(',').map(Number);
  const rounds = Number(values.rounds);
  if (!rows.every((row) => ROWS.includes(row)) || !Number.isInteger(rounds) || rounds < 1)
    throw new Error(USAGE);
  return { rows: new Set(rows), rounds, write: values.write };
}

/** Runs on a pool of so many nodes, and takes it down whatever happens. */
async function onPool(
  hosts: { readonly nodes: number; readonly clients?: number },
  setup: Omit<Setup, 'lab'>,
  work: (setup: Setup) => Promise<void>,
): Promise<void> {
  say(`booting ${String(hosts.nodes)} nodes`);
  await takeDown(LAB);
  await using lab = await labUp({ name: LAB, ...hosts });
  await lab.formPool();
  await work({ ...setup, lab });
}

async function measure({ rows, rounds }: Wish, dir: string): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  const row = async (number: number, work: () => Promise<Outcome>): Promise<void> => {
    if (!rows.has(number)) return;
    say(`row ${String(number)}`);
    outcomes.push(await work());
  };
  if ([1, 2, 3, 7].some((number) => rows.has(number)))
    await onPool({ nodes: FEW }, { dir, rounds }, async (setup) => {
      await row(1, () => roundTrips(setup));
      await row(7, () => planAgainstLogins(setup));
      if (!rows.has(2) && !rows.has(3)) return;
      await ensureAnsible(say);
      const ansible = ansibleFor(setup.lab, dir);
      try {
        await row(2, () => planAgainstAnsible(setup, ansible));
        await row(3, () => apply(setup, ansible));
      } finally {
        await ansible.forget();
      }
    });
  if (rows.has(4) || rows.has(8))
    await onPool({ nodes: MANY, clients: 1 }, { dir, rounds }, async (setup) => {
      await row(4, () => planAgainstSsh(setup));
      await row(8, () => planBehindBastion(setup));
    });
  if ([6, 9, 10].some((number) => rows.has(number)))
    await onPool({ nodes: FEW, clients: 1 }, { dir, rounds }, async (setup) => {
      await row(6, () => rollback(setup.lab, rounds));
      await row(9, () => grow(setup));
      await row(10, () => replace(setup));
    });
  await row(5, () => startUp(dir, rounds));
  return {
    verdicts: outcomes.flatMap(({ verdicts }) => verdicts),
    samples: outcomes.flatMap(({ samples }) => samples),
  };
}

function checkBuild(): void {
  if (!existsSync(BUILT)) throw new Error('there is no program to measure; run "npm run build" first');
  const newest = Math.max(
    ...readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).map(
      (path) => statSync(join(SOURCES, path)).mtimeMs,
    ),
  );
  if (newest > statSync(BUILT).mtimeMs)
    say('dist is older than src: what is measured is not what is written');
}

async function main(words: readonly string[]): Promise<void> {
  const wish = wishOf(words);
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(', ')}`);
  checkBuild();
  const [load = NaN] = loadavg();
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-bench-'));
  try {
    const outcome = await measure(wish, dir);
    process.stdout.write(forTerminal(outcome));
    if (!wish.write) return;
    mkdirSync(dirname(DOCS), { recursive: true });
    writeFileSync(DOCS, forDocs(outcome, new Date(), load));
    say(`written to ${DOCS}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
