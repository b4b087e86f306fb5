import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import { sh } from '../../../src/core/shell.ts';
import type { SshSettings } from '../../../src/model/desired.ts';
import { keygen, NODE, sshdIsHere, startSshd, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };

describe.skipIf(!sshdIsHere)('host keys of a real sshd (needs root and /usr/sbin/sshd)', () => {
  let sshd: Sshd;
  let impostor: Sshd;
  beforeAll(async () => {
    [sshd, impostor] = await Promise.all([startSshd(), startSshd()]);
  });
  afterAll(async () => {
    await Promise.all([sshd[Symbol.asyncDispose](), impostor[Symbol.asyncDispose]()]);
  });

  /** The failure of a login that must not work. */
  async function refusal(changes: Partial<SshSettings>): Promise<Failure> {
    const answer = await sshd.connector(changes).connect(NODE, {});
    if (answer.ok) throw new Error('the login succeeded');
    return answer.error;
  }
  const fingerprintOf = (type: string): string =>
    keygen('-lf', sshd.path(`host_${type}.pub`)).split(' ')[1] ?? '';
  /** This sshd's address with the keys of another. */
  const wrongKeys = (): string =>
    impostor.knownHosts.replaceAll(`:${String(impostor.port)}`, `:${String(sshd.port)}`);

  test('an unknown host is refused, with its fingerprint and the command that adds it', async () => {
    const file = sshd.path('none/known hosts');
    const failure = await refusal({ knownHostsFile: file });
    expect(failure).toMatchObject({ code: 'host-key-unknown', node: 'node01' });
    expect(failure.cause).toContain(fingerprintOf('ed25519'));
    expect(failure.fix).toContain(`ssh-keyscan -p ${String(sshd.port)} 127.0.0.1 >> '${file}'`);
    expect(existsSync(file)).toBe(false);
  });

  test.each(['yes', 'accept-new'] as const)(
    'a changed key is refused with %s, and no login is tried',
    async (strict) => {
      const text = `# first line\n${wrongKeys()}`;
      const file = sshd.write(`changed-${strict}`, text);
      // A wrong identity would fail the login, if it came that far, with another code.
      const failure = await refusal({
        knownHostsFile: file,
        strictHostKeyChecking: strict,
        identityFile: impostor.path('user'),
      });
      expect(failure).toMatchObject({ code: 'host-key-changed', node: 'node01' });
      expect(failure.title).toContain(`${file}:2`);
      expect(failure.fix).toContain(`ssh-keygen -f ${file} -R '[127.0.0.1]:${String(sshd.port)}'`);
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  test('a revoked key is refused even where it is also on record', async () => {
    const [first] = sshd.knownHosts.split('\n');
    const revoked = `@revoked * ${first?.split(' ').slice(1).join(' ') ?? ''}`;
    const file = sshd.write('revoked', `${sshd.knownHosts}${revoked}\n`);
    const failure = await refusal({ knownHostsFile: file });
    expect(failure).toMatchObject({ code: 'host-key-changed' });
    expect(failure.title).toContain(`revoked by ${file}:3`);
  });

  test('the file for all users counts as well: it proves a key, and it revokes one', async () => {
    const none = sshd.path('none/known_hosts');
    const known = sshd.write('shared', sshd.knownHosts);
    const login = await sshd
      .connector({ knownHostsFile: none }, { sharedKnownHosts: [known] })
      .connect(NODE, {});
    if (!login.ok) throw new Error(JSON.stringify(login.error));
    await login.value[Symbol.asyncDispose]();
    const revoked = sshd.knownHosts.replaceAll(/^(?=.)/gm, '@revoked ');
    const shared = sshd.write('shared-revoked', revoked);
    const again = await sshd
      .connector(
        { knownHostsFile: none, strictHostKeyChecking: 'accept-new' },
        { sharedKnownHosts: [shared] },
      )
      .connect(NODE, {});
    expect(again).toMatchObject({ ok: false, error: { code: 'host-key-changed' } });
    expect(JSON.stringify(again)).toContain(`revoked by ${shared}:`);
    expect(existsSync(none)).toBe(false);
  });

  test('a host that only a certificate authority vouches for is refused with that reason', async () => {
    const [first = ''] = sshd.knownHosts.split('\n');
    const file = sshd.write('authority', `@cert-authority ${first}\n`);
    for (const strictHostKeyChecking of ['yes', 'accept-new'] as const) {
      const failure = await refusal({ knownHostsFile: file, strictHostKeyChecking });
      expect(failure.cause).toContain(`${file}:1 is a @cert-authority`);
      expect(failure.fix).not.toContain('ssh-keyscan');
    }
    expect(readFileSync(file, 'utf8')).toBe(`@cert-authority ${first}\n`);
  });

  test('accept-new records the key, reports it, and is strict from then on', async () => {
    const file = sshd.path('fresh/ssh/known_hosts');
    const recorded: string[] = [];
    const options = {
      onHostKeyRecorded: (_node: string, fingerprint: string) => recorded.push(fingerprint),
    };
    {
      await using node = await sshd.connect(
        { knownHostsFile: file, strictHostKeyChecking: 'accept-new' },
        options,
      );
      expect(node.node).toBe(NODE);
    }
    expect(recorded).toEqual([fingerprintOf('ed25519')]);
    expect(`${sshd.knownHosts.split('\n')[0] ?? ''}\n`).toBe(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
    await using again = await sshd.connect({ knownHostsFile: file }, options);
    expect(again.node).toBe(NODE);
    expect(recorded).toHaveLength(1);
  });

  test('accept-new keeps the content of the file, also without a newline at its end', async () => {
    const file = sshd.write('no-newline', '# mine');
    await using node = await sshd.connect({ knownHostsFile: file, strictHostKeyChecking: 'accept-new' });
    expect(node.node).toBe(NODE);
    expect(readFileSync(file, 'utf8')).toBe(`# mine\n${sshd.knownHosts.split('\n')[0] ?? ''}\n`);
  });

  test('many first logins in parallel record the key once', async () => {
    const file = sshd.path('once');
    const connector = sshd.connector({ knownHostsFile: file, strictHostKeyChecking: 'accept-new' });
    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => await connector.connect(NODE, {})),
    );
    for (const answer of answers) if (answer.ok) await answer.value[Symbol.asyncDispose]();
    expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, true, true]);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  test('accept-new refuses where the key cannot be recorded', async () => {
    mkdirSync(sshd.path('a-directory'));
    const read = await refusal({
      knownHostsFile: sshd.path('a-directory'),
      strictHostKeyChecking: 'accept-new',
    });
    expect(read).toMatchObject({ code: 'host-key-unknown' });
    const below = join(sshd.write('a-file', ''), 'known_hosts');
    const write = await refusal({ knownHostsFile: below, strictHostKeyChecking: 'accept-new' });
    expect(write).toMatchObject({ code: 'host-key-unknown', node: 'node01' });
  });

  test('hashed entries, as ssh-keygen -H makes them, are found', async () => {
    const file = sshd.write('hashed', sshd.knownHosts);
    keygen('-H', '-f', file);
    expect(readFileSync(file, 'utf8')).not.toContain('127.0.0.1');
    await using node = await sshd.connect({ knownHostsFile: file });
    expect(await node.exec(sh`true`, USUAL)).toMatchObject({ ok: true, value: { code: 0 } });
  });

  test.each(['ssh-ed25519', 'ecdsa-sha2-nistp256'])(
    'with only its %s key on record a host with several is verified',
    async (type) => {
      const line = sshd.knownHosts.split('\n').filter((each) => each.includes(type));
      await using node = await sshd.connect({ knownHostsFile: sshd.write(type, `${line.join('\n')}\n`) });
      expect(node.node).toBe(NODE);
    },
  );

  test('a file that grew since the last login is read again', async () => {
    const file = sshd.write('grows', '');
    const connector = sshd.connector({ knownHostsFile: file });
    expect(await connector.connect(NODE, {})).toMatchObject({
      ok: false,
      error: { code: 'host-key-unknown' },
    });
    appendFileSync(file, sshd.knownHosts);
    const answer = await connector.connect(NODE, {});
    if (answer.ok) await answer.value[Symbol.asyncDispose]();
    expect(answer.ok).toBe(true);
  });
});
