/**
 * The list of actions equals the folder of actions: what is written is known, and what is known has one name.
 * A finding is known by name to its own folder alone.
 */
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/actions/index.ts';
import { FINDINGS } from '../../src/findings/index.ts';
import { filesUnder, importsOf, read, ROOT } from './sources.ts';

const files = filesUnder('src/actions', '.ts').filter((file) => basename(file) !== 'index.ts');

/** What `defineAction` returns, by its shape. */
const isAction = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && 'name' in value && 'calls' in value && 'inverse' in value;

const written = (
  await Promise.all(
    files.map(async (file): Promise<readonly [string, readonly unknown[]]> => {
      const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Readonly<
        Record<string, unknown>
      >;
      return [file, Object.values(module).filter(isAction)];
    }),
  )
).filter(([, actions]) => actions.length > 0);

test('every action of the folder is in the list, and none is there twice', () => {
  const names = (actions: readonly unknown[]): string[] =>
    actions
      .filter(isAction)
      .map(({ name }) => name)
      .sort();
  expect(names(ACTIONS)).toEqual(names(written.flatMap(([, actions]) => actions)));
  expect(new Set(written.flatMap(([, actions]) => actions))).toEqual(new Set(ACTIONS));
});

test('names are unique kebab-case words', () => {
  const names = ACTIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)+$/);
});

test('who names the volumes that an action changes says what it makes of them', () => {
  const silent = written.filter(([file]) => {
    const text = read(file);
    return (text.match(/^ {2}volumes: /gm) ?? []).length > (text.match(/^ {2}becomes(: |\()/gm) ?? []).length;
  });
  expect(silent.map(([file]) => file)).toEqual([]);
});

test('do and undo stand in one file: actions do not import each other', () => {
  const actions = new Set(written.map(([file]) => file));
  const siblings = [...actions].flatMap(importsOf).filter(({ to }) => actions.has(to));
  // The undo of new bricks ends with what was made of their directories, which is an action of its own; a
  // node that has left joins again, or its files come back from the image.
  expect(siblings).toEqual([
    { from: 'src/actions/brick-replace.ts', to: 'src/actions/brick-vacate.ts' },
    { from: 'src/actions/node-detach.ts', to: 'src/actions/peer.ts' },
    { from: 'src/actions/node-detach.ts', to: 'src/actions/store-repair.ts' },
    { from: 'src/actions/volume-add-bricks.ts', to: 'src/actions/brick-vacate.ts' },
    { from: 'src/actions/volume-add-copies.ts', to: 'src/actions/brick-vacate.ts' },
    { from: 'src/actions/volume-definition.ts', to: 'src/actions/brick-clean.ts' },
  ]);
});

test('every action is planned somewhere, or is the inverse of one that is', async () => {
  const makers = ['plan', 'findings'].flatMap((folder) => filesUnder(`src/${folder}`, '.ts'));
  // Imports name it too, and make nothing of it.
  const body = (file: string): string => read(file).replace(/^import [^;]*;$/gm, '');
  const planning = makers.map(body).join('\n');
  const inverses = files.map(body).join('\n');
  const unused: string[] = [];
  for (const file of files) {
    const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Readonly<Record<string, unknown>>;
    for (const [key, value] of Object.entries(module))
      if (
        isAction(value) &&
        !new RegExp(`\\b${key}\\b`).test(planning) &&
        !new RegExp(`\\b${key}\\.intent\\(`).test(inverses)
      )
        unused.push(value.name);
  }
  expect(unused).toEqual([]);
});

test('nothing outside src/findings names a finding', () => {
  // What a kind means to others is a field of its record.
  const code = new RegExp(`['"\`](${FINDINGS.map((f) => f.code).join('|')})['"\`]`);
  const outside = filesUnder('src', '.ts').filter((file) => !file.startsWith('src/findings/'));
  expect(outside.filter((file) => code.test(read(file)))).toEqual([]);
});
