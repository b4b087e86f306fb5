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
import { nodeName, type NodeName } from '../model/names.ts';
import type { Link } from './channel.ts';
import { exec } from './exec.ts';
import { HostKeyCheck, KnownHostsFiles } from './host-key.ts';
import { findIdentities, type Identities, type KeyPlaces } from './identity.ts';
import {
  CONNECT_RETRIES,
  DISCONNECT_TIMEOUT_MS,
  MAX_CHANNELS,
  NODES_AT_ONCE,
  RETRY_BACKOFF_MS,
  Slots,
} from './limits.ts';
import { logIn, type LoginOutcome } from './login.ts';
import type { IdentitySettings, Route } from './route.ts';
import { Routes, type Destination, type OnNotice } from './routes.ts';
import { openSession } from './session.ts';
import type { ConfigFiles } from './ssh-config.ts';
import { usualPlaces } from './surroundings.ts';
import { interrupted, place, type Target } from './target.ts';

export interface SshOptions {
  /** Where keys are searched; by default this user's agent and ~/.ssh. */
  readonly keys?: KeyPlaces;
  /** Called with each host key that `accept-new` accepted, so that it can be shown. */
  readonly onHostKeyRecorded?: (node: NodeName, fingerprint: string) => void;
  /** What the user should know of the configuration as a whole. */
  readonly onNotice?: OnNotice;
  readonly keepaliveIntervalMs?: number;
  /** Files of known hosts for all users; by default those of this machine. */
  readonly sharedKnownHosts?: readonly string[];
  /** ssh_config of the user and of the machine; by default where OpenSSH has them. */
  readonly configFiles?: ConfigFiles;
  /** Where ssh is searched; by default PATH. */
  readonly searchPath?: string;
}

export function sshConnector(nodes: ReadonlyMap<NodeName, Destination>, options: SshOptions = {}): Connector {
  const files = new KnownHostsFiles(options.sharedKnownHosts);
  const places = options.keys ?? usualPlaces();
  const logins = new Slots(NODES_AT_ONCE);
  const found = new Map<string, Promise<Identities>>();
  /** Keys are read and parsed once, for however many nodes. */
  const identitiesFor = (settings: IdentitySettings): Promise<Identities> => {
    const key = JSON.stringify(settings);
    const identities = found.get(key) ?? findIdentities(settings, places);
    found.set(key, identities);
    return identities;
  };
  const routeTo = routesOf(nodes, options);
  return {
    connect: async (node, { signal }) => {
      const settings = nodes.get(node);
      invariant(settings, `no SSH settings for node ${node}`);
      const route = await routeTo(node);
      if (!route.ok) return err({ ...route.error, node });
      const target: Target = { node, route: route.value, become: settings.ssh.become };
      if (route.value.via.kind !== 'direct') return err(noJumpHosts(target));
      const identities = await identitiesFor(route.value.identity);
      if (!(await logins.acquire(signal))) return err(interrupted(node, `connecting to ${place(target)}`));
      const outcome = await logInWithRetries(target, identities, files, options, signal).finally(() => {
        logins.release();
      });
      if (outcome.kind !== 'ready') return err(outcome.failure);
      return ok(new SshConnection(node, target, outcome.client, outcome.socket));
    },
  };
}

/** All are asked for together, when the first is needed. */
function routesOf(
  nodes: ReadonlyMap<NodeName, Destination>,
  { onNotice = () => undefined, configFiles, searchPath }: SshOptions,
): (node: NodeName) => Promise<Result<Route, Failure>> {
  let asked: Promise<ReadonlyMap<NodeName, Result<Route, Failure>>> | undefined;
  const ask = async (): Promise<ReadonlyMap<NodeName, Result<Route, Failure>>> => {
    const routes = await new Routes(onNotice, configFiles, searchPath).ofNodes([...nodes.values()]);
    return new Map(
      [...nodes.keys()].flatMap((node, at) => (routes[at] === undefined ? [] : [[node, routes[at]]])),
    );
  };
  return async (node) => {
    const route = (await (asked ??= ask())).get(node);
    invariant(route, `no route to node ${node}`);
    return route;
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
  const { connectTimeoutSeconds, keepalive } = target.route;
  const deadline = performance.now() + connectTimeoutSeconds * 1000;
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
      keepalive: { ...keepalive, intervalMs: options.keepaliveIntervalMs ?? keepalive.intervalMs },
      onHostKeyRecorded: (fingerprint: string) =>
        options.onHostKeyRecorded?.(nodeName(target.node), fingerprint),
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
  failure('invalid-input', 'jump hosts are not supported yet', {
    node: target.node,
    cause: `ssh_config has a ProxyJump or a ProxyCommand for ${target.route.destination}`,
    fix: 'connect from a host that reaches the nodes; ProxyJump none in ssh_config where none is needed',
  });

class SshConnection implements Connection {
  readonly node: NodeName;
  readonly closed: Promise<void>;
  readonly #link: Link;
  readonly #socket: Socket;

  constructor(node: NodeName, target: Target, client: Client, socket: Socket) {
    this.node = node;
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
