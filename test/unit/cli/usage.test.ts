/** What a person who mistypes is answered, what --help shows first, and when there is colour. */
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../src/cli/examples.ts';
import { colourAsked, isColoured } from '../../../src/cli/process.ts';
import { answer, program } from '../../../src/cli/program.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const noCluster = SimCluster.create({ seed: 1, nodes: [] });

async function said(
  ...words: readonly string[]
): Promise<{ readonly lines: readonly string[]; readonly code: unknown }> {
  let err = '';
  const session = sessionOn(noCluster, { out: () => undefined, err: (text) => void (err += text) });
  await answer(['node', 'glusterctl', ...words], '0', session);
  const code = process.exitCode;
  process.exitCode = 0;
  return { lines: err.trimEnd().split('\n'), code };
}

describe('a mistake on the command line', () => {
  const MISTYPED: readonly (readonly [words: string, nearest: string])[] = [
    ['paln x', 'plan'],
    ['lock shw x', 'show'],
    ['plan x --verbos', '--verbose'],
    ['plan x --format jsn', 'json'],
    ['doctor x --format markdwn', 'markdown'],
    ['plan x --color alway', 'always'],
    ['completion bsh', 'bash'],
    ['explain peer-rejectd', 'peer-rejected'],
    ['plan pakage.json', 'package.json'],
  ];
  it.each(MISTYPED)('"%s" is answered with "%s"', async (words, nearest) => {
    const { lines, code } = await said(...words.split(' '));
    expect(lines.join('\n')).toMatch(new RegExp(`did you mean "?${nearest}"?`, 'i'));
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(code).toBe(4);
  });

  it.each(['plan', 'plan x y', 'plan x --port high', 'plan x --nonsense', 'init --out'])(
    '"%s" is at most four lines, the last with the command that shows more',
    async (words) => {
      const { lines, code } = await said(...words.split(' '));
      expect(lines[0]).toMatch(/^error: /);
      expect(lines.at(-1)).toBe(`See: glusterctl ${words.split(' ')[0] ?? ''} --help`);
      expect([lines.length <= 4, code]).toEqual([true, 4]);
    },
  );
});

describe('--help', () => {
  const all = (command: Command, words = command.name()): readonly (readonly [string, Command])[] => [
    [words, command],
    ...command.commands.flatMap((child) => all(child, `${words} ${child.name()}`)),
  ];
  const root = program(sessionOn(noCluster, { out: () => undefined, err: () => undefined }), '0');
  const commands = all(root).filter(([, command]) => command !== root);

  it.each(commands)('%s has an example on its first screen', (words, command) => {
    const screen = command.helpInformation().split('\n').slice(0, 24);
    const at = screen.indexOf('Example:');
    expect(at).toBeGreaterThan(0);
    expect(screen[at + 1]?.trim()).toBe(EXAMPLES[words]);
    expect(EXAMPLES[words]).toContain('glusterctl ');
  });

  it('has no example of a command that is not there', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(commands.map(([words]) => words).sort());
  });
});

describe('colour', () => {
  it.each([
    ['auto', {}, true, true],
    ['auto', {}, false, false],
    ['auto', { NO_COLOR: '1' }, true, false],
    ['auto', { TERM: 'dumb' }, true, false],
    ['auto', { FORCE_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['auto', { FORCE_COLOR: '0' }, true, false],
    ['always', { NO_COLOR: '1' }, false, true],
    ['never', { FORCE_COLOR: '1' }, true, false],
  ] as const)('--color %s, %j, on a terminal: %s', (when, env, isTty, colour) => {
    expect(isColoured(when, env, isTty)).toBe(colour);
  });

  it.each([
    [['plan', 'x', '--color', 'never'], 'never'],
    [['plan', 'x', '--color=always'], 'always'],
    [['plan', 'x', '--color', 'maybe'], 'auto'],
    [['plan', 'x'], 'auto'],
  ])('is asked for by %j', (argv, when) => {
    expect(colourAsked(argv)).toBe(when);
  });
});
