/**
 * Connections over SSH: logs in, keeps the connection alive, and runs scripts in channels. Nothing outside of
 * this folder sees the SSH library.
 */

import type { Duplex } from 'node:stream';
import type { Failure } from '../core/failure.ts';
import { invariant } from '../core/invariant.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Script } from '../core/shell.ts';
import type { Connection, Connector, ExecOptions, ExecResult, Session } from '../model/connection.ts';
import type { NodeName } from '../model/names.ts';
import type { Link } from './channel.ts';
import { Dialer, type Line } from './dial.ts';
import { exec } from './exec.ts';
import { KnownHostsFiles } from './host-key.ts';
import { findIdentities, type Identities, type KeyPlaces } from './identity.ts';
import { DISCONNECT_TIMEOUT_MS, MAX_CHANNELS, NODES_AT_ONCE, Slots } from './limits.ts';
import { becomeRoot, type AskPassword } from './root.ts';
import type { Route } from './route.ts';
import { Routes, type Destination, type RouteOptions } from './routes.ts';
import { openSession } from './session.ts';
import { usualPlaces } from './surroundings.ts';
import { interrupted, place, type Target } from './target.ts';

export interface SshOptions extends RouteOptions {
  /** Asked before, so that it need not be asked again; by default made of these options. */
  readonly routes?: Routes;
  /** Where keys are searched; by default this user's agent and ~/.ssh. */
  readonly keys?: KeyPlaces;
  /** Called with each host key that `accept-new` accepted, so that it can be shown. */
  readonly onHostKeyRecorded?: (host: string, fingerprint: string) => void;
  /** Asked where sudo wants a password; undefined: there is none. */
  readonly becomePassword?: (node: NodeName) => ReturnType<AskPassword>;
  readonly keepaliveIntervalMs?: number;
  /** Files of known hosts for all users; by default those of this machine. */
  readonly sharedKnownHosts?: readonly string[];
}

export function sshConnector(nodes: ReadonlyMap<NodeName, Destination>, options: SshOptions = {}): Connector {
  const places = options.keys ?? usualPlaces();
  const logins = new Slots(NODES_AT_ONCE);
  const found = new Map<string, Promise<Identities>>();
  const routes = options.routes ?? new Routes(options);
  const routeTo = routesOf(nodes, routes);
  const dialer = new Dialer({
    files: new KnownHostsFiles(options.sharedKnownHosts),
    /** Keys are read and parsed once, for however many nodes. */
    identitiesFor: (settings) => {
      const key = JSON.stringify(settings);
      const identities = found.get(key) ?? findIdentities(settings, places);
      found.set(key, identities);
      return identities;
    },
    routeToJumpHost: async (hosts, configFile) => await routes.toJumpHost(hosts, configFile),
    onHostKeyRecorded: options.onHostKeyRecorded ?? (() => undefined),
    keepaliveIntervalMs: options.keepaliveIntervalMs,
  });
  const refused = new Map<NodeName, Failure>();
  return {
    connect: async (node, { signal }) => {
      const settings = nodes.get(node);
      invariant(settings, `no SSH settings for node ${node}`);
      // A wrong password is not sent a second time: accounts are locked after a few.
      const before = refused.get(node);
      if (before !== undefined) return err(before);
      const ask: AskPassword = async () => (await options.becomePassword?.(node)) ?? ok(undefined);
      const route = await routeTo(node);
      if (!route.ok) return err({ ...route.error, node });
      const target: Target = { node, route: route.value, become: settings.ssh.become };
      if (!(await logins.acquire(signal))) return err(interrupted(node, `connecting to ${place(target)}`));
      const line = await dialer.dial(target, signal).finally(() => {
        logins.release();
      });
      if (!line.ok) return line;
      const connection = new SshConnection(node, target, line.value);
      const why = target.become ? await connection.becomeRoot(ask, signal) : undefined;
      if (why === undefined) return ok(connection);
      if (why.code === 'sudo-password-wrong') refused.set(node, why);
      await connection[Symbol.asyncDispose]();
      return err(why);
    },
  };
}

/** All are asked for together, when the first is needed. */
function routesOf(
  nodes: ReadonlyMap<NodeName, Destination>,
  all: Routes,
): (node: NodeName) => Promise<Result<Route, Failure>> {
  let asked: Promise<ReadonlyMap<NodeName, Result<Route, Failure>>> | undefined;
  const ask = async (): Promise<ReadonlyMap<NodeName, Result<Route, Failure>>> => {
    const routes = await all.ofNodes([...nodes.values()]);
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

class SshConnection implements Connection {
  readonly node: NodeName;
  readonly closed: Promise<void>;
  readonly #link: Link;
  readonly #stream: Duplex;

  constructor(node: NodeName, target: Target, { client, stream }: Line) {
    this.node = node;
    this.#stream = stream;
    const link: Link = {
      target,
      client,
      slots: new Slots(MAX_CHANNELS),
      lost: false,
      root: { kind: 'login' },
    };
    this.#link = link;
    this.closed = new Promise((resolve) => {
      const gone = (): void => {
        link.lost = true;
        link.slots.open();
        resolve();
      };
      if (stream.closed) gone();
      else client.once('close', gone);
    });
  }

  async becomeRoot(ask: AskPassword, signal: AbortSignal | undefined): Promise<Failure | undefined> {
    return await becomeRoot(this.#link, ask, signal);
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
   * Closes without waiting for an answer; a stream that accepts no more bytes is destroyed after a second.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#link.lost) return;
    const stream = this.#stream;
    const cut = setTimeout(() => stream.destroy(), DISCONNECT_TIMEOUT_MS);
    stream.once('finish', () => stream.destroy());
    this.#link.client.end();
    await this.closed;
    clearTimeout(cut);
  }
}
