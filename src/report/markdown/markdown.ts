/**
 * Pieces of GitHub-flavoured markdown that hostile text cannot break out of, and the bound on their size.
 * Refuses to know plans.
 */
import { printable } from '../printable.ts';

/** Text in a paragraph or a table cell: no markup, no HTML, no mention of a person, no link to an issue. */
export const prose = (text: string): string =>
  printable(text)
    .replace(/[\\`*_{}[\]<>|~$]/g, (c) => (c === '<' ? '&lt;' : c === '>' ? '&gt;' : `\\${c}`))
    .replace(/[@#](?=\w)/g, (c) => `${c}<!-- -->`)
    .replace(/:\/\//g, ':<!-- -->//');

/**
 * A code span whose fence is longer than any run of backticks in it. `|` is escaped because a table is split
 * before its code spans are read.
 */
export function code(text: string): string {
  const shown = printable(text);
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown.replaceAll('|', '\\|')}${pad}${fence}`;
}

/** A fenced block; its lines are taken as printable already. */
export function fenced(lines: readonly string[], language = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

export const details = (summary: string, body: string): string =>
  `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;

/** Takes pieces while they fit. What did not fit is counted, never silently lost. */
export function fit(pieces: readonly string[], limitBytes: number): { kept: string[]; cut: number } {
  const kept: string[] = [];
  let remaining = limitBytes;
  for (const piece of pieces) {
    remaining -= byteLength(piece) + 1;
    if (remaining < 0) break;
    kept.push(piece);
  }
  return { kept, cut: pieces.length - kept.length };
}

const encoder = new TextEncoder();
const byteLength = (text: string): number => encoder.encode(text).length;

const longestRun = (text: string): number =>
  Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
