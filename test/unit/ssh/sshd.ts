/**
 * A real sshd for tests on 127.0.0.1, with its own keys, configuration and directory; gone when disposed.
 * Does not touch the system's.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshSettings } from '../../../src/model/desired.ts';
import { nodeName, type NodeName } from '../../../src/model/names.ts';
import { sshConnector, type SshOptions } from '../../../src/ssh/ssh.ts';
import type { Connection, Connector } from '../../../src/model/connection.ts';

const SSHD = '/usr/sbin/sshd';
export const sshdIsHere = existsSync(SSHD) && userInfo().uid === 0;
export const NODE: NodeName = nodeName('node01');

export interface Sshd extends AsyncDisposable {
  readonly dir: string;
  readonly port: number;
  readonly pid: number;
  /** One line of known_hosts a host key type. */
  readonly knownHosts: string;
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string) => string;
  /** Settings that work, with the changes of a test. */
  readonly settings: (changes?: Partial<SshSettings>) => SshSettings;
  readonly connector: (changes?: Partial<SshSettings>, options?: SshOptions, port?: number) => Connector;
  readonly connect: (changes?: Partial<SshSettings>, options?: SshOptions) => Promise<Connection>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export const keygen = (...args: readonly string[]): string =>
  execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Waits for a condition, not for a time. */
export async function until(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited too long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** All processes below one, nearest first. */
export function descendants(pid: number): readonly number[] {
  let text = '';
  try {
    text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  } catch {
    // It ended meanwhile.
  }
  const children = text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
  return [...children, ...children.flatMap(descendants)];
}

/**
 * Further lines for its configuration (the first of a keyword wins), and programs to find before the
 * system's.
 */
export async function startSshd(
  extraConfig: readonly string[] = [],
  programs: Readonly<Record<string, string>> = {},
): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-sshd-'));
  const path = (name: string): string => join(dir, name);
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  // sshd wants its chroot directory even where it does not use it.
  mkdirSync('/run/sshd', { recursive: true });
  for (const type of ['ed25519', 'ecdsa']) keygen('-q', '-t', type, '-N', '', '-f', path(`host_${type}`));
  keygen('-q', '-t', 'ed25519', '-N', '', '-f', path('user'));
  write('authorized_keys', readFileSync(path('user.pub'), 'utf8'));
  mkdirSync(path('bin'));
  for (const [name, text] of Object.entries(programs)) chmodSync(write(join('bin', name), text), 0o755);
  const port = await freePort();
  const config = [
    `ListenAddress 127.0.0.1:${String(port)}`,
    `HostKey ${path('host_ed25519')}`,
    `HostKey ${path('host_ecdsa')}`,
    `PidFile ${path('pid')}`,
    `AuthorizedKeysFile ${path('authorized_keys')}`,
    ...extraConfig,
    // A home of its own: root's .bashrc on this machine may be slow, and a test may kill it half way.
    `SetEnv PATH=${path('bin')}:/usr/bin:/bin HOME=${dir}`,
    ...['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', 'PasswordAuthentication no', 'PrintMotd no'],
    ...['MaxStartups 200', 'UseDNS no', 'LogLevel ERROR'],
  ];
  write('config', `${config.join('\n')}\n`);
  const log = write('log', '');
  const child = spawn(SSHD, ['-D', '-f', path('config'), '-E', log], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  await until('sshd listens', () => existsSync(path('pid')) || child.exitCode !== null);
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`sshd: ${readFileSync(log, 'utf8')}`);
  const pid = child.pid;

  const publicKey = (type: string): string =>
    readFileSync(path(`host_${type}.pub`), 'utf8')
      .split(' ')
      .slice(0, 2)
      .join(' ');
  const knownHosts = ['ed25519', 'ecdsa']
    .map((type) => `[127.0.0.1]:${String(port)} ${publicKey(type)}\n`)
    .join('');
  write('known_hosts', knownHosts);
  const settings = (changes: Partial<SshSettings> = {}): SshSettings => ({
    user: 'root',
    port,
    identityFile: path('user'),
    knownHostsFile: path('known_hosts'),
    strictHostKeyChecking: 'yes',
    become: false,
    becomePasswordFile: undefined,
    proxyJump: undefined,
    configFile: 'none',
    connectTimeoutSeconds: 5,
    ...changes,
  });
  const connector: Sshd['connector'] = (changes, options) =>
    sshConnector(new Map([[NODE, { address: '127.0.0.1', ssh: settings(changes) }]]), options);
  return {
    ...{ dir, port, pid, knownHosts, path, write, settings, connector },
    connect: async (changes, options) => {
      const answer = await connector(changes, options).connect(NODE, {});
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      return answer.value;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of [...descendants(pid), pid]) {
        try {
          process.kill(each, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
