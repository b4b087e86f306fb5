/**
 * Aligned columns that fit a width: the widest column gives way first. Refuses borders; knows nothing of what
 * it shows.
 */
import { characters, printable } from '../printable.ts';
import { plain, type Paint } from './sgr.ts';

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

const GAP = 2;
const NARROWEST = 5;

/** One line a row; `rows[0]` is the heading. Cells are made printable here. */
export function table(rows: readonly (readonly Cell[])[], columns: number): string[] {
  const shown = rows.map((row) => row.map((cell) => ({ ...cell, text: printable(cell.text) })));
  const widths = fitted(naturalWidths(shown), columns);
  return shown.map((row) => {
    const cells = row.map(({ text, paint = plain }, i) => {
      const width = widths[i] ?? 0;
      const cut = shorten(text, width);
      const last = i === row.length - 1;
      return paint(cut) + (last ? '' : ' '.repeat(width - lengthOf(cut) + GAP));
    });
    return cells.join('').trimEnd();
  });
}

/** Keeps both ends: a brick begins with its node, and long paths differ at the end. */
function shorten(text: string, width: number): string {
  const all = characters(text);
  if (all.length <= width) return text;
  const head = Math.floor((width - 1) / 2);
  const tail = width - 1 - head;
  return `${all.slice(0, head).join('')}…${all.slice(all.length - tail).join('')}`;
}

function naturalWidths(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(({ text }, i) => {
      widths[i] = Math.max(widths[i] ?? 0, lengthOf(text));
    });
  }
  return widths;
}

function fitted(natural: readonly number[], columns: number): number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
  for (let excess = total() - columns; excess > 0; excess = total() - columns) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    // Down to the next widest at most, so that the widest columns share the loss.
    const next = Math.max(NARROWEST, ...widths.filter((width) => width < widest));
    widths[widths.indexOf(widest)] = Math.max(next, widest - excess);
  }
  return widths;
}

const lengthOf = (text: string): number => characters(text).length;
