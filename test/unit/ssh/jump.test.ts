/** Nodes behind jump hosts and commands, with a real sshd at each end. */
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/core/failure.ts';
import type { Result } from '../../../src/core/result.ts';
import { sh } from '../../../src/core/shell.ts';
import type { Connection, Connector } from '../../../src/model/connection.ts';
import { NO_SSH_SETTINGS, type SshSettings } from '../../../src/model/desired.ts';
import { nodeName, type NodeName } from '../../../src/model/names.ts';
import { readJumpHost } from '../../../src/ssh/routes.ts';
import { sshConnector, type SshOptions } from '../../../src/ssh/ssh.ts';
import { descendants, freePort, keygen, NODE, sshdIsHere, startSshd, until, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };

test.each([
  ['b', { host: 'b', user: undefined, port: undefined }],
  ['alice@b:2222', { host: 'b', user: 'alice', port: 2222 }],
  ['a@b@c', { host: 'c', user: 'a@b', port: undefined }],
  ['[::1]:22', { host: '::1', user: undefined, port: 22 }],
  ['ssh://alice@[fe80::1]:22/', { host: 'fe80::1', user: 'alice', port: 22 }],
  ['', undefined],
  ['a b:c', undefined],
  ['-oX', undefined],
  ['a@-oX', undefined],
])('jump host %s', (text, host) => {
  expect(readJumpHost(text)).toEqual(host);
});

describe.skipIf(!sshdIsHere)('jump hosts (needs root, ssh and /usr/sbin/sshd)', () => {
  let bastion: Sshd;
  let second: Sshd;
  let behind: Sshd;
  beforeAll(async () => {
    [bastion, second, behind] = await Promise.all([
      startSshd(['LogLevel VERBOSE']),
      startSshd(),
      startSshd(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([bastion, second, behind].map(async (each) => await each[Symbol.asyncDispose]()));
  });

  const entry = (name: string, sshd: Sshd, ...more: readonly string[]): string =>
    [
      `Host ${name}`,
      ...more,
      'HostName 127.0.0.1',
      `Port ${String(sshd.port)}`,
      'User root',
      `IdentityFile ${sshd.path('user')}`,
      `UserKnownHostsFile ${sshd.path('known_hosts')}`,
      '',
    ].join('\n  ');

  /** A file with the jump hosts b1 and b2, and these lines before. */
  const configFile = (...lines: readonly string[]): string =>
    bastion.write('ssh_config', [...lines, entry('b1', bastion), entry('b2', second)].join('\n'));

  const connector = (
    nodes: readonly NodeName[],
    settings: Partial<SshSettings>,
    options: SshOptions = {},
  ): Connector => {
    const given = settings.configFile ?? configFile();
    const ssh = { ...NO_SSH_SETTINGS, ...behindSettings(), ...settings, configFile: given };
    return sshConnector(new Map(nodes.map((node) => [node, { address: '127.0.0.1', ssh }])), options);
  };
  /** Of the node alone: nothing of them reaches a jump host. */
  const behindSettings = (): Partial<SshSettings> => ({
    user: 'root',
    port: behind.port,
    identityFile: behind.path('user'),
    knownHostsFile: behind.path('known_hosts'),
  });

  const origin = async (answer: Result<Connection, Failure>): Promise<string> => {
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    await using there = answer.value;
    const said = await there.exec(sh`echo $SSH_CONNECTION`, USUAL);
    return said.ok ? said.value.stdout.toString() : JSON.stringify(said.error);
  };
  const refused = async (made: Connector): Promise<Failure> => {
    const answer = await made.connect(NODE, {});
    if (!answer.ok) return answer.error;
    await answer.value[Symbol.asyncDispose]();
    throw new Error('the login succeeded');
  };
  const accepted = (sshd: Sshd): number =>
    readFileSync(sshd.path('log'), 'utf8').split('Accepted publickey').length - 1;

  test('a node through one jump host, whose settings are its own', async () => {
    const before = accepted(bastion);
    const answer = await connector([NODE], { proxyJump: 'b1' }).connect(NODE, {});
    expect(await origin(answer)).toContain(` ${String(behind.port)}`);
    expect(accepted(bastion)).toBe(before + 1);
  });

  test('a chain: the last is the nearest to the node', async () => {
    await using first = await startSshd([`PermitOpen 127.0.0.1:${String(second.port)}`]);
    const config = bastion.write('chain', [entry('c1', first), entry('b2', second)].join('\n'));
    const jump = (proxyJump: string): Connector => connector([NODE], { proxyJump, configFile: config });
    expect(await origin(await jump('c1,b2').connect(NODE, {}))).toContain(` ${String(behind.port)}`);
    expect((await refused(jump('b2,c1'))).code).toBe('node-unreachable');
  });

  test('ProxyJump of ssh_config, and a jump host that has one itself', async () => {
    const config = configFile('Host 127.0.0.1', '  ProxyJump b3', entry('b3', second, 'ProxyJump b1'));
    const before = accepted(bastion);
    expect(await origin(await connector([NODE], { configFile: config }).connect(NODE, {}))).toContain(
      String(behind.port),
    );
    expect(accepted(bastion)).toBe(before + 1);
    const direct = await connector([NODE], { configFile: config, proxyJump: 'none' }).connect(NODE, {});
    expect(await origin(direct)).toContain(String(behind.port));
    expect(accepted(bastion)).toBe(before + 1);
  });

  test('more nodes than channels: one login to the jump host, which ends with the last node', async () => {
    const names = Array.from({ length: 20 }, (_, n) => nodeName(`n${String(n)}`));
    const before = accepted(bastion);
    const made = connector(names, { proxyJump: 'b1' });
    const answers = await Promise.all(names.map(async (name) => await made.connect(name, {})));
    const open = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
    expect(open).toHaveLength(20);
    const said = await Promise.all(open.map(async (node) => await node.exec(sh`echo here`, USUAL)));
    expect(said.filter((each) => each.ok)).toHaveLength(20);
    expect(accepted(bastion)).toBe(before + 1);
    const children = (): number => descendants(bastion.pid).length;
    await Promise.all(open.slice(1).map(async (node) => await node[Symbol.asyncDispose]()));
    expect((await open[0]?.exec(sh`true`, USUAL))?.ok).toBe(true);
    await open[0]?.[Symbol.asyncDispose]();
    await until('the connection to the jump host is closed', () => children() === 0);
  });

  test('a jump host that is cut is connected again when a node is', async () => {
    const made = connector([NODE], { proxyJump: 'b1' });
    const first = await made.connect(NODE, {});
    if (!first.ok) throw new Error(JSON.stringify(first.error));
    for (const pid of descendants(bastion.pid)) process.kill(pid, 'SIGKILL');
    await first.value.closed;
    expect(await first.value.exec(sh`true`, USUAL)).toMatchObject({
      ok: false,
      error: { code: 'connection-lost' },
    });
    expect(await origin(await made.connect(NODE, {}))).toContain(String(behind.port));
  });

  test('a login that the jump host refuses is tried once, and said alike for all nodes', async () => {
    await using own = await startSshd(['LogLevel VERBOSE']);
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', own.path('other'));
    const wrong = entry('b9', own).replace(own.path('user'), own.path('other'));
    const config = bastion.write('wrong', `${wrong}  IdentitiesOnly yes\n  IdentityAgent none\n`);
    const names = Array.from({ length: 5 }, (_, n) => nodeName(`n${String(n)}`));
    const made = connector(names, { proxyJump: 'b9', configFile: config });
    const answers = await Promise.all(names.map(async (name) => await made.connect(name, {})));
    const again = await made.connect(names[0] ?? NODE, {});
    const failures = [...answers, again].map((answer) => (answer.ok ? undefined : answer.error));
    for (const failure of failures)
      expect(failure).toMatchObject({
        code: 'auth-failed',
        title: expect.stringContaining(', the jump host') as string,
      });
    expect(failures.map((failure) => failure?.node)).toEqual([...names, names[0]]);
    expect(readFileSync(own.path('log'), 'utf8').split('Connection from ').length - 1).toBe(1);
  });

  test('a changed key of the jump host: nothing goes through it', async () => {
    const known = bastion.write(
      'moved',
      second.knownHosts.replaceAll(String(second.port), String(bastion.port)),
    );
    const config = bastion.write('changed', entry('b1', bastion, `UserKnownHostsFile ${known}`));
    const before = accepted(behind);
    const failure = await refused(connector([NODE], { proxyJump: 'b1', configFile: config }));
    expect(failure).toMatchObject({ code: 'host-key-changed', node: NODE });
    expect(failure.title).toContain(', the jump host');
    expect(accepted(behind)).toBe(before);
  });

  test('the node’s own key is checked behind the jump host', async () => {
    const known = behind.write(
      'moved',
      second.knownHosts.replaceAll(String(second.port), String(behind.port)),
    );
    const failure = await refused(connector([NODE], { proxyJump: 'b1', knownHostsFile: known }));
    expect(failure).toMatchObject({ code: 'host-key-changed', node: NODE });
    expect(failure.title).not.toContain('jump host');
  });

  test('nothing listens behind the jump host', async () => {
    const failure = await refused(connector([NODE], { proxyJump: 'b1', port: await freePort() }));
    expect(failure).toMatchObject({ code: 'node-unreachable', node: NODE });
    expect(failure.cause).toMatch(/^b1, the jump host: .*refused/i);
  });

  test('a way that leads back to itself is refused', async () => {
    const config = bastion.write('loop', `Host *\n  ProxyJump b1\n${entry('b1', bastion)}`);
    const failure = await refused(connector([NODE], { configFile: config }));
    expect(failure).toMatchObject({ code: 'invalid-input' });
    expect(failure.fix).toContain('ProxyJump none');
  });

  describe('ProxyCommand', () => {
    const bridge = (lines: string): string => {
      const file = bastion.write('bridge', `#!/bin/bash\n${lines}\n`);
      chmodSync(file, 0o700);
      return configFile('Host 127.0.0.1', `  ProxyCommand ${file} %h %p`);
    };
    const TO_NODE = 'exec 3<>"/dev/tcp/$1/$2"; cat <&3 & cat >&3; kill %1';

    test('carries a connection, and ends with it', async () => {
      const pid = bastion.path('bridge-pid');
      const group = bastion.path('bridge-group');
      const config = bridge(`echo $$ >${pid}; cut -d' ' -f5 /proc/$$/stat >${group}; ${TO_NODE}`);
      expect(await origin(await connector([NODE], { configFile: config }).connect(NODE, {}))).toContain(
        String(behind.port),
      );
      const id = readFileSync(pid, 'utf8').trim();
      // Of its own: Ctrl-C goes to every process of the terminal's group.
      expect(readFileSync(group, 'utf8').trim()).toBe(id);
      await until('the command has ended', () => !existsSync(`/proc/${id}`));
    });

    test('its own words are in the failure', async () => {
      const failure = await refused(
        connector([NODE], { configFile: bridge('echo no way through >&2; exit 3') }),
      );
      expect(failure).toMatchObject({
        code: 'node-unreachable',
        cause: 'the ProxyCommand ended: no way through',
      });
    });

    test('the host key is checked behind it', async () => {
      const known = behind.write('none', '');
      const made = connector([NODE], { configFile: bridge(TO_NODE), knownHostsFile: known });
      expect((await refused(made)).code).toBe('host-key-unknown');
    });

    test('a silent one is a timeout', async () => {
      const made = connector([NODE], { configFile: bridge('sleep 20'), connectTimeoutSeconds: 1 });
      expect(await refused(made)).toMatchObject({ code: 'timeout' });
    });
  });

  test('a new key of a jump host is recorded where its own settings say', async () => {
    const seen: string[] = [];
    const lines = ['StrictHostKeyChecking accept-new', `UserKnownHostsFile ${bastion.path('fresh')}`];
    const config = bastion.write('new', entry('b1', bastion, ...lines));
    const made = connector(
      [NODE],
      { proxyJump: 'b1', configFile: config },
      {
        onHostKeyRecorded: (host) => seen.push(host),
      },
    );
    await origin(await made.connect(NODE, {}));
    expect(seen).toEqual(['b1']);
    expect(readFileSync(bastion.path('fresh'), 'utf8')).toContain('ssh-ed25519');
  });
});
