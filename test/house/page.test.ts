/** The page: how wide a line and how long a function may be, and that the formatter is never switched off. */
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesUnder, read } from './sources.ts';

const COLUMNS = 110;
const FUNCTION_LINES = 60;

const sources = filesUnder('src', '.ts');
const everything = [...sources, ...filesUnder('test', '.ts')];

test('no line is wider than the page', () => {
  const wide = everything.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (Array.from(line).length > COLUMNS ? [`${file}:${String(i + 1)}`] : [])),
  );
  expect(wide).toEqual([]);
});

test('the formatter is never switched off', () => {
  const directive = 'prettier' + '-ignore';
  expect(everything.filter((file) => read(file).includes(directive))).toEqual([]);
});

test('no function of the product is longer than a screen', () => {
  expect(sources.flatMap(longFunctions)).toEqual([]);
});

function longFunctions(file: string): readonly string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const [from, to] = [node.getStart(source), node.getEnd()].map(
        (at) => source.getLineAndCharacterOfPosition(at).line,
      );
      const lines = (to ?? 0) - (from ?? 0) + 1;
      if (lines > FUNCTION_LINES) found.push(`${file}:${String((from ?? 0) + 1)}: ${String(lines)} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
