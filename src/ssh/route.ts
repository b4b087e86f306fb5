/**
 * How one host is reached: what flags and file say, then ssh_config, then the built-in defaults. Pure; names
 * what ssh_config says and this program cannot do.
 */
import type { HostConfig } from './config-text.ts';
import { quote } from '../core/shell.ts';
import type { SshSettings } from '../model/desired.ts';
import { KEEPALIVE_INTERVAL_MS, KEEPALIVE_MISSES } from './limits.ts';
import { expandCommand, expandPath, type LocalSide, type Tokens } from './tokens.ts';

export interface Route {
  /** As it was given: the name that ssh_config knows. */
  readonly destination: string;
  /** Where the socket goes. */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identity: IdentitySettings;
  readonly knownHosts: KnownHostsSettings;
  readonly connectTimeoutSeconds: number;
  readonly keepalive: { readonly intervalMs: number; readonly misses: number };
  readonly via: Via;
  readonly algorithms: ConfiguredAlgorithms;
  /** Keywords that are configured and have no effect here; named where they would have decided. */
  readonly unsupported: readonly string[];
  /** The same login by OpenSSH. */
  readonly byHand: string;
}

export type Via =
  | { readonly kind: 'direct' }
  /** From here to there, each as `[user@]host[:port]`, and the ssh_config that the node is to use. */
  | { readonly kind: 'jump'; readonly hosts: readonly string[]; readonly configFile: string | undefined }
  /** Undefined: a value in it would mean something to the shell. */
  | { readonly kind: 'command'; readonly command: string | undefined };

export interface IdentitySettings {
  /** That key and no other. */
  readonly only: string | undefined;
  /** Those of ssh_config; undefined: the usual files. */
  readonly files: readonly string[] | undefined;
  /** No key of the agent but those of the files. */
  readonly isOnlyFiles: boolean;
  /** A socket, or "none"; undefined: the one of the environment. */
  readonly agent: string | undefined;
}

export interface KnownHostsSettings {
  /** A new key is recorded in the first. */
  readonly files: readonly string[];
  /** For all users of this machine; read as well, and never written. */
  readonly shared: readonly string[] | undefined;
  /** Keys that are refused, one a line, for every host. */
  readonly revoked: readonly string[];
  /** The name under which the key is on record. */
  readonly name: string;
  readonly port: number;
  readonly isHashed: boolean;
  readonly checking: 'yes' | 'accept-new';
}

/** As ssh_config has them; undefined: the built-in ones. */
export interface ConfiguredAlgorithms {
  readonly kex: readonly string[] | undefined;
  readonly cipher: readonly string[] | undefined;
  readonly hmac: readonly string[] | undefined;
  readonly serverHostKey: readonly string[] | undefined;
}

export const USER = 'root';
const PORT = 22;
const CONNECT_TIMEOUT_SECONDS = 10;
const CONNECT_TIMEOUT_SECONDS_MAX = 600;

/** What is stronger than ssh_config: the part that decides which of its blocks match, and its tokens. */
export const strongOptions = ({ user, port, proxyJump }: SshSettings): readonly string[] => [
  ...(user === undefined ? [] : [`User=${user}`]),
  ...(port === undefined ? [] : [`Port=${String(port)}`]),
  ...(proxyJump === undefined ? [] : [`ProxyJump=${proxyJump}`]),
];

/** `defaultUser` is that of a host whose user nobody names. `config` is undefined where none was read. */
export function routeOf(
  destination: string,
  settings: SshSettings,
  config: HostConfig | undefined,
  local: LocalSide,
  defaultUser: string,
): Route {
  const hostName = config?.effective('hostname') ?? destination;
  const port = settings.port ?? Number(config?.effective('port') ?? PORT);
  const user = settings.user ?? config?.effective('user') ?? defaultUser;
  const hostKeyAlias = config?.first('hostkeyalias');
  const tokens: Tokens = { destination, hostName, hostKeyAlias, port, user, local };
  return {
    destination,
    hostName,
    port,
    user,
    identity: identityOf(settings, config, tokens),
    knownHosts: {
      files:
        settings.knownHostsFile === undefined
          ? (config?.paths('userknownhostsfile') ?? [`${local.ownHome}/.ssh/known_hosts`])
          : [settings.knownHostsFile],
      shared: config?.paths('globalknownhostsfile'),
      revoked: config?.paths('revokedhostkeys') ?? [],
      name: hostKeyAlias ?? hostName,
      port: hostKeyAlias === undefined ? port : PORT,
      isHashed: config?.first('hashknownhosts') === 'yes',
      checking: settings.strictHostKeyChecking ?? configuredChecking(config),
    },
    connectTimeoutSeconds: settings.connectTimeoutSeconds ?? configuredTimeout(config),
    keepalive: keepaliveOf(config),
    via: viaOf(settings, config, tokens),
    algorithms: {
      kex: config?.list('kexalgorithms'),
      cipher: config?.list('ciphers'),
      hmac: config?.list('macs'),
      serverHostKey: config?.list('hostkeyalgorithms'),
    },
    unsupported: unsupportedIn(config),
    byHand: byHandOf(destination, user, settings, config),
  };
}

/** It asks for what is never done: a host key that nobody checks. */
export const wantsNoChecking = (settings: SshSettings, config: HostConfig | undefined): boolean =>
  settings.strictHostKeyChecking === undefined &&
  ['no', 'off', 'false'].includes(config?.first('stricthostkeychecking') ?? '');

const configuredChecking = (config: HostConfig | undefined): 'yes' | 'accept-new' =>
  config?.first('stricthostkeychecking') === 'accept-new' ? 'accept-new' : 'yes';

function identityOf(
  { identityFile }: SshSettings,
  config: HostConfig | undefined,
  tokens: Tokens,
): IdentitySettings {
  const agent = config?.first('identityagent');
  const files = config?.configured('identityfile')?.filter((file) => file !== 'none');
  return {
    only: identityFile,
    files: files?.map((file) => expandPath(file, tokens)),
    isOnlyFiles: config?.first('identitiesonly') === 'yes',
    agent: agent === undefined || agent === 'SSH_AUTH_SOCK' ? undefined : agentSocket(agent, tokens),
  };
}

/** `$NAME` stands for the value of that variable. */
const agentSocket = (agent: string, tokens: Tokens): string =>
  agent.startsWith('$') && !agent.startsWith('${')
    ? (tokens.local.env[agent.slice(1)] ?? 'none')
    : expandPath(agent, tokens);

function configuredTimeout(config: HostConfig | undefined): number {
  const seconds = config?.number('connecttimeout') ?? 0;
  return seconds < 1 ? CONNECT_TIMEOUT_SECONDS : Math.min(seconds, CONNECT_TIMEOUT_SECONDS_MAX);
}

/**
 * A dead connection is found in time for the lock, whatever is configured: only sooner than that is possible.
 */
function keepaliveOf(config: HostConfig | undefined): Route['keepalive'] {
  const intervalMs = (config?.number('serveraliveinterval') ?? 0) * 1000;
  const misses = Number(config?.effective('serveralivecountmax') ?? 3);
  const latest = KEEPALIVE_INTERVAL_MS * (KEEPALIVE_MISSES + 1);
  return intervalMs > 0 && misses > 0 && intervalMs * (misses + 1) <= latest
    ? { intervalMs, misses }
    : { intervalMs: KEEPALIVE_INTERVAL_MS, misses: KEEPALIVE_MISSES };
}

function viaOf({ proxyJump, configFile }: SshSettings, config: HostConfig | undefined, tokens: Tokens): Via {
  const jump = proxyJump ?? config?.first('proxyjump');
  if (jump !== undefined)
    return jump === 'none' ? DIRECT : { kind: 'jump', hosts: jump.split(','), configFile };
  const command = config?.first('proxycommand');
  if (command === undefined || command === 'none') return DIRECT;
  return { kind: 'command', command: expandCommand(command, tokens) };
}

const DIRECT: Via = { kind: 'direct' };

/** Each with the values that ask for nothing. */
const UNSUPPORTED: readonly (readonly [key: string, name: string, idle: readonly string[]])[] = [
  ['certificatefile', 'CertificateFile', ['none']],
  ['pkcs11provider', 'PKCS11Provider', ['none']],
  ['securitykeyprovider', 'SecurityKeyProvider', ['none', 'internal']],
  ['gssapiauthentication', 'GSSAPIAuthentication', ['no']],
  ['knownhostscommand', 'KnownHostsCommand', ['none']],
  ['addressfamily', 'AddressFamily', ['any']],
  ['bindaddress', 'BindAddress', ['none']],
  ['bindinterface', 'BindInterface', ['none']],
  ['pubkeyauthentication', 'PubkeyAuthentication', ['yes', 'true']],
  ['proxyusefdpass', 'ProxyUseFdpass', ['no']],
];

const unsupportedIn = (config: HostConfig | undefined): readonly string[] =>
  UNSUPPORTED.filter(([key, , idle]) => {
    const value = config?.first(key);
    return value !== undefined && !idle.includes(value);
  }).map(([, name]) => name);

/** Only what ssh would not find out by itself. */
function byHandOf(
  destination: string,
  user: string,
  settings: SshSettings,
  config: HostConfig | undefined,
): string {
  const { configFile, proxyJump, port, identityFile, knownHostsFile } = settings;
  const isNamed = settings.user === undefined && config !== undefined && user !== USER;
  return [
    'ssh',
    ...(configFile === undefined ? [] : ['-F', quote(configFile)]),
    ...(proxyJump === undefined ? [] : ['-J', quote(proxyJump)]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(identityFile === undefined ? [] : ['-i', quote(identityFile)]),
    ...(knownHostsFile === undefined ? [] : ['-o', quote(`UserKnownHostsFile=${knownHostsFile}`)]),
    quote(isNamed ? destination : `${user}@${destination}`),
    'true',
  ].join(' ');
}
