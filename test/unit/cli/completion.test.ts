/**
 * `completion`: what the printed script offers, asked of a real bash; the other dialects hold the same names.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../../src/cli/program.ts';
import {
  type CompletedCommand,
  completionScript,
  type Shell,
  SHELLS,
} from '../../../src/cli/completion-script.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

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
function offered(script: string, words: readonly string[], cwd = '/'): readonly string[] {
  const ask =
    'eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _glusterctl; ' +
    'printf "%s\\n" "${COMPREPLY[@]}"';
  const { stdout, stderr } = spawnSync('bash', ['-c', ask, 'bash', script, ...words], {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, PATH: `${cwd}:${process.env['PATH'] ?? ''}` },
  });
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

describe('names of the file on the line', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-completion-'));
    const volumes = 'volumes: { data: { bricks: [n1:/b/d] }, old: { state: absent } }';
    writeFileSync(join(dir, 'c.yaml'), `cluster: c\nnodes: { n1: {}, n2: {} }\n${volumes}\n`);
    writeFileSync(join(dir, 'broken.yaml'), 'cluster: c\nnodes: [');
    // The program as the script calls it, from source.
    const run = `${process.execPath} --import ${import.meta.resolve('tsx')} ${MAIN} "$@"`;
    writeFileSync(join(dir, 'glusterctl'), `#!/bin/sh\nexec ${run}\n`, { mode: 0o755 });
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it.each<readonly [string, readonly string[]]>([
    ['glusterctl apply c.yaml --allow-destroy ', ['volume/data', 'volume/old']],
    ['glusterctl apply c.yaml --allow-destroy volume/o', ['volume/old']],
    ['glusterctl apply --yes c.yaml --allow-destroy = volume/d', ['volume/data']],
    ['glusterctl plan c.yaml --prefer volume/d', ['volume/data=n1', 'volume/data=n2']],
    ['glusterctl plan c.yaml --prefer volume/data =', ['n1', 'n2']],
    ['glusterctl plan c.yaml --prefer volume/data = n2', ['n2']],
    ['glusterctl status c.yaml --without ', ['n1', 'n2']],
    ['glusterctl lock release c.yaml --without n2', ['n2']],
    ['glusterctl drain c.yaml ', ['n1', 'n2']],
    ['glusterctl undrain c.yaml n', ['n1', 'n2']],
    ['glusterctl apply broken.yaml --allow-destroy ', []],
    ['glusterctl apply nowhere.yaml --without ', []],
    ['glusterctl apply - --without ', []],
  ])('%s', (line, words) => {
    expect(offered(bash, line.split(' '), dir)).toEqual(words);
  });

  it.each(['zsh', 'fish'] as const)('%s asks the program for the same', async (shell) => {
    const script = await printed('completion', shell);
    expect(script.match(/glusterctl __complete /g)?.length).toBeGreaterThan(10);
  });
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
