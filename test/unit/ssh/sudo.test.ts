/** Root by sudo on a real sshd, where sudo is a script that asks, refuses and runs as sudo 1.9 does. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import { ok } from '../../../src/core/result.ts';
import { sh } from '../../../src/core/shell.ts';
import type { Connection } from '../../../src/model/connection.ts';
import type { AskPassword } from '../../../src/ssh/root.ts';
import { sshConnector } from '../../../src/ssh/ssh.ts';
import { FAKE_SUDO } from './fake-sudo.ts';
import { NODE, sshdIsHere, startSshd, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };
const PASSWORD = `S3cret "pass" 'word' $HOME`;

describe.skipIf(!sshdIsHere)('root by sudo (needs root and /usr/sbin/sshd)', () => {
  let sshd: Sshd;
  let asked: number;
  beforeEach(async () => {
    asked = 0;
    sshd = await startSshd([], { sudo: FAKE_SUDO });
    sshd.write('password', PASSWORD);
  });
  afterEach(async () => {
    await sshd[Symbol.asyncDispose]();
  });

  const mode = (name: string): void => void sshd.write('mode', name);
  const passwords = (): readonly string[] => {
    const file = sshd.path('passwords');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const giving =
    (password: string | undefined): AskPassword =>
    () => {
      asked += 1;
      return Promise.resolve(ok(password));
    };
  const connectorWith = (password: string | undefined): ReturnType<typeof sshConnector> =>
    sshConnector(new Map([[NODE, { address: '127.0.0.1', ssh: sshd.settings({ become: true }) }]]), {
      becomePassword: giving(password),
    });
  const connected = async (password: string | undefined): Promise<Connection> => {
    const answer = await connectorWith(password).connect(NODE, {});
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return answer.value;
  };
  const refused = async (password: string | undefined): Promise<Failure> => {
    const answer = await connectorWith(password).connect(NODE, {});
    if (!answer.ok) return answer.error;
    await answer.value[Symbol.asyncDispose]();
    throw new Error('it became root');
  };
  const VIA = sh`echo via $VIA_SUDO`;
  const ran = { ok: true, value: { code: 0, stdout: Buffer.from('via yes\n'), stderr: '' } };

  test('a node that does not ask is given no password, and nobody is asked for one', async () => {
    mode('free');
    await using node = await connected(PASSWORD);
    expect(await node.exec(VIA, USUAL)).toMatchObject(ran);
    expect(asked).toBe(0);
    expect(passwords()).toEqual([]);
  });

  test('a node that asks: scripts and sessions run, and no output is of the password', async () => {
    mode('asks');
    await using node = await connected(PASSWORD);
    expect(await node.exec(VIA, USUAL)).toMatchObject(ran);
    const session = await node.session(sh`echo via $VIA_SUDO; read -r line; echo "<$line>"`, {});
    if (!session.ok) throw new Error(JSON.stringify(session.error));
    expect(await session.value.readLine(5_000)).toEqual({ ok: true, value: 'via yes' });
    session.value.send('a line');
    expect(await session.value.readLine(5_000)).toEqual({ ok: true, value: '<a line>' });
    expect(asked).toBe(1);
    expect(passwords()).toEqual([PASSWORD, PASSWORD, PASSWORD]);
  });

  test('many scripts together each run whole', async () => {
    mode('asks');
    await using node = await connected(PASSWORD);
    const said = await Promise.all(Array.from({ length: 12 }, async () => await node.exec(VIA, USUAL)));
    for (const each of said) expect(each).toMatchObject(ran);
  });

  test('the password is in no argument list and no environment', async () => {
    mode('asks');
    await using node = await connected(PASSWORD);
    await node.exec(VIA, USUAL);
    const calls = readFileSync(sshd.path('calls'), 'utf8');
    expect(calls).toContain('glusterctl:root');
    expect(calls).not.toContain('S3cret');
    const seen = await node.exec(sh`tr '\0' ' ' </proc/$PPID/cmdline /proc/$$/cmdline; env; set`, USUAL);
    expect(seen.ok && seen.value.stdout.toString()).not.toContain('S3cret');
  });

  test('where sudo stops asking, the password is not sent, and the script is run as it is', async () => {
    mode('asks');
    await using node = await connected(PASSWORD);
    const before = passwords().length;
    mode('free');
    expect(await node.exec(VIA, USUAL)).toMatchObject(ran);
    expect(passwords()).toHaveLength(before);
  });

  test('a wrong password is sent once, and not again in a second connection', async () => {
    mode('asks');
    const connector = connectorWith('wrong');
    for (const answer of [await connector.connect(NODE, {}), await connector.connect(NODE, {})]) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'sudo-password-wrong', node: NODE } });
      expect(JSON.stringify(answer)).not.toContain('"wrong"');
    }
    expect(passwords()).toEqual(['wrong']);
  });

  test('a password that is no longer right is sent once more, and then not again', async () => {
    mode('asks');
    await using node = await connected(PASSWORD);
    const before = passwords().length;
    writeFileSync(sshd.path('password'), 'another');
    const wrong = { ok: false, error: { code: 'sudo-password-wrong' } };
    expect(await node.exec(VIA, USUAL)).toMatchObject(wrong);
    expect(await node.exec(VIA, USUAL)).toMatchObject(wrong);
    expect(await node.session(VIA, {})).toMatchObject(wrong);
    expect(passwords()).toHaveLength(before + 1);
  });

  test('no password at hand: both flags are named', async () => {
    mode('asks');
    const failure = await refused(undefined);
    expect(failure).toMatchObject({ code: 'sudo-password-needed', node: NODE });
    expect(failure.fix).toContain('--ask-become-pass');
    expect(failure.fix).toContain('--become-password-file');
  });

  test.each([
    ['tty', 'sudo-needs-tty', 'requiretty', '!requiretty'],
    ['stranger', 'sudo-not-allowed', 'sudoers', 'visudo'],
    ['other', 'sudo-not-allowed', 'sudoers', 'visudo'],
    ['missing', 'privilege-denied', 'does not become root', 'log in as root'],
  ])('%s: %s', async (name, code, title, fix) => {
    mode(name);
    const failure = await refused(PASSWORD);
    expect(failure).toMatchObject({ code, node: NODE });
    expect(failure.title).toContain(title);
    expect(failure.fix).toContain(fix);
  });
});
