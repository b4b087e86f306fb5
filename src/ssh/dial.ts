/**
 * Opens the way to a host and logs in there: directly, by a command, or through jump hosts. One connection to
 * a jump host serves all nodes behind it, and is closed with the last of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { HostKeyCheck, type KnownHostsFiles } from './host-key.ts';
import type { Identities } from './identity.ts';
import { CONNECT_RETRIES, JUMP_RETRY_AFTER_MS, RETRY_BACKOFF_MS } from './limits.ts';
import { logIn } from './login.ts';
import type { IdentitySettings, Route, Via } from './route.ts';
import { interrupted, place, unreachable, type Target } from './target.ts';
import { openCommand, openForward, openSocket, type Pipe } from './transport.ts';

/** A login that succeeded, and what it runs over. */
export interface Line {
  readonly client: Client;
  readonly stream: Duplex;
}

/** What a dialer needs from the connector. */
export interface Switchboard {
  readonly files: KnownHostsFiles;
  readonly identitiesFor: (settings: IdentitySettings) => Promise<Identities>;
  /** The last of these hosts, reached through those before it. */
  readonly routeToJumpHost: (
    hosts: readonly string[],
    configFile: string | undefined,
  ) => Promise<Result<Route, Failure>>;
  readonly onHostKeyRecorded: (host: string, fingerprint: string) => void;
  readonly keepaliveIntervalMs: number | undefined;
}

/** A jump host that is connected, for as long as somebody holds it. */
interface Shared {
  readonly line: Promise<Result<Line, Failure>>;
  holders: number;
}

interface Held {
  readonly client: Client;
  readonly name: string;
  readonly release: () => void;
}

export class Dialer {
  readonly #board: Switchboard;
  readonly #jumpHosts = new Map<string, Shared>();

  constructor(board: Switchboard) {
    this.#board = board;
  }

  /** `way`: the jump hosts that wait for this connection. */
  async dial(
    target: Target,
    signal: AbortSignal | undefined,
    way: readonly string[] = [],
  ): Promise<Result<Line, Failure>> {
    const { via } = target.route;
    if (via.kind === 'command' && via.command === undefined) return err(unsafeCommand(target));
    const held = via.kind === 'jump' ? await this.#hold(target, via, signal, way) : undefined;
    if (held?.ok === false) return err({ ...held.error, node: target.node });
    const line = await this.#logIn(target, held?.value, signal);
    if (!line.ok) held?.value.release();
    else if (held !== undefined) line.value.stream.once('close', held.value.release);
    return line;
  }

  /**
   * Tries again where the server closed the connection before the handshake. All attempts together stay
   * within the connect timeout.
   */
  async #logIn(
    target: Target,
    through: Held | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Result<Line, Failure>> {
    const { connectTimeoutSeconds, keepalive, identity } = target.route;
    const identities = await this.#board.identitiesFor(identity);
    const deadline = performance.now() + connectTimeoutSeconds * 1000;
    const rest = (): number => Math.max(0, deadline - performance.now());
    for (let attempt = 0; ; attempt++) {
      if (signal?.aborted === true) return err(interrupted(target.node, `connecting to ${place(target)}`));
      const hostKey = HostKeyCheck.open(target, this.#board.files);
      if (!hostKey.ok) return hostKey;
      const pipe = await pipeTo(target, through, rest(), signal);
      if (!pipe.ok) return pipe;
      const login = {
        target,
        identities,
        hostKey: hostKey.value,
        keepalive: { ...keepalive, intervalMs: this.#board.keepaliveIntervalMs ?? keepalive.intervalMs },
        onHostKeyRecorded: (fingerprint: string) => {
          this.#board.onHostKeyRecorded(target.node, fingerprint);
        },
      };
      const outcome = await logIn(login, pipe.value, rest(), signal);
      if (outcome.kind === 'ready') return ok({ client: outcome.client, stream: pipe.value.stream });
      // Jitter, so that clients that were refused together do not come back together.
      const pause = RETRY_BACKOFF_MS * 2 ** attempt * (0.5 + Math.random());
      const isLast = attempt >= CONNECT_RETRIES || pause >= rest();
      if (outcome.kind !== 'hung-up' || isLast) return err(outcome.failure);
      await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    }
  }

  async #hold(
    { route: { destination } }: Target,
    { hosts, configFile }: Extract<Via, { kind: 'jump' }>,
    signal: AbortSignal | undefined,
    way: readonly string[],
  ): Promise<Result<Held, Failure>> {
    const route = await this.#board.routeToJumpHost(hosts, configFile);
    if (!route.ok) return route;
    const name = route.value.destination;
    const key = JSON.stringify(route.value);
    if (way.includes(key)) return err(loop(destination, name));
    const shared = this.#jumpHosts.get(key) ?? this.#connect(key, name, route.value, signal, way);
    shared.holders += 1;
    const line = await shared.line;
    if (!line.ok) return err({ ...line.error, title: `${line.error.title}, the jump host` });
    const { client } = line.value;
    return ok({
      client,
      name,
      release: once(() => {
        this.#letGo(key, shared, client);
      }),
    });
  }

  #connect(
    key: string,
    name: string,
    route: Route,
    signal: AbortSignal | undefined,
    way: readonly string[],
  ): Shared {
    const target = { node: name, route, become: false };
    const shared: Shared = { line: this.dial(target, signal, [...way, key]), holders: 0 };
    this.#jumpHosts.set(key, shared);
    const forget = (): void => {
      if (this.#jumpHosts.get(key) === shared) this.#jumpHosts.delete(key);
    };
    void shared.line.then((line) => {
      if (line.ok) line.value.client.once('close', forget);
      // A refused login is not repeated: some servers shut out a client that fails again and again.
      else if (!FINAL.has(line.error.code)) setTimeout(forget, JUMP_RETRY_AFTER_MS).unref();
    });
    return shared;
  }

  #letGo(key: string, shared: Shared, client: Client): void {
    shared.holders -= 1;
    if (shared.holders > 0) return;
    if (this.#jumpHosts.get(key) === shared) this.#jumpHosts.delete(key);
    client.end();
  }
}

const FINAL: ReadonlySet<Failure['code']> = new Set(['auth-failed', 'host-key-unknown', 'host-key-changed']);

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

async function pipeTo(
  target: Target,
  through: Held | undefined,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Result<Pipe, Failure>> {
  const { hostName, port, via } = target.route;
  if (through === undefined)
    return ok(
      via.kind === 'command' && via.command !== undefined
        ? openCommand(via.command)
        : openSocket(hostName, port),
    );
  const opened = await openForward(through.client, hostName, port, timeoutMs, signal);
  if (opened.ok) return opened;
  if (signal?.aborted === true) return err(interrupted(target.node, `connecting to ${place(target)}`));
  return err({
    ...unreachable(target, `${through.name}, the jump host: ${opened.error}`),
    fix:
      `check that ${through.name} reaches the node, and lets its sshd_config forward (AllowTcpForwarding, ` +
      `PermitOpen); try by hand: ${target.route.byHand}`,
  });
}

const unsafeCommand = (target: Target): Failure =>
  failure('invalid-input', `the ProxyCommand for ${target.route.destination} cannot be run`, {
    node: target.node,
    cause: 'a name in it would mean something to the shell',
    fix: 'give host and user names without such characters, or a ProxyJump',
  });

const loop = (destination: string, name: string): Failure =>
  failure('invalid-input', `the way to ${destination} leads back to ${name}`, {
    cause: 'a jump host is to be reached through itself',
    fix: `ssh_config needs ProxyJump none for ${name}`,
  });
