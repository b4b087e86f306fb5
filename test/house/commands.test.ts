/** Every command that is written can be called: the folder of commands equals the program's commands. */
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { program } from '../../src/cli/program.ts';
import { SimCluster } from '../../src/simulator/cluster.ts';
import { sessionOn } from '../unit/cli/session-on.ts';
import { filesUnder, importsOf, ROOT } from './sources.ts';

const files = filesUnder('src/cli/commands', '.ts');

const ofFile = async (file: string): Promise<readonly string[]> => {
  const module = (await import(pathToFileURL(join(ROOT, file)).href)) as Readonly<Record<string, unknown>>;
  return Object.keys(module).filter((name) => name.endsWith('Command'));
};

/** `lock show` is `lockShowCommand`. */
function namesOf(command: Command, words: readonly string[] = []): readonly string[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((child) => namesOf(child, [...words, child.name()]));
  const name = words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)));
  return [`${name.join('')}Command`];
}

const root = program(
  sessionOn(SimCluster.create({ seed: 1, nodes: [] }), { out: () => undefined, err: () => undefined }),
  '0',
);

test('every function of a command is a command of the program, and every command has one', async () => {
  const written = (await Promise.all(files.map(ofFile))).flat();
  expect([...written].sort()).toEqual([...namesOf(root)].sort());
});

test('every file of a command is loaded by the program, and holds a command', async () => {
  const loaded = importsOf('src/cli/command-groups.ts').map(({ to }) => to);
  expect(files.filter((file) => !loaded.includes(file))).toEqual([]);
  const counts = await Promise.all(
    files.map(async (file) => [basename(file), (await ofFile(file)).length] as const),
  );
  expect(counts.filter(([, count]) => count === 0)).toEqual([]);
});
