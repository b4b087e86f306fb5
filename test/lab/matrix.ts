/**
 * `npm run matrix`: every action, phase, role and fault on real glusterd, and docs/fault-matrix.md of the
 * results.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { missingRequirements } from './lab.ts';
import { type Case, CASES, FAULTS, sampled } from './matrix/cases.ts';
import type { Played } from './matrix/play.ts';
import { matrixDocument, type Measured } from './matrix/report.ts';
import { runCases } from './matrix/run.ts';

const DOCUMENT = new URL('../../docs/fault-matrix.md', import.meta.url).pathname;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

type Line = Played | { readonly hung: number };

/** The last time that a case was run counts. */
function measured(lines: readonly Line[]): Measured {
  const order = new Map(CASES.map((c, i) => [c.name, i]));
  const last = new Map(lines.flatMap((l) => ('hung' in l ? [] : [[l.name, l] as const])));
  return {
    played: [...last.values()].sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0)),
    hung: lines.flatMap((l) => ('hung' in l ? [l.hung] : [])),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      faults: { type: 'string' },
      sample: { type: 'string' },
      seed: { type: 'string', default: '1' },
      list: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '600' },
      labs: { type: 'string', default: '1' },
      hung: { type: 'string', default: '1' },
      results: { type: 'string' },
      resume: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { results } = values;
  const faults = values.faults?.split(',');
  const unknown = faults?.filter((f) => !FAULTS.some((known) => known === f)) ?? [];
  if (unknown.length > 0) throw new Error(`no such fault: ${unknown.join(', ')}; ${FAULTS.join(', ')}`);
  const isWanted = (c: Case): boolean => faults?.includes(c.fault) ?? true;
  const wanted = CASES.filter((c) => c.name.includes(values.only) && isWanted(c));
  const chosen = sampled(wanted, Number(values.sample ?? wanted.length), Number(values.seed));
  if (values.list) {
    for (const { name } of chosen) print(name);
    return;
  }
  const read = (): Line[] =>
    results !== undefined && existsSync(results)
      ? readFileSync(results, 'utf8')
          .trim()
          .split('\n')
          .map((l) => JSON.parse(l) as Line)
      : [];
  const lines: Line[] = values.resume || values.write ? read() : [];
  if (!values.write) await run(chosen, lines, { ...values, results });
  // A part that somebody tries is not the matrix.
  if (values.only === '' && faults === undefined)
    writeFileSync(DOCUMENT, matrixDocument(measured(lines), new Date().toISOString().slice(0, 10)));
}

interface Flags {
  readonly minutes: string;
  readonly labs: string;
  readonly hung: string;
  readonly results: string | undefined;
}

async function run(chosen: readonly Case[], lines: Line[], flags: Flags): Promise<void> {
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(', ')}`);
  const green = new Set(
    measured(lines)
      .played.filter((p) => p.short.length === 0)
      .map((p) => p.name),
  );
  const cases = chosen.filter((c) => !green.has(c.name));
  print(`${String(cases.length)} cases of ${String(CASES.length)}`);
  const add = (line: Line): void => {
    lines.push(line);
    if (flags.results !== undefined) appendFileSync(flags.results, `${JSON.stringify(line)}\n`);
  };
  let count = 0;
  await runCases(cases, {
    minutes: Number(flags.minutes),
    labs: Number(flags.labs),
    hung: Number(flags.hung),
    onPlayed(played) {
      add(played);
      const { name, exit, stands, short, seconds, rollback, landed } = played;
      const undone =
        rollback === undefined ? '' : `, rolled back by ${rollback.by} in ${rollback.seconds.toFixed(1)} s`;
      const head = `${String(++count)}. ${short.length === 0 ? 'green' : 'SHORT'} ${name}`;
      print(`${head}: exit ${String(exit)}, ${stands}, fell in ${landed}${undone} (${seconds.toFixed(0)} s)`);
      for (const line of short) print(`   ${line}`);
    },
    onHung(seconds) {
      add({ hung: seconds });
      print(`the lock of a hanging controller was free after ${seconds.toFixed(1)} s`);
    },
  });
  process.exitCode = measured(lines).played.some((p) => p.short.length > 0) ? 1 : 0;
}

await main();
