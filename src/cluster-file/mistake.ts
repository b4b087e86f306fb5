/**
 * A mistake in the cluster file, by offset in its text, and how mistakes become diagnostics. Knows no rule.
 */
import type { LineCounter } from 'yaml';
import type { Diagnostic } from '../core/diagnostic.ts';
import { MISTAKES_MAX } from './limits.ts';
import { printable } from './text.ts';

/** Keys and list positions from the top of the file. */
export type Path = readonly (string | number)[];

export interface Mistake {
  readonly severity: 'error' | 'warning';
  /** Offset in the text. */
  readonly at: number;
  readonly path: Path;
  /** Continues "path: …". */
  readonly reason: string;
}

export const mistake = (at: number, path: Path, reason: string): Mistake => ({
  severity: 'error',
  at,
  path,
  reason,
});

export const caution = (at: number, path: Path, reason: string): Mistake => ({
  severity: 'warning',
  at,
  path,
  reason,
});

/**
 * In file order. A mistake that an anchor spreads over many volumes has one place, so it is reported once.
 */
export function toDiagnostics(findings: readonly Mistake[], lines: LineCounter, file: string): Diagnostic[] {
  const distinct = new Map<string, Mistake>();
  for (const finding of findings) {
    const key = `${String(finding.at)} ${finding.reason}`;
    if (!distinct.has(key)) distinct.set(key, finding);
  }
  const sorted = [...distinct.values()].sort((a, b) => a.at - b.at);
  const shown = sorted.slice(0, MISTAKES_MAX).map((finding): Diagnostic => {
    const { line, col } = lines.linePos(finding.at);
    const message =
      finding.path.length === 0 ? finding.reason : `${pathText(finding.path)}: ${finding.reason}`;
    const place = { file, line: Math.max(1, line), column: Math.max(1, col) };
    return { severity: finding.severity, message, ...place, path: finding.path };
  });
  const last = shown.at(-1);
  if (last === undefined || sorted.length === shown.length) return shown;
  const rest = String(sorted.length - shown.length);
  return [...shown, { ...last, path: [], message: `and ${rest} more, not shown` }];
}

export function pathText(path: Path): string {
  const text = path.map((part) => {
    if (typeof part === 'number') return `[${String(part)}]`;
    return `.${part === '' ? '""' : printable(part)}`;
  });
  return text.join('').replace(/^\./, '');
}
