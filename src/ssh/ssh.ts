/**
 * Connections over SSH: logs in, keeps the connection alive, and runs scripts in channels. Nothing outside of
 * this folder sees the SSH library.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Client } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { invariant } from '../core/invariant.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Script } from '../core/shell.ts';
import type { Connection, Connector, ExecOptions, ExecResult, Session } from '../model/connection.ts';
import type { SshSettings } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { Link } from './channel.ts';
import { exec } from './exec.ts';
import { HostKeyCheck, KnownHostsFiles } from './host-key.ts';
import { findIdentities, usualPlaces, type Identities, type KeyPlaces } from './identity.ts';
import {
  CONNECT_RETRIES,
  DISCONNECT_TIMEOUT_MS,
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_MISSES,
  LOGINS_AT_ONCE,
  MAX_CHANNELS,
  RETRY_BACKOFF_MS,
  Slots,
} from './limits.ts';
import { logIn, type LoginOutcome } from './login.ts';
import { openSession } from './session.ts';
import { interrupted, place, type Target } from './target.ts';

export interface SshOptions {
  /** Where keys are searched; by default this user's agent and ~/.ssh. */
  readonly keys?: KeyPlaces;
  /** Called with each host key that `accept-new` accepted, so that it can be shown. */
  readonly onHostKeyRecorded?: (node: NodeName, fingerprint: string) => void;
  readonly keepaliveIntervalMs?: number;
  /** Files of known hosts for all users; by default those of this machine. */
  readonly sharedKnownHosts?: readonly string[];
}

export function sshConnector(
  nodes: ReadonlyMap<NodeName, { readonly address: string; readonly ssh: SshSettings }>,
  options: SshOptions = {},
): Connector {
  const files = new KnownHostsFiles(options.sharedKnownHosts);
  const places = options.keys ?? usualPlaces();
  const logins = new Slots(LOGINS_AT_ONCE);
  const found = new Map<string | undefined, Promise<Identities>>();
  /** Keys are read and parsed once, for however many nodes. */
  const identitiesFor = (identityFile: string | undefined): Promise<Identities> => {
    const identities = found.get(identityFile) ?? findIdentities(identityFile, places);
    found.set(identityFile, identities);
    return identities;
  };
  return {
    connect: async (node, { signal }) => {
      const settings = nodes.get(node);
      invariant(settings, `no SSH settings for node ${node}`);
      const target = { node, ...settings };
      if (target.ssh.proxyJump !== undefined) return err(noJumpHosts(target));
      const identities = await identitiesFor(target.ssh.identityFile);
      if (!(await logins.acquire(signal))) return err(interrupted(node, `connecting to ${place(target)}`));
      const outcome = await logInWithRetries(target, identities, files, options, signal).finally(() => {
        logins.release();
      });
      if (outcome.kind !== 'ready') return err(outcome.failure);
      return ok(new SshConnection(target, outcome.client, outcome.socket));
    },
  };
}

/**
 * Tries again where the server closed the connection before the handshake. All attempts together stay within
 * the connect timeout.
 */
async function logInWithRetries(
  target: Target,
  identities: Identities,
  files: KnownHostsFiles,
  options: SshOptions,
  signal: AbortSignal | undefined,
): Promise<LoginOutcome> {
  const deadline = performance.now() + target.ssh.connectTimeoutSeconds * 1000;
  for (let attempt = 0; ; attempt++) {
    if (signal?.aborted === true) {
      return { kind: 'failed', failure: interrupted(target.node, `connecting to ${place(target)}`) };
    }
    const hostKey = HostKeyCheck.open(target, files);
    if (!hostKey.ok) return { kind: 'failed', failure: hostKey.error };
    const login = {
      target,
      identities,
      hostKey: hostKey.value,
      keepalive: {
        intervalMs: options.keepaliveIntervalMs ?? KEEPALIVE_INTERVAL_MS,
        misses: KEEPALIVE_MISSES,
      },
      onHostKeyRecorded: (fingerprint: string) => options.onHostKeyRecorded?.(target.node, fingerprint),
    };
    const outcome = await logIn(login, Math.max(0, deadline - performance.now()), signal);
    // Jitter, so that clients that were refused together do not come back together.
    const pause = RETRY_BACKOFF_MS * 2 ** attempt * (0.5 + Math.random());
    const isLast = attempt >= CONNECT_RETRIES || performance.now() + pause >= deadline;
    if (outcome.kind !== 'hung-up' || isLast) return outcome;
    await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

const noJumpHosts = (target: Target): Failure =>
  failure('invalid-input', 'ssh.proxyJump is not supported yet', {
    node: target.node,
    cause: `proxyJump: ${target.ssh.proxyJump ?? ''}`,
    fix: 'run glusterctl on the jump host, or make the node reachable from here',
  });

class SshConnection implements Connection {
  readonly node: NodeName;
  readonly closed: Promise<void>;
  readonly #link: Link;
  readonly #socket: Socket;

  constructor(target: Target, client: Client, socket: Socket) {
    this.node = target.node;
    this.#socket = socket;
    const link: Link = { target, client, slots: new Slots(MAX_CHANNELS), lost: false };
    this.#link = link;
    this.closed = new Promise((resolve) => {
      const gone = (): void => {
        link.lost = true;
        link.slots.open();
        resolve();
      };
      if (socket.closed) gone();
      else client.once('close', gone);
    });
  }

  async exec(script: Script, options: ExecOptions): Promise<Result<ExecResult, Failure>> {
    return await exec(this.#link, script, options);
  }

  async session(
    script: Script,
    options: { readonly signal?: AbortSignal },
  ): Promise<Result<Session, Failure>> {
    return await openSession(this.#link, script, options.signal);
  }

  /**
   * Closes without waiting for an answer; a socket that accepts no more bytes is destroyed after a second.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#link.lost) return;
    const cut = setTimeout(() => this.#socket.destroy(), DISCONNECT_TIMEOUT_MS);
    this.#link.client.end();
    this.#socket.destroySoon();
    await this.closed;
    clearTimeout(cut);
  }
}
