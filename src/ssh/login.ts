/**
 * One attempt to log in: socket, host key, authentication, all within a deadline. Gives a client that is
 * ready, or a failure, and whether another attempt could help. Makes none itself.
 */
import type { Duplex } from 'node:stream';
import { Client, type Algorithms, type AnyAuthMethod, type AuthenticationType } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { quote } from '../core/shell.ts';
import { algorithms } from './algorithms.ts';
import type { HostKeyCheck } from './host-key.ts';
import { authMethod, type Identities } from './identity.ts';
import { errorCode, inWords, interrupted, place, unreachable, type Target } from './target.ts';
import type { Pipe } from './transport.ts';

export interface Login {
  readonly target: Target;
  readonly identities: Identities;
  readonly hostKey: HostKeyCheck;
  readonly keepalive: { readonly intervalMs: number; readonly misses: number };
  /** Called with a key that was recorded under accept-new. */
  readonly onHostKeyRecorded: (fingerprint: string) => void;
}

export type LoginOutcome =
  | { readonly kind: 'ready'; readonly client: Client }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The server closed the connection before the handshake was done: busy, most likely. */
  | { readonly kind: 'hung-up'; readonly failure: Failure };

/** How far the attempt came, for the text of a failure. */
interface Progress {
  handshakeDone: boolean;
  readonly tried: string[];
  accepted: readonly string[];
  agentFailed: boolean;
}

const nothingDone = (): Progress => ({
  handshakeDone: false,
  tried: [],
  accepted: [],
  agentFailed: false,
});

/** Ends the stream of the pipe unless the login succeeds. */
export async function logIn(
  login: Login,
  pipe: Pipe,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<LoginOutcome> {
  const { target } = login;
  const progress = nothingDone();
  const offered = algorithms(login.hostKey.knownTypes, target.route.algorithms);
  const { stream } = pipe;
  if (!offered.ok) {
    stream.destroy();
    return { kind: 'failed', failure: nothingToOffer(target, offered.error) };
  }
  const client = new Client();
  return await new Promise((resolve) => {
    const finish = (outcome: LoginOutcome): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (outcome.kind !== 'ready') stream.destroy();
      resolve(outcome);
    };
    const fail = (why: Failure): void => {
      finish({ kind: 'failed', failure: why });
    };
    const onAbort = (): void => {
      fail(interrupted(target.node, `connecting to ${place(target)}`));
    };
    const timer = setTimeout(() => {
      fail(timedOut(target, progress, pipe));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    client.on('handshake', () => {
      progress.handshakeDone = true;
      const recorded = login.hostKey.record();
      if (!recorded.ok) fail(recorded.error);
      else if (recorded.value !== undefined) login.onHostKeyRecorded(recorded.value);
    });
    client.on('ready', () => {
      finish({ kind: 'ready', client });
    });
    // Stays for the client's whole life: an 'error' without a listener would end the program. 'close' reports
    // what follows from it.
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level === 'agent') progress.agentFailed = true;
      else finish(explain(login, progress, pipe, error));
    });
    client.once('close', () => {
      finish(explain(login, progress, pipe, undefined));
    });
    try {
      client.connect(config(login, offered.value, stream, progress));
    } catch (error) {
      fail(unreachable(target, inWords(error)));
    }
  });
}

function config(
  login: Login,
  offered: Algorithms,
  stream: Duplex,
  progress: Progress,
): Parameters<Client['connect']>[0] {
  const { target, identities, hostKey, keepalive } = login;
  const { user } = target.route;
  const untried = [...identities.usable];
  let askedNone = false;
  const next = (accepted: AuthenticationType[] | null): AnyAuthMethod | false => {
    if (accepted !== null) progress.accepted = accepted;
    const identity = untried.shift();
    if (identity !== undefined) {
      progress.tried.push(identity.name);
      return authMethod(user, identity);
    }
    if (askedNone) return false;
    // Some servers authenticate by the network alone. Last, so that it costs a round trip only where all else
    // failed.
    askedNone = true;
    return { type: 'none', username: user };
  };
  return {
    sock: stream,
    username: user,
    hostVerifier: (key: Buffer) => hostKey.verify(key),
    authHandler: next,
    algorithms: offered,
    readyTimeout: 0,
    keepaliveInterval: keepalive.intervalMs,
    keepaliveCountMax: keepalive.misses,
  };
}

function explain(login: Login, progress: Progress, pipe: Pipe, error: Error | undefined): LoginOutcome {
  const { target, hostKey } = login;
  if (hostKey.refusal !== undefined) return { kind: 'failed', failure: hostKey.refusal };
  if (progress.handshakeDone) return { kind: 'failed', failure: loginRefused(login, progress, error) };
  // Only an established connection is reset, even where 'connect' has not been emitted before.
  const hungUp =
    ['ECONNRESET', 'EPIPE'].includes(errorCode(error) ?? '') ||
    (pipe.isOpen() && (error === undefined || error.message === 'Connection lost before handshake'));
  if (!hungUp)
    return {
      kind: 'failed',
      failure: unreachable(target, error === undefined ? 'the socket was closed' : inWords(error)),
    };
  const lastWords = pipe.lastWords();
  if (lastWords !== undefined) return { kind: 'failed', failure: unreachable(target, lastWords) };
  return {
    kind: 'hung-up',
    failure: unreachable(
      target,
      'it closed the connection before the handshake (MaxStartups, or not an SSH server)',
    ),
  };
}

const nothingToOffer = (target: Target, keyword: string): Failure =>
  failure('node-unreachable', `nothing that ${keyword} of ssh_config names is supported`, {
    node: target.node,
    cause: `ssh_config, for ${target.route.destination}`,
    fix: `name at least one usual algorithm in ${keyword}, or give --ssh-config none`,
  });

function loginRefused(login: Login, progress: Progress, error: Error | undefined): Failure {
  const { target, identities } = login;
  const { user, port, hostName, byHand, unsupported } = target.route;
  const tried =
    progress.tried.length > 0 ? `tried: ${[...new Set(progress.tried)].join(', ')}` : 'no key to try';
  const reason = error === undefined ? 'it closed the connection during the login' : inWords(error);
  const known = reason === 'All configured authentication methods failed';
  const isCrowd = /too many authentication failures/i.test(reason) && identities.agentKeys > 1;
  const unused = unsupported.filter((name) => decidesLogin(name, progress));
  const details = [
    ...(progress.agentFailed ? ['the agent did not answer as it should'] : []),
    ...identities.notes,
    ...(progress.accepted.length > 0 ? [`the server accepts: ${progress.accepted.join(', ')}`] : []),
  ];
  const cause = known ? tried : `${reason}; ${tried}`;
  const copy = `ssh-copy-id -p ${String(port)} ${quote(`${user}@${hostName}`)}`;
  return failure('auth-failed', `cannot log in as ${user} at ${place(target)}`, {
    node: target.node,
    cause: [
      isCrowd ? `${reason}: the agent offered ${String(identities.agentKeys)} keys` : cause,
      ...unused.map(notSupported),
    ].join('; '),
    fix:
      (isCrowd
        ? 'name the right key: IdentityFile and IdentitiesOnly yes in ssh_config, or identityFile in the file'
        : `${copy}, or ssh-add the right key, or name it as identityFile`) + `; try by hand: ${byHand}`,
    ...(details.length > 0 ? { details } : {}),
  });
}

/** Whether the login might have worked with it. */
const decidesLogin = (name: string, { accepted }: Progress): boolean =>
  name === 'GSSAPIAuthentication'
    ? accepted.some((method) => method.startsWith('gssapi'))
    : ['CertificateFile', 'PKCS11Provider', 'SecurityKeyProvider', 'PubkeyAuthentication'].includes(name);

const notSupported = (name: string): string => `ssh_config names ${name}, which glusterctl does not support`;

const DECIDES_ADDRESS = new Set(['AddressFamily', 'BindAddress', 'BindInterface']);

function timedOut(target: Target, progress: Progress, pipe: Pipe): Failure {
  const seconds = `${String(target.route.connectTimeoutSeconds)} s`;
  let cause = `no answer to the TCP connect within ${seconds}`;
  if (progress.handshakeDone) cause = `the login was not finished within ${seconds}`;
  else if (pipe.stream.readableDidRead) cause = `the key exchange was not finished within ${seconds}`;
  else if (pipe.isOpen()) {
    cause = `it accepted the connection but sent no SSH banner within ${seconds}: the host or its sshd hangs`;
  }
  const unused = target.route.unsupported.filter((name) => DECIDES_ADDRESS.has(name));
  return failure('timeout', `cannot connect to ${place(target)} in time`, {
    node: target.node,
    cause: [cause, ...unused.map(notSupported)].join('; '),
    fix: `check the node, or raise connectTimeoutSeconds; try by hand: ${target.route.byHand}`,
  });
}
