import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster } from '../../../src/cli/cluster.ts';
import type { Failure } from '../../../src/core/failure.ts';
import { ok } from '../../../src/core/result.ts';
import { sh } from '../../../src/core/shell.ts';
import type { Connector } from '../../../src/model/connection.ts';
import { nodeName } from '../../../src/model/names.ts';
import { NODES_AT_ONCE } from '../../../src/ssh/limits.ts';
import { sshConnector } from '../../../src/ssh/ssh.ts';
import { desiredOf } from '../cluster-file/example.ts';
import { freePort, keygen, NODE, sshdIsHere, startSshd, until, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };
const NO_AGENT = { agentSocket: undefined };

async function refusal(connector: Connector, signal?: AbortSignal): Promise<Failure> {
  const answer = await connector.connect(NODE, signal === undefined ? {} : { signal });
  if (!answer.ok) return answer.error;
  await answer.value[Symbol.asyncDispose]();
  throw new Error('the login succeeded');
}

/** A TCP server that handles each connection with `treat`, by number from 0. */
async function listen(
  treat: (socket: Socket, n: number) => void,
  host = '127.0.0.1',
): Promise<Server & { readonly seen: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    treat(socket, count++);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return Object.assign(server, { seen: () => count });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

describe.skipIf(!sshdIsHere)('logging in to a real sshd (needs root and /usr/sbin/sshd)', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', sshd.path('unknown'));
    keygen('-q', '-t', 'ed25519', '-N', 'secret words', '-f', sshd.path('locked'));
    execFileSync('mkdir', [sshd.path('dot-ssh'), sshd.path('empty')]);
    for (const name of ['user', 'user.pub']) {
      execFileSync('cp', [sshd.path(name), sshd.path(`dot-ssh/${name.replace('user', 'id_ed25519')}`)]);
    }
    keygen('-q', '-t', 'rsa', '-b', '2048', '-N', 'secret words', '-f', sshd.path('dot-ssh/id_rsa'));
    keygen('-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', sshd.path('rsa'));
    const more = ['locked', 'rsa'].map((name) => readFileSync(sshd.path(`${name}.pub`), 'utf8'));
    sshd.write('authorized_keys', [readFileSync(sshd.path('user.pub'), 'utf8'), ...more].join(''));
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
  });

  describe('keys', () => {
    const usual = (
      directory: string,
    ): { readonly agentSocket: undefined; readonly sshDirectory: string } => ({
      ...NO_AGENT,
      sshDirectory: sshd.path(directory),
    });

    test('an RSA key works, signed with SHA-2', async () => {
      await using node = await sshd.connect({ identityFile: sshd.path('rsa') });
      expect(node.node).toBe(NODE);
    });

    test('without an identity file the usual files are tried', async () => {
      await using node = await sshd.connect({ identityFile: undefined }, { keys: usual('dot-ssh') });
      expect(node.node).toBe(NODE);
    });

    test('a key that is refused: what was tried and what to do', async () => {
      const failure = await refusal(sshd.connector({ identityFile: sshd.path('unknown') }));
      expect(failure).toMatchObject({ code: 'auth-failed', node: 'node01' });
      expect(failure.cause).toContain(sshd.path('unknown'));
      expect(failure.fix).toContain(`ssh-copy-id -p ${String(sshd.port)} root@127.0.0.1`);
      expect(failure.details?.join('\n')).toContain('the server accepts: publickey');
    });

    test('no key at all', async () => {
      const failure = await refusal(sshd.connector({ identityFile: undefined }, { keys: usual('empty') }));
      expect(failure).toMatchObject({ code: 'auth-failed', cause: 'no key to try' });
      expect(failure.details?.join('\n')).toMatch(/no agent[^]*no id_ed25519, id_ecdsa, id_rsa in /);
    });

    test.each([
      ['missing', 'nowhere', /nowhere: no such file/],
      ['not a key', 'config', /config: is not a private key/],
      ['encrypted', 'locked', /locked: has a passphrase, so it works through an agent only/],
      ['the public half', 'user.pub', /user\.pub: is a public key/],
    ])('an identity file that is %s, without an agent', async (_what, name, note) => {
      const keys = { ...NO_AGENT, sshDirectory: sshd.path('dot-ssh') };
      const failure = await refusal(sshd.connector({ identityFile: sshd.path(name) }, { keys }));
      expect(failure.code).toBe('auth-failed');
      expect(failure.details?.join('\n')).toMatch(note);
      expect(JSON.stringify(failure)).not.toContain('PRIVATE KEY');
    });

    test('an agent is asked, for one key only where a locked file names it', async () => {
      const agentSocket = sshd.path('agent');
      const agent = spawn('ssh-agent', ['-D', '-a', agentSocket], { stdio: 'ignore' });
      const add = (file: string): void => {
        chmodSync(sshd.path(file), 0o600);
        execFileSync('ssh-add', ['-q', sshd.path(file)], {
          env: {
            ...process.env,
            SSH_AUTH_SOCK: agentSocket,
            SSH_ASKPASS: sshd.path('askpass'),
            SSH_ASKPASS_REQUIRE: 'force',
          },
          stdio: 'ignore',
        });
      };
      chmodSync(sshd.write('askpass', '#!/bin/sh\necho secret words\n'), 0o755);
      try {
        await until('the agent listens', () => {
          try {
            execFileSync('test', ['-S', agentSocket]);
            return true;
          } catch {
            return false;
          }
        });
        const keys = { agentSocket, sshDirectory: sshd.path('empty') };
        // Seven unknown keys: more than sshd lets a client try, so the locked key works only if it is tried
        // alone.
        for (let n = 0; n < 7; n++) {
          keygen('-q', '-t', 'ed25519', '-N', '', '-f', sshd.path(`s${String(n)}`));
          add(`s${String(n)}`);
        }
        add('locked');
        const crowd = await refusal(sshd.connector({ identityFile: undefined }, { keys }));
        expect(crowd.code).toBe('auth-failed');
        expect(crowd.cause).toContain('Too many authentication failures');
        await using locked = await sshd.connect({ identityFile: sshd.path('locked') }, { keys });
        await using half = await sshd.connect({ identityFile: sshd.path('locked.pub') }, { keys });
        expect([locked.node, half.node]).toEqual([NODE, NODE]);
      } finally {
        agent.kill();
      }
    });

    test('an agent that is not there is passed over', async () => {
      const keys = { agentSocket: sshd.path('no-agent'), sshDirectory: sshd.path('dot-ssh') };
      await using node = await sshd.connect({ identityFile: undefined }, { keys });
      expect(node.node).toBe(NODE);
    });
  });

  describe('a server that does not answer as it should', () => {
    const quick = { connectTimeoutSeconds: 0.4 };

    test('nothing listens', async () => {
      const failure = await refusal(sshd.connector({ port: await freePort() }));
      expect(failure).toMatchObject({ code: 'node-unreachable', node: 'node01' });
      expect(failure.cause).toContain('connection refused');
    });

    test('the name is not found', async () => {
      const connector = sshConnector(
        new Map([[NODE, { address: 'no-such-host.invalid', ssh: sshd.settings() }]]),
      );
      const failure = await refusal(connector);
      expect(failure.code).toBe('node-unreachable');
      expect(failure.cause).toMatch(/name (not found|lookup failed)/);
    });

    test('frozen: it accepts and sends nothing', async () => {
      await using own = await startSshd();
      process.kill(own.pid, 'SIGSTOP');
      const failure = await refusal(own.connector(quick));
      expect(failure).toMatchObject({ code: 'timeout', node: 'node01' });
      expect(failure.cause).toContain('no SSH banner within 0.4 s');
      process.kill(own.pid, 'SIGCONT');
    });

    test('frozen after its banner', async () => {
      const server = await listen((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
      const failure = await refusal(sshd.connector({ ...quick, port: portOf(server) }));
      expect(failure).toMatchObject({ code: 'timeout' });
      expect(failure.cause).toContain('key exchange');
      server.close();
    });

    /** It accepts, sends nothing, and counts. */
    async function counting(
      host?: string,
    ): Promise<{ readonly server: Server; readonly most: () => number }> {
      const open = new Set<Socket>();
      let most = 0;
      const server = await listen((socket) => {
        open.add(socket.resume());
        most = Math.max(most, open.size);
        socket.once('close', () => open.delete(socket));
      }, host);
      return { server, most: () => most };
    }

    test('hundreds of nodes: so many logins at a time as can end in time, then the next', async () => {
      const { server, most } = await counting();
      const connector = sshd.connector({ connectTimeoutSeconds: 0.5, port: portOf(server) });
      const answers = await Promise.all(
        Array.from({ length: 4 * NODES_AT_ONCE }, () => connector.connect(NODE, {})),
      );
      // Each had its whole time, also those that had to wait for a turn.
      expect(answers.map((a) => !a.ok && a.error.code)).toEqual(answers.map(() => 'timeout'));
      // This server hears of the end of one a little after the next has begun.
      expect(most()).toBeLessThan(3 * NODES_AT_ONCE);
      expect(most()).toBeGreaterThan(1);
      server.close();
    });

    test('so many nodes at a time as --forks says are read, then the next', async () => {
      const { server, most } = await counting('0.0.0.0');
      const names = Array.from({ length: 9 }, (_, n) => `n${String(n)}`);
      const own = `port: ${String(portOf(server))}, configFile: ${sshd.write('none', '')}`;
      const ssh = `{ ${own}, connectTimeoutSeconds: 1 }`;
      const nodes = names.map((name, n) => `  ${name}: { address: 127.0.0.${String(n + 1)} }`).join('\n');
      const desired = desiredOf(`cluster: c\nssh: ${ssh}\nnodes:\n${nodes}\nvolumes: {}\n`);
      const contact = {
        onHostKey: () => undefined,
        onNotice: () => undefined,
        becomePassword: () => Promise.resolve(ok(undefined)),
        atOnce: 3,
      };
      const { signal } = new AbortController();
      await using cluster = await openCluster(desired, signal, () => undefined, contact);
      expect([...cluster.observed.nodes].map(([name, { kind }]) => [name, kind])).toEqual(
        names.map((name) => [name, 'failed']),
      );
      expect(most()).toBeLessThan(names.length);
      expect(most()).toBeGreaterThan(1);
      server.close();
    });

    test('not an SSH server', async () => {
      const server = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      const failure = await refusal(sshd.connector({ ...quick, port: portOf(server) }));
      expect(failure).toMatchObject({ code: 'node-unreachable' });
      server.close();
    });

    test('busy: it closes twice before the handshake, and accepts the third login', async () => {
      const server = await listen((socket, n) => {
        if (n === 0) socket.destroy();
        else if (n === 1) socket.end('Exceeded MaxStartups\r\n');
        else socket.pipe(connect(sshd.port, '127.0.0.1')).pipe(socket);
      });
      const port = portOf(server);
      const file = sshd.write(
        'proxied',
        sshd.knownHosts.replaceAll(`:${String(sshd.port)}`, `:${String(port)}`),
      );
      await using node = await sshd.connect({ port, knownHostsFile: file });
      expect(await node.exec(sh`true`, USUAL)).toMatchObject({ ok: true });
      expect(server.seen()).toBe(3);
      server.close();
    });

    test('always busy: it is tried three times and no more', async () => {
      const server = await listen((socket) => socket.resetAndDestroy());
      const failure = await refusal(sshd.connector({ port: portOf(server) }));
      expect(failure).toMatchObject({ code: 'node-unreachable' });
      expect(failure.cause).toContain('MaxStartups');
      expect(server.seen()).toBe(3);
      server.close();
    });

    test('a signal ends the waiting, before and during', async () => {
      const stop = new AbortController();
      const server = await listen(() => {
        stop.abort();
      });
      const connector = sshd.connector({ port: portOf(server) });
      expect(await refusal(connector, stop.signal)).toMatchObject({ code: 'interrupted', node: 'node01' });
      expect(await refusal(connector, stop.signal)).toMatchObject({ code: 'interrupted' });
      expect(server.seen()).toBe(1);
      server.close();
    });
  });

  test('many nodes in parallel: a failure at one does not touch the others, and all close', async () => {
    const names = Array.from({ length: 12 }, (_, n) => nodeName(`n${String(n)}`));
    const closed = await freePort();
    const connector = sshConnector(
      new Map(
        names.map((name, n) => [
          name,
          { address: '127.0.0.1', ssh: sshd.settings(n === 5 ? { port: closed } : {}) },
        ]),
      ),
    );
    const answers = await Promise.all(names.map(async (name) => await connector.connect(name, {})));
    expect(answers.map((answer) => answer.ok)).toEqual(names.map((_, n) => n !== 5));
    const open = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
    expect(open.map(({ node }) => node)).toEqual(names.filter((_, n) => n !== 5));
    await Promise.all(open.map(async (connection) => await connection[Symbol.asyncDispose]()));
    await Promise.all(open.map(async ({ closed: gone }) => await gone));
  });
});
