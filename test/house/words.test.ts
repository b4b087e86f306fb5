/**
 * The field's words: what the glossary calls by one name is called by no other, in code, comments, messages,
 * test titles and docs. Each word that is not used stands here with the one that is.
 */
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesUnder, read } from './sources.ts';

/** A pattern over plain text, and what to write instead. */
const PROSE: readonly (readonly [RegExp, string])[] = [
  [/\blook(s|ed|ing)?\b(?! (like|up)\b)/i, 'observe, read, check, see'],
  [/\bamiss\b/i, 'problem'],
  [/\banew\b/i, 'again'],
  [/\bat once\b/i, 'together, or immediately'],
  [/\bmend(s|ed|ing)?\b/i, 'repair'],
  [/\bstrays?\b/i, 'orphan, leftover'],
  [/\b(wake|wakes|woken|woke)\b/i, 'restart, resume'],
  [/\bhush/i, 'suppress'],
  [/\b(tell|tells|told|telling)\b/i, 'report, say, name'],
  [/\b(settle|settles|settling)\b/i, 'finish, resolve'],
  [/\bwhat was there\b/i, 'the previous value'],
  [/\bfairy|\bgoodbye\b/i, 'close'],
];

/** Names that say nothing of the concept. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['ground', 'baseline, fitness, setup'],
  ['taken', 'superseded'],
  ['left', 'residue, rest'],
  ['late', 'afterRestore'],
  ['owed', 'manualSteps'],
  ['against', 'blockers'],
]);

/** Published words, which do not move: keys of the journal and of JSON, states, codes. */
const PUBLISHED = new RegExp(
  [
    '([\'"`]?\\b(owed|amiss)\\b[\'"`]?\\??:)',
    '\\.(owed|amiss)\\b',
    "['`](owed|amiss)['`]",
    'store-stray-directory|storeStrayDirectory',
    // A unit of systemd.
    'systemd-udev-settle',
  ].join('|'),
  'g',
);

const files = [
  ...filesUnder('src', '.ts'),
  ...filesUnder('test', '.ts'),
  ...filesUnder('docs', '.md'),
  'README.md',
].filter((file) => file !== 'test/house/words.test.ts' && file !== 'docs/fault-matrix.md');

test.each(PROSE.map(([pattern, instead]) => [String(pattern), pattern, instead] as const))(
  '%s is not written',
  (_name, pattern, instead) => {
    const found = files.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) =>
          pattern.test(line.replaceAll(PUBLISHED, ''))
            ? [`${file}:${String(i + 1)}: ${line.trim()} (${instead})`]
            : [],
        ),
    );
    expect(found).toEqual([]);
  },
);

test('no name in the product is one of the words that say nothing', () => {
  expect(filesUnder('src', '.ts').flatMap(declared)).toEqual([]);
});

/**
 * Variables, parameters, functions and types that a file declares under such a name. Keys of objects are
 * published words.
 */
function declared(file: string): readonly string[] {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isNaming =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isBindingElement(node);
    if (isNaming && node.name !== undefined && ts.isIdentifier(node.name)) {
      const instead = NAMES.get(node.name.text);
      const isKey = ts.isBindingElement(node) && node.propertyName === undefined && node.name.text === 'owed';
      if (instead !== undefined && !isKey) found.push(`${file}: ${node.name.text} (${instead})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
