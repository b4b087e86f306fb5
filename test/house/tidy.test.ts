/** Rules that hold in every file of the project. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, read, ROOT } from './sources.ts';

const sources = filesUnder('src', '.ts');
const everything = ['src', 'test', 'bin', 'docs', 'playbooks', 'schemas', '.ci']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => filesUnder(folder, ''))
  .concat(['package.json', 'README.md', 'CHANGELOG.md'].filter((file) => existsSync(join(ROOT, file))))
  .filter((file) => !file.endsWith('.png'));

/** `file:line: text` of each line that matches. */
const linesWith = (pattern: RegExp): readonly string[] =>
  everything.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file}:${String(i + 1)}: ${line.trim()}`] : [])),
  );

test('every source file opens by saying what it is', () => {
  expect(sources.filter((file) => !/^\/\*\*\s+(\*\s+)?\S/.test(read(file)))).toEqual([]);
});

test('what is left to do is said in words', () => {
  const mark = ['TO' + 'DO', 'FIX' + 'ME'].join('|');
  expect(linesWith(new RegExp(`\\b(${mark})\\b(?!(\\([^)]+\\))?:? +\\S+ +\\S+)`))).toEqual([]);
});

test('no place of a document waits to be filled in', () => {
  expect(linesWith(/\| *[A-Z]+(_[A-Z]+)+ *\|/)).toEqual([]);
});

test('no path of the machine it was written on', () => {
  const places = ['work', 'Users', 'workspace'].join('|');
  expect(linesWith(new RegExp(`(^|[^\\w.~-])/(${places})/`))).toEqual([]);
});

test('no test runs alone, leaving the others out', () => {
  expect(linesWith(/\b(test|describe|it)\.only\b(?!\\)/)).toEqual([]);
});

test('files are named in kebab-case', () => {
  const named = [...sources, ...filesUnder('test', '.ts')];
  expect(named.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
});
