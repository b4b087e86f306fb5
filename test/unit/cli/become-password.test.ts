/** Where the password for sudo comes from: a file for its owner alone, or one question, and never a log. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passwordOf } from '../../../src/cli/become-password.ts';
import type { ContactFlags } from '../../../src/cli/contact-flags.ts';
import { FailureError } from '../../../src/core/failure.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { nodeName } from '../../../src/model/names.ts';
import { FAKE_SUDO } from '../ssh/fake-sudo.ts';
import { NO_SSH_SETTINGS } from '../../../src/model/desired.ts';
import { sshdIsHere, startSshd, type Sshd } from '../ssh/sshd.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SECRET = 'S3cret.words';
const dir = mkdtempSync(join(tmpdir(), 'glusterctl-password-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const file = (name: string, text: string, mode = 0o600): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

/** Of two nodes; the second has settings of its own. */
const desired = (own: Partial<Desired['nodes'][number]['ssh']> = {}, become = true): Desired => ({
  cluster: 'c',
  nodes: ['n1', 'n2'].map((name, at) => ({
    name: nodeName(name),
    address: name,
    ssh: { ...NO_SSH_SETTINGS, become, ...(at === 1 ? own : {}) },
  })),
  volumes: [],
  policy: { unmanagedVolumes: 'ignore', allowBricksOnRootPartition: false },
});

async function given(contact: ContactFlags, of = desired()): Promise<unknown> {
  try {
    const password = await passwordOf(of, contact, new AbortController().signal);
    return await Promise.all(of.nodes.map(async ({ name }) => await password(name)));
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return error.failures[0];
  }
}

describe('a password file', () => {
  const both = (value: string | undefined): object[] => [
    { ok: true, value },
    { ok: true, value },
  ];

  test.each([
    ['one line', `${SECRET}\n`],
    ['without a line end', SECRET],
    ['with CRLF', `${SECRET}\r\n`],
  ])('%s', async (_what, text) => {
    expect(await given({ becomePasswordFile: file('one', text) })).toEqual(both(SECRET));
  });

  test('blanks are part of it', async () => {
    expect(await given({ becomePasswordFile: file('blanks', ' a b \n') })).toEqual(both(' a b '));
  });

  test.each([0o644, 0o640, 0o660, 0o604, 0o700, 0o666])('mode %o is refused', async (mode) => {
    const failure = await given({ becomePasswordFile: file('open', SECRET, mode) });
    expect(failure).toMatchObject({ code: 'invalid-input', cause: `its mode is 0${mode.toString(8)}` });
  });

  test('0400 is accepted', async () => {
    expect(await given({ becomePasswordFile: file('read-only', SECRET, 0o400) })).toEqual(both(SECRET));
  });

  test.each([
    ['empty', ''],
    ['an empty line', '\n'],
    ['two lines', `${SECRET}\nmore\n`],
    ['a NUL', `${SECRET}\0`],
  ])('%s is refused, and not repeated', async (_what, text) => {
    const failure = await given({ becomePasswordFile: file('bad', text) });
    expect(failure).toMatchObject({ code: 'invalid-input' });
    expect(JSON.stringify(failure)).not.toContain(SECRET);
  });

  test('one that is not there', async () => {
    expect(await given({ becomePasswordFile: join(dir, 'nowhere') })).toMatchObject({
      code: 'invalid-input',
    });
  });

  test('a node has its own; a flag wins over it', async () => {
    const own = file('own', 'own\n');
    const of = desired({ becomePasswordFile: own });
    expect(await given({ input: false }, of)).toEqual([
      { ok: true, value: undefined },
      { ok: true, value: 'own' },
    ]);
    expect(await given({ becomePasswordFile: file('flag', SECRET) }, of)).toEqual(both(SECRET));
  });

  test('none is read where no node becomes root by sudo', async () => {
    expect(await given({ becomePasswordFile: join(dir, 'nowhere') }, desired({}, false))).toEqual(
      both(undefined),
    );
  });
});

test('to be asked and to be read: one of the two', async () => {
  const failure = await given({ askBecomePass: true, becomePasswordFile: file('x', SECRET) });
  expect(failure).toMatchObject({ code: 'invalid-input' });
});

test('--ask-become-pass with --no-input has nobody to ask', async () => {
  expect(await given({ askBecomePass: true, input: false })).toMatchObject({ code: 'invalid-input' });
});

const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;

describe.skipIf(!hasPython || !sshdIsHere)('on a terminal (needs root, sshd and python3)', () => {
  let nodes: readonly Sshd[];
  let program: string;
  let cluster: string;
  beforeAll(async () => {
    // Below the project, so that libraries are found. One file starts faster than its sources.
    program = join(ROOT, 'node_modules/.cache/glusterctl-over-ssh.mjs');
    const [platform, format, packages] = ['node', 'esm', 'external'] as const;
    await build({
      entryPoints: [join(ROOT, 'src/cli/main.ts')],
      outfile: program,
      bundle: true,
      platform,
      format,
      packages,
      target: 'node20',
    });
    nodes = await Promise.all([startSshd([], { sudo: FAKE_SUDO }), startSshd([], { sudo: FAKE_SUDO })]);
    for (const node of nodes) {
      node.write('password', SECRET);
      node.write('mode', 'asks');
    }
    const entries = nodes.map((node, n) =>
      [
        `  n${String(n)}:`,
        '    address: 127.0.0.1',
        `    ssh: { port: ${String(node.port)}, identityFile: ${node.path('user')},`,
        `      knownHostsFile: ${node.path('known_hosts')} }`,
      ].join('\n'),
    );
    const text = ['cluster: c', 'ssh: { become: true, configFile: none }', 'nodes:', ...entries, ''];
    cluster = file('cluster.yaml', text.join('\n'));
  });
  afterAll(async () => {
    await Promise.all(nodes.map(async (node) => await node[Symbol.asyncDispose]()));
  });

  const play = (
    flags: readonly string[],
    story: readonly (readonly string[])[],
  ): { status: number; output: string } => {
    const python = join(import.meta.dirname, 'on-terminal.py');
    const words = [process.execPath, program, 'lock', 'show', cluster, ...flags];
    const run = spawnSync('python3', [python, JSON.stringify(story), ...words], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    return JSON.parse(run.stdout) as { status: number; output: string };
  };
  const given = (node: Sshd): readonly string[] =>
    readFileSync(node.path('passwords'), 'utf8').trim().split('\n');

  test.each([
    ['a node that asks makes it ask', []],
    ['--ask-become-pass asks first', ['-K']],
  ])('%s, once for all nodes, and the terminal does not show the answer', (_what, flags) => {
    const { output } = play(flags, [
      ['text', 'Password for sudo on the nodes: '],
      ['send', `${SECRET}\r`],
    ]);
    expect(output.split('Password for sudo').length - 1).toBe(1);
    expect(output).not.toContain(SECRET);
    expect(output).not.toContain('sudo-password');
    for (const node of nodes) expect(new Set(given(node))).toEqual(new Set([SECRET]));
  });

  test('--no-input never asks: exit code 7, and both flags are named', () => {
    const { status, output } = play(['--no-input'], []);
    expect(status).toBe(7);
    expect(output).not.toContain('Password for sudo');
    expect(output).toContain('[sudo-password-needed]');
    expect(output).toContain('--ask-become-pass');
    expect(output).toContain('--become-password-file');
  });

  test('Ctrl-C at the question ends the run', () => {
    const { status } = play(
      ['-K'],
      [
        ['text', 'Password for sudo on the nodes: '],
        ['send', '\u0003'],
      ],
    );
    expect(status).toBe(130);
  });
});
