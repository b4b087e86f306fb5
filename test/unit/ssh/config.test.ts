/**
 * What ssh_config says of a node is done, by a real ssh that reads it and a real sshd that is logged in to.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import type { Connection } from '../../../src/model/connection.ts';
import { NO_SSH_SETTINGS, type SshSettings } from '../../../src/model/desired.ts';
import { sh } from '../../../src/core/shell.ts';
import { sshConnector, type SshOptions } from '../../../src/ssh/ssh.ts';
import { keygen, NODE, sshdIsHere, startSshd, until, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };

describe.skipIf(!sshdIsHere)('ssh_config (needs root, ssh and /usr/sbin/sshd)', () => {
  let sshd: Sshd;
  let agent: ChildProcess;
  beforeAll(async () => {
    sshd = await startSshd();
    mkdirSync(sshd.path('empty'));
    agent = spawn('ssh-agent', ['-D', '-a', sshd.path('agent')], { stdio: 'ignore' });
    await until('the agent listens', () => readdirSync(sshd.dir).includes('agent'));
    const env = { ...process.env, SSH_AUTH_SOCK: sshd.path('agent') };
    for (let n = 0; n < 7; n++) {
      keygen('-q', '-t', 'ed25519', '-N', '', '-f', sshd.path(`other${String(n)}`));
      execFileSync('ssh-add', ['-q', sshd.path(`other${String(n)}`)], { env });
    }
    execFileSync('ssh-add', ['-q', sshd.path('user')], { env });
  });
  afterAll(async () => {
    agent.kill();
    await sshd[Symbol.asyncDispose]();
  });

  /**
   * The lines that make the login to `gu1` work; a test's own come first, and the first of a keyword wins.
   */
  const working = (): readonly string[] => [
    'HostName 127.0.0.1',
    `Port ${String(sshd.port)}`,
    `IdentityFile ${sshd.path('user')}`,
    `UserKnownHostsFile ${sshd.path('known_hosts')}`,
  ];

  interface Case {
    readonly user?: readonly string[];
    readonly system?: readonly string[];
    readonly settings?: Partial<SshSettings>;
    readonly options?: SshOptions;
  }

  const connect = async ({ user = working(), system = [], settings = {}, options = {} }: Case) => {
    const host = (lines: readonly string[]): string => ['Host gu1', ...lines, ''].join('\n  ');
    const files = {
      user: sshd.write('user_config', host(user)),
      system: sshd.write('system_config', host(system)),
    };
    const keys = { agentSocket: undefined, sshDirectory: sshd.path('empty') };
    const node = { address: 'gu1', ssh: { ...NO_SSH_SETTINGS, ...settings } };
    return await sshConnector(new Map([[NODE, node]]), { keys, configFiles: files, ...options }).connect(
      NODE,
      {},
    );
  };
  const connected = async (asked: Case): Promise<Connection> => {
    const answer = await connect(asked);
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    return answer.value;
  };
  const refused = async (asked: Case): Promise<Failure> => {
    const answer = await connect(asked);
    if (answer.ok) throw new Error('the login succeeded');
    return answer.error;
  };
  const whoami = async (asked: Case): Promise<string> => {
    await using there = await connected(asked);
    const answer = await there.exec(sh`echo $SSH_CONNECTION`, USUAL);
    return answer.ok ? answer.value.stdout.toString() : JSON.stringify(answer.error);
  };

  test('name, port, key and known_hosts of the user’s file, and of the machine’s', async () => {
    expect(await whoami({})).toContain(`127.0.0.1 ${String(sshd.port)}`);
    expect(await whoami({ user: [], system: working() })).toContain(`127.0.0.1 ${String(sshd.port)}`);
  });

  test('the user’s file wins over the machine’s', async () => {
    expect(await whoami({ system: ['Port 1', 'IdentityFile /nowhere'] })).toContain(String(sshd.port));
  });

  test('cluster file and flags win over ssh_config', async () => {
    const { port } = sshd;
    const user = ['Port 1', 'User nobody', 'UserKnownHostsFile /nowhere', ...working()];
    const known = sshd.path('known_hosts');
    expect(await whoami({ user, settings: { port, user: 'root', knownHostsFile: known } })).toContain(
      String(port),
    );
    const key = sshd.path('user');
    const wrongKey = ['IdentityFile /nowhere', 'HostName 127.0.0.1', `Port ${String(port)}`];
    expect(
      await whoami({ user: wrongKey, settings: { identityFile: key, knownHostsFile: known } }),
    ).toContain(String(port));
  });

  test('a user who is named decides which blocks match', async () => {
    const lines = ['HostName 127.0.0.1', 'Match user nobody', '  Port 1', 'Match all', ...working()];
    expect(await whoami({ user: lines })).toContain(String(sshd.port));
    const failure = await refused({ user: lines, settings: { user: 'nobody' } });
    expect(failure.title).toBe('cannot connect to 127.0.0.1 port 1');
  });

  test('a user of ssh_config logs in; without one, root', async () => {
    const failure = await refused({ user: ['User nobody', ...working(), 'IdentitiesOnly yes'] });
    expect(failure.title).toContain('cannot log in as nobody at 127.0.0.1');
    expect(failure.fix).toContain('try by hand: ssh gu1 true');
    expect((await refused({ user: ['Port 1', ...working()] })).fix).toContain(
      'try by hand: ssh root@gu1 true',
    );
  });

  test('a file that is named is read alone, and none reads none', async () => {
    const configFile = sshd.write('own_config', ['Host gu1', ...working(), ''].join('\n  '));
    expect(await whoami({ user: ['Port 1'], system: ['Port 1'], settings: { configFile } })).toContain(
      String(sshd.port),
    );
    const none = await refused({ settings: { configFile: 'none' } });
    expect(none.title).toBe('cannot connect to gu1 port 22');
    expect(none.fix).toContain('ssh -F none root@gu1 true');
    const missing = await refused({ settings: { configFile: sshd.path('missing') } });
    expect(missing).toMatchObject({ code: 'invalid-input', node: NODE });
  });

  test('a line that ssh does not accept is named with its place', async () => {
    const failure = await refused({ user: ['Prot 22'] });
    expect(failure).toMatchObject({ code: 'invalid-input' });
    expect(failure.cause).toContain(`${sshd.path('user_config')}: line 2: Bad configuration option: prot`);
  });

  test('where no ssh is installed, that is said once, and the built-in defaults hold', async () => {
    const said: string[] = [];
    const options = { onNotice: (text: string) => said.push(text), searchPath: sshd.path('empty') };
    expect((await refused({ options })).title).toBe('cannot connect to gu1 port 22');
    expect(said).toEqual([expect.stringContaining('there is no ssh in PATH')]);
  });

  test('no file of a run is left', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('glusterctl-ssh-'));
    await whoami({});
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('glusterctl-ssh-'))).toEqual(before);
  });

  describe('keys', () => {
    const agentLine = (): string => `IdentityAgent ${sshd.path('agent')}`;

    test('more keys in the agent than sshd takes: how many, and what to do', async () => {
      const failure = await refused({
        user: [agentLine(), ...working().filter((l) => !l.startsWith('Ident'))],
      });
      expect(failure.cause).toContain('Too many authentication failures: the agent offered 8 keys');
      expect(failure.fix).toContain('IdentitiesOnly');
    });

    test('IdentityFile is found in the agent, and comes first', async () => {
      const half = readFileSync(sshd.path('user.pub'), 'utf8');
      const lines = [agentLine(), `IdentityFile ${sshd.write('half.pub', half)}`, ...working()];
      expect(await whoami({ user: lines.filter((l) => !l.endsWith('/user')) })).toContain(String(sshd.port));
    });

    test('IdentitiesOnly keeps the other keys of the agent back', async () => {
      const lines = [agentLine(), `IdentityFile ${sshd.path('other0')}`, 'IdentitiesOnly yes', ...working()];
      const failure = await refused({ user: lines.filter((l) => !l.endsWith('/user')) });
      expect(failure.cause).toBe('tried: agent (SSH_AUTH_SOCK)');
    });

    test('IdentityAgent none: no agent', async () => {
      const keys = { agentSocket: sshd.path('agent'), sshDirectory: sshd.path('empty') };
      const lines = ['IdentityAgent none', ...working()].filter((l) => !l.startsWith('IdentityFile'));
      const failure = await refused({ user: lines, options: { keys } });
      expect(failure).toMatchObject({ code: 'auth-failed', cause: 'no key to try' });
      expect(failure.details?.join('\n')).toContain('IdentityAgent is none');
    });

    test('what decides and is not supported is named', async () => {
      const lines = [`CertificateFile ${sshd.path('user.pub')}`, `IdentityFile ${sshd.path('other0')}`];
      const failure = await refused({
        user: [...lines, ...working().filter((l) => !l.startsWith('IdentityFile'))],
      });
      expect(failure.cause).toContain('ssh_config names CertificateFile, which glusterctl does not support');
      expect(await whoami({ user: [...lines, ...working()] })).toContain(String(sshd.port));
    });
  });

  describe('host keys', () => {
    const unknown = (name: string): readonly string[] => [
      ...working().filter((l) => !l.startsWith('UserKnown')),
      `UserKnownHostsFile ${sshd.path(name)}`,
    ];

    test('several files, of the user and of the machine', async () => {
      const files = `UserKnownHostsFile ${sshd.path('none')} ${sshd.path('known_hosts')}`;
      expect(await whoami({ user: [files, ...working()] })).toContain(String(sshd.port));
      const shared = `GlobalKnownHostsFile ${sshd.path('known_hosts')}`;
      expect(await whoami({ user: [shared, ...unknown('none')] })).toContain(String(sshd.port));
    });

    test('HostKeyAlias is the name on record, without a port', async () => {
      const key = readFileSync(sshd.path('host_ed25519.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
      sshd.write('alias_hosts', `storage ${key}\n`);
      expect(await whoami({ user: ['HostKeyAlias storage', ...unknown('alias_hosts')] })).toContain(
        String(sshd.port),
      );
      const failure = await refused({ user: ['HostKeyAlias other', ...unknown('alias_hosts')] });
      expect(failure.title).toContain('the host key of other is not in');
    });

    test('RevokedHostKeys: a key of the list is refused, and every key where it cannot be read', async () => {
      const key = readFileSync(sshd.path('host_ed25519.pub'), 'utf8');
      sshd.write('revoked_keys', `# gone\n${key}`);
      sshd.write('other_keys', readFileSync(sshd.path('user.pub'), 'utf8'));
      sshd.write('krl', 'SSHKRL\n');
      sshd.write('known', `node03 ${key}`);
      const listed = (name: string): readonly string[] => [
        `RevokedHostKeys ${sshd.path(name)}`,
        'HostKeyAlgorithms ssh-ed25519',
        ...working(),
      ];
      expect(await whoami({ user: listed('other_keys') })).toContain(String(sshd.port));
      const failure = await refused({ user: listed('revoked_keys') });
      expect(failure.title).toContain(`is revoked by ${sshd.path('revoked_keys')}:2`);
      for (const name of ['krl', 'known', 'none-there'])
        expect(await refused({ user: listed(name) })).toMatchObject({ code: 'host-key-unknown' });
    });

    test.each([
      ['yes', /^\|1\|\S+\|\S+ ssh-ed25519 /],
      ['no', /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 /],
    ])('accept-new with HashKnownHosts %s', async (hash, line) => {
      const name = `new_${hash}`;
      const lines = ['StrictHostKeyChecking accept-new', `HashKnownHosts ${hash}`, ...unknown(name)];
      await whoami({ user: lines });
      expect(readFileSync(sshd.path(name), 'utf8')).toMatch(line);
      expect(await whoami({ user: lines })).toContain(String(sshd.port));
      expect(readFileSync(sshd.path(name), 'utf8').trim().split('\n')).toHaveLength(1);
    });

    test.each([
      ['ask', 0],
      ['no', 1],
      ['off', 1],
    ])('StrictHostKeyChecking %s refuses an unknown key', async (value, notices) => {
      const said: string[] = [];
      const options = { onNotice: (text: string) => said.push(text) };
      const failure = await refused({
        user: [`StrictHostKeyChecking ${value}`, ...unknown('none')],
        options,
      });
      expect(failure).toMatchObject({ code: 'host-key-unknown' });
      expect(failure.cause).toContain(`${sshd.path('none')}: no such file`);
      expect(said).toHaveLength(notices);
    });
  });

  test('ConnectTimeout', async () => {
    await using own = await startSshd();
    process.kill(own.pid, 'SIGSTOP');
    const lines = ['ConnectTimeout 1', `Port ${String(own.port)}`, ...working()];
    expect((await refused({ user: lines })).cause).toContain('within 1 s');
    process.kill(own.pid, 'SIGCONT');
  });

  test('algorithms of ssh_config are the ones that are offered', async () => {
    await using only = await startSshd(['Ciphers aes256-cbc']);
    const lines = [
      `Port ${String(only.port)}`,
      `UserKnownHostsFile ${only.path('known_hosts')}`,
      `IdentityFile ${only.path('user')}`,
      'HostName 127.0.0.1',
    ];
    expect((await refused({ user: lines })).cause).toContain('no matching C->S cipher');
    expect(await whoami({ user: ['Ciphers +aes256-cbc', ...lines] })).toContain(String(only.port));
  });
});
