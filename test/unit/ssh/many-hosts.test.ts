/**
 * Fifty sshds behind one bastion, all with the limits that OpenSSH has by itself. Fifty logins together would
 * be refused at random there (MaxStartups 10:30:100); one connection with fifty forwards is not.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster } from '../../../src/cli/cluster.ts';
import { ok } from '../../../src/core/result.ts';
import { sh } from '../../../src/core/shell.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { nodeName } from '../../../src/model/names.ts';
import { sshConnector } from '../../../src/ssh/ssh.ts';
import { desiredOf } from '../cluster-file/example.ts';
import { descendants, freePort, sshdIsHere, startSshd, until, type Sshd } from './sshd.ts';

const HOSTS = 50;
const SSHD = '/usr/sbin/sshd';
/** Addresses of this machine; the first byte alone makes them so. */
const addressOf = (n: number): string => `127.77.0.${String(n + 1)}`;

describe.skipIf(!sshdIsHere)('many hosts behind a bastion (needs root and /usr/sbin/sshd)', () => {
  let bastion: Sshd;
  let port: number;
  let hosts: readonly ChildProcess[];

  beforeAll(async () => {
    bastion = await startSshd(['MaxStartups 10:30:100', 'MaxSessions 10', 'LogLevel VERBOSE']);
    port = await freePort();
    const config = readFileSync(bastion.path('config'), 'utf8').replace(/^(ListenAddress|PidFile).*\n/gm, '');
    hosts = Array.from({ length: HOSTS }, (_, n) => {
      const own = [
        `ListenAddress ${addressOf(n)}:${String(port)}`,
        `PidFile ${bastion.path(`pid${String(n)}`)}`,
      ];
      const file = bastion.write(`config${String(n)}`, [...own, config].join('\n'));
      return spawn(SSHD, ['-D', '-f', file, '-E', bastion.path('hosts.log')], { stdio: 'ignore' });
    });
    const keys = bastion.knownHosts.replaceAll(/^\S+/gm, `[127.77.0.*]:${String(port)}`);
    bastion.write('known_hosts', `${bastion.knownHosts}${keys}`);
    bastion.write(
      'ssh_config',
      [
        'Host bastion',
        '  HostName 127.0.0.1',
        `  Port ${String(bastion.port)}`,
        'Host 127.77.0.*',
        `  Port ${String(port)}`,
        '  ProxyJump bastion',
        'Host *',
        '  User root',
        `  IdentityFile ${bastion.path('user')}`,
        `  UserKnownHostsFile ${bastion.path('known_hosts')}`,
      ].join('\n'),
    );
    await until(
      'all of them listen',
      () => {
        const at = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
        const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
        return lines.filter((line) => line.includes(`${at} 00000000:0000 0A`)).length === HOSTS;
      },
      30_000,
    );
  });
  afterAll(async () => {
    for (const { pid } of hosts)
      for (const each of pid === undefined ? [] : [...descendants(pid), pid]) process.kill(each, 'SIGKILL');
    await bastion[Symbol.asyncDispose]();
  });

  const desired = (): Desired => {
    const nodes = Array.from({ length: HOSTS }, (_, n) => `  n${String(n)}: { address: ${addressOf(n)} }`);
    const config = bastion.path('ssh_config');
    return desiredOf(
      `cluster: c\nssh: { configFile: ${config} }\nnodes:\n${nodes.join('\n')}\nvolumes: {}\n`,
    );
  };
  const logins = (): number =>
    readFileSync(bastion.path('log'), 'utf8').split('Accepted publickey').length - 1;

  const names = Array.from({ length: HOSTS }, (_, n) => nodeName(`n${String(n)}`));
  const { signal } = new AbortController();
  setMaxListeners(0, signal);

  test('every one is reached, by one login at the bastion', async () => {
    const before = logins();
    const connector = sshConnector(new Map(desired().nodes.map((node) => [node.name, node])));
    const said = await Promise.all(
      names.map(async (name) => {
        const answer = await connector.connect(name, { signal });
        if (!answer.ok) return answer.error.title;
        await using node = answer.value;
        const ran = await node.exec(sh`echo $SSH_CONNECTION`, { timeoutMs: 30_000, maxOutputBytes: 1024 });
        return ran.ok ? ran.value.stdout.toString().split(' ')[2] : ran.error.title;
      }),
    );
    expect(said).toEqual(names.map((_, n) => addressOf(n)));
    expect(logins()).toBe(before + 1);
  });

  const isFull = process.env['LAB_FULL'] === '1';
  const title = 'every one is read as plan reads it, by one login at the bastion';
  test.skipIf(!isFull)(isFull ? title : `${title} (only with LAB_FULL=1)`, async () => {
    const before = logins();
    await using cluster = await openCluster(desired(), signal, () => undefined, {
      onHostKey: () => undefined,
      onNotice: () => undefined,
      atOnce: undefined,
      becomePassword: () => Promise.resolve(ok(undefined)),
    });
    const read = [...cluster.observed.nodes].filter(([, reading]) => reading.kind === 'read');
    expect(read.map(([name]) => name).sort()).toEqual([...names].sort());
    expect(logins()).toBe(before + 1);
  });
});
