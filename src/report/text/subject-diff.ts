/**
 * A subject before and after as the lines of a unified diff, for terminal and pull request alike. `diff` is
 * used only here.
 */
import { structuredPatch } from 'diff';
import type { SubjectDiff } from '../../model/plan.ts';
import { printable } from '../printable.ts';

export interface DiffLine {
  readonly kind: 'hunk' | 'added' | 'removed' | 'same';
  /** With its sign, safe to print. */
  readonly text: string;
}

export interface DiffView {
  readonly change: 'new' | 'removed' | 'changed';
  readonly lines: readonly DiffLine[];
}

const CONTEXT_LINES = 3;

export function diffView(diff: SubjectDiff): DiffView {
  const before = ended(diff.before);
  const after = ended(diff.after);
  const change = before === '' ? 'new' : after === '' ? 'removed' : 'changed';
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: CONTEXT_LINES });
  const lines = hunks.flatMap((hunk): DiffLine[] => {
    const range = (start: number, length: number): string => `${String(start)},${String(length)}`;
    const [was, is] = [range(hunk.oldStart, hunk.oldLines), range(hunk.newStart, hunk.newLines)];
    const place = `@@ -${was} +${is} @@`;
    // Where a whole subject comes or goes, its line numbers say nothing.
    const head: DiffLine[] = change === 'changed' ? [{ kind: 'hunk', text: place }] : [];
    return [...head, ...hunk.lines.map(diffLine)];
  });
  return { change, lines };
}

function diffLine(line: string): DiffLine {
  const sign = line.charAt(0);
  const kind = sign === '+' ? 'added' : sign === '-' ? 'removed' : 'same';
  return { kind, text: sign + printable(line.slice(1)) };
}

/** With a newline at the end, so that the diff has nothing to say about its absence. */
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
