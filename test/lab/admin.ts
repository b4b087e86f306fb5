/**
 * A person's own machine, as far as SSH sees it: a home with keys, `~/.ssh` and an agent. The home is the one
 * of the user database too, in a mount namespace that ends with each command; this machine's is not touched.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, type Ran } from './cluster.ts';
import { run, until } from './host.ts';

const LIMIT_MS = 300_000;

const AT_HOME = 'mount --bind "$1" /etc/passwd; shift; exec "$@"';

export interface Admin extends AsyncDisposable {
  /** A path below the home. */
  path(name: string): string;
  /** As nobody else can read it. */
  write(name: string, text: string): string;
  /** A new key below `.ssh`; its private half can be kept from the disk. */
  makeKey(name: string): Promise<{ readonly private: string; readonly public: string }>;
  /** Puts keys into the agent, in this order, after those that are there; none: empties it. */
  hold(...keys: readonly string[]): Promise<void>;
  command(words: readonly string[], input?: string): Promise<Ran>;
  glusterctl(...args: readonly string[]): Promise<Ran>;
}

export async function adminAtHome(): Promise<Admin> {
  // Short: a socket's path is at most 108 characters long.
  const home = mkdtempSync(join(tmpdir(), 'gc-home-'));
  const path = (name: string): string => join(home, name);
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text, { mode: 0o600 });
    return path(name);
  };
  mkdirSync(path('.ssh'), { mode: 0o700 });
  const others = readFileSync('/etc/passwd', 'utf8').replace(/^root:.*\n/m, '');
  const passwd = write('passwd', `root:x:0:0:root:${home}:/bin/sh\n${others}`);
  const socket = path('agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) =>
    agent.once('close', () => {
      resolve();
    }),
  );
  await until('the agent listens', LIMIT_MS, () => existsSync(socket));
  const env = [`HOME=${home}`, `SSH_AUTH_SOCK=${socket}`, `PATH=${process.env['PATH'] ?? ''}`];
  const command: Admin['command'] = (words, input) =>
    run(
      [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-euc', AT_HOME, 'sh', passwd],
        ...['env', '-i', '-C', home, ...env, 'LANG=C.UTF-8', ...words],
      ],
      { timeoutMs: LIMIT_MS, allowFailure: true, ...(input !== undefined && { input }) },
    );
  return {
    path,
    write,
    command,
    glusterctl: (...args) => command([process.execPath, BIN, ...args]),
    async makeKey(name) {
      const file = path(join('.ssh', name));
      await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
      return { private: file, public: readFileSync(`${file}.pub`, 'utf8') };
    },
    async hold(...keys) {
      const words = keys.length === 0 ? ['-D'] : keys;
      await run(['env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', ...words]);
    },
    async [Symbol.asyncDispose]() {
      agent.kill();
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
