/** Failures in the one form that all commands print: what, why, the way out. Refuses stack traces. */
import type { Failure } from '../../core/failure.ts';
import { printable, printableLines } from '../printable.ts';
import { palette, type Palette } from './sgr.ts';

export function failureText(failures: readonly Failure[], colour: boolean): string {
  const p = palette(colour);
  return failures.map((f) => `${oneFailure(f, p).join('\n')}\n`).join('');
}

function oneFailure(f: Failure, p: Palette): string[] {
  const title = printable(f.title);
  // Many titles name their node already; saying it twice helps nobody.
  const where = f.node !== undefined && !f.title.includes(f.node) ? `${printable(f.node)}: ` : '';
  return [
    `${p.red('error:')} ${p.bold(where + title)} ${p.dim(`[${f.code}]`)}`,
    ...(f.cause === undefined ? [] : labelled('cause', f.cause)),
    ...(f.fix === undefined ? [] : labelled('fix', f.fix)),
    ...(f.details ?? []).map((line) => p.dim(`    ${printable(line)}`)),
  ];
}

/** "  fix: first line", its further lines below the first. */
const labelled = (label: string, text: string): string[] =>
  printableLines(text).map((line, i) =>
    i === 0 ? `  ${label}: ${line}` : `  ${' '.repeat(label.length + 2)}${line}`,
  );
