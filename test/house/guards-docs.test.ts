/**
 * The table of guards in docs/safety.md names code and tests that exist: each file, each name in it, each
 * title of a test.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, ROOT } from './sources.ts';

const PATH = /^(src|test)\/[\w./-]+\.ts$/;

const rows = read('docs/safety.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('`src/'))
  .map((line) => line.split(' | '));

/** Code words and quoted titles of a cell, in order. */
const wordsIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`|"([^"]+)"/g)].map((m) => m[1] ?? `"${m[2] ?? ''}`);

/** `NAME, NAME in FILE`: names stand before their file. `FILE "title", "title"`: titles stand after it. */
function missingIn(cell: string): readonly string[] {
  const words = wordsIn(cell);
  return words.flatMap((word, i) => {
    if (PATH.test(word)) return existsSync(join(ROOT, word)) ? [] : [`no file ${word}`];
    const isTitle = word.startsWith('"');
    const file = isTitle
      ? words.slice(0, i).findLast((other) => PATH.test(other))
      : words.slice(i).find((other) => PATH.test(other));
    const text = word.replace(/^"/, '');
    if (file === undefined || !existsSync(join(ROOT, file))) return [`nothing says where ${word} is`];
    return read(file).includes(text) ? [] : [`${file} has no ${word}`];
  });
}

test('there is a table', () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows.map((cells) => [cells[0]?.replace('| ', '') ?? '', cells] as const))('%s', (_guard, cells) => {
  expect(cells.slice(1).flatMap(missingIn)).toEqual([]);
});
