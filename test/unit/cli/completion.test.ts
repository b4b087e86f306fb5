/**
 * `completion`: what the printed script offers, asked of a real bash; the other dialects hold the same names.
 */
import { spawnSync } from 'node:child_process';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../../../src/cli/program.ts';
import {
  type CompletedCommand,
  completionScript,
  type Shell,
  SHELLS,
} from '../../../src/cli/completion-script.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const lines: string[] = [];
const say = (text: string): void => {
  lines.push(text);
};
const asked = (): Command =>
  program(sessionOn(SimCluster.create({ seed: 1, nodes: [] }), { out: say, err: say }), '0');

async function printed(...words: readonly string[]): Promise<string> {
  lines.length = 0;
  await asked().parseAsync(['node', 'glusterctl', ...words]);
  return lines.join('');
}

/**
 * The words that bash offers for the last of these, as its own line editor would ask: it takes `=` for a
 * word.
 */
function offered(script: string, words: readonly string[]): readonly string[] {
  const ask =
    'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _glusterctl; ' +
    'printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', script, ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((w) => w !== '');
}

const bash = await printed('completion', 'bash');

describe('in bash', () => {
  it.each<readonly [string, readonly string[]]>([
    ['glusterctl pl', ['plan']],
    ['glusterctl plan --form', ['--format']],
    ['glusterctl plan --format ', ['text', 'json', 'markdown']],
    ['glusterctl apply --format ', ['text', 'json']],
    ['glusterctl plan --format =', ['text', 'json', 'markdown']],
    ['glusterctl plan --format = m', ['markdown']],
    ['glusterctl plan cluster.yaml --det', ['--detailed-exitcode']],
    ['glusterctl lock ', ['show', 'release', 'help']],
    ['glusterctl lock release --fo', ['--forks', '--format', '--force']],
    ['glusterctl lock show --fo', ['--forks', '--format']],
    ['glusterctl explain brick-off', ['brick-offline']],
    ['glusterctl explain host-key-u', ['host-key-unknown']],
    ['glusterctl completion ', [...SHELLS]],
    ['glusterctl nonsense ', []],
  ])('%s', (line, words) => {
    expect(offered(bash, line.split(' '))).toEqual(words);
  });

  it.each(['glusterctl plan ', 'glusterctl plan --out ', 'glusterctl apply -i ', 'glusterctl lock show '])(
    '%sleaves it to the shell, which offers files',
    (line) => {
      expect(offered(bash, line.split(' '))).toEqual([]);
      expect(bash).toContain('\ncomplete -o default -F _glusterctl glusterctl\n');
    },
  );
});

it.each(SHELLS)('%s: every command and every option is there', async (shell) => {
  const script = await printed('completion', shell);
  const within = (c: Command): readonly string[] => [
    ...c.options.flatMap((o) => (o.long === undefined ? [] : [o.long])),
    ...c.commands.flatMap((sub) => [sub.name(), ...within(sub)]),
  ];
  const names = new Set(within(asked()));
  expect(names.size).toBeGreaterThan(20);
  const written = (n: string): string => (shell === 'fish' ? n.replace(/^--/, '-l ') : n);
  expect([...names].filter((n) => !new RegExp(`(?<![\\w-])${written(n)}(?![\\w-])`).test(script))).toEqual(
    [],
  );
});

it('refuses a shell that it does not know', async () => {
  await expect(printed('completion', 'tcsh')).rejects.toThrow(/Allowed choices are bash, zsh, fish/);
});

const HOSTILE: CompletedCommand = {
  name: 'tool',
  about: '',
  options: [],
  places: [],
  commands: [
    {
      name: 'go',
      about: `a dead holder's name: [now] $(reboot) \\`,
      commands: [],
      options: [],
      places: ['file'],
    },
  ],
};

it.each<readonly [Shell, string]>([
  ['zsh', `commands=('go:a dead holder'\\''s name\\: \\[now\\] $(reboot) \\\\')`],
  ['fish', `-a go -d 'a dead holder\\'s name: [now] $(reboot) \\\\'`],
])('%s: what is said about a command is one quoted word', (shell, line) => {
  expect(completionScript(shell, HOSTILE)).toContain(line);
});
