/**
 * Which folder of src may know which, and that no file leads back to itself. Third-party packages and purity:
 * eslint.config.js.
 */
import { describe, expect, test } from 'vitest';
import { filesUnder, importsOf, type Import } from './sources.ts';

/** Each folder, with all that it may know besides itself. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  model: ['core'],
  view: ['core', 'model'],
  'cluster-file': ['core', 'model'],
  inventory: ['core', 'cluster-file'],
  observe: ['core', 'model'],
  actions: ['core', 'model', 'view'],
  findings: ['core', 'model', 'view', 'actions'],
  plan: ['core', 'model', 'view', 'actions', 'findings'],
  transaction: ['core', 'model', 'view', 'observe', 'actions', 'findings', 'plan'],
  change: ['core', 'model', 'view', 'observe', 'plan', 'transaction'],
  node: ['core', 'model', 'observe'],
  ssh: ['core', 'model'],
  report: ['core', 'model'],
  // It answers as a node does, in the words of node/; what the scripts do on a node it models itself.
  simulator: ['core', 'model', 'view', 'observe', 'node'],
  cli: [
    'core',
    'model',
    'view',
    'cluster-file',
    'inventory',
    'observe',
    'actions',
    'findings',
    'plan',
    'transaction',
    'change',
    'node',
    'ssh',
    'report',
  ],
};

const files = filesUnder('src', '.ts');
const imports = files.flatMap(importsOf);
const folderOf = (file: string): string => file.split('/')[1] ?? '';
const isOurs = ({ to }: Import): boolean => to.startsWith('src/');

test('every folder has its line in the table', () => {
  expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in MAY_KNOW))).toEqual([]);
});

describe.each(Object.entries(MAY_KNOW))('src/%s', (folder, known) => {
  test(`knows nothing but ${known.length === 0 ? 'itself' : known.join(', ')}`, () => {
    const astray = imports.filter(
      (i) => isOurs(i) && folderOf(i.from) === folder && ![folder, ...known].includes(folderOf(i.to)),
    );
    expect(astray.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

test('the transaction knows the list of actions, their contract and their recipes, and no action', () => {
  const known = ['index', 'action', 'common', 'with-glusterd-stopped'].map(
    (name) => `src/actions/${name}.ts`,
  );
  const named = imports.filter(
    ({ from, to }) =>
      from.startsWith('src/transaction/') && to.startsWith('src/actions/') && !known.includes(to),
  );
  expect(named).toEqual([]);
});

test('nothing in src reaches outside src, but for the version in the manifest', () => {
  const outside = imports.filter(
    (i) => !isOurs(i) && (/^(test|bin|dist)\//.test(i.to) || i.to.endsWith('.json')),
  );
  expect(outside).toEqual([{ from: 'src/cli/main.ts', to: 'package.json' }]);
});

test('every import is of a file that is there', () => {
  const there = [...files, ...filesUnder('src', '.js')];
  expect(imports.filter((i) => isOurs(i) && !there.includes(i.to))).toEqual([]);
});

test('no file leads back to itself, not even by its types', () => {
  expect(cycles(imports.filter(isOurs))).toEqual([]);
});

test('a cycle is found and reported once', () => {
  const arrows = ['a b', 'b c', 'c b', 'a d', 'd d'].map((line) => line.split(' '));
  expect(cycles(arrows.map(([from = '', to = '']) => ({ from, to })))).toEqual(['b → c → b', 'd → d']);
});

/** Depth first; an arrow back to a file on the way here closes a cycle. */
function cycles(arrows: readonly Import[]): readonly string[] {
  const next = new Map(arrows.map(({ from }) => [from, arrows.filter((arrow) => arrow.from === from)]));
  const finished = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at !== -1) found.push([...way.slice(at), file].join(' → '));
    if (at !== -1 || finished.has(file)) return;
    for (const { to } of next.get(file) ?? []) visit(to, [...way, file]);
    finished.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
