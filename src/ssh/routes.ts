/**
 * The routes of all nodes, each asked for once. Owns what is said to the user about the configuration as a
 * whole; connects to nothing.
 */
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { NO_SSH_SETTINGS, type SshSettings } from '../model/desired.ts';
import { routeOf, strongOptions, USER, wantsNoChecking, type Route } from './route.ts';
import { SshConfig, type ConfigFiles } from './ssh-config.ts';
import { localSide, usualSearchPath } from './surroundings.ts';

export interface Destination {
  readonly address: string;
  readonly ssh: SshSettings;
}

export interface RouteOptions {
  /** What the user should know of the configuration as a whole; called once for each sentence. */
  readonly onNotice?: (sentence: string) => void;
  /** ssh_config of the user and of the machine; by default where OpenSSH has them. */
  readonly configFiles?: ConfigFiles;
  /** Where ssh is searched; by default PATH. */
  readonly searchPath?: string;
}

export class Routes {
  readonly #config: SshConfig;
  readonly #local = localSide();
  readonly #notice: (sentence: string) => void;

  constructor({ onNotice, configFiles, searchPath }: RouteOptions) {
    this.#config = new SshConfig(
      configFiles ?? { user: `${this.#local.home}/.ssh/config`, system: '/etc/ssh/ssh_config' },
      searchPath ?? usualSearchPath(),
    );
    const said = new Set<string>();
    this.#notice = (sentence) => {
      if (!said.has(sentence)) onNotice?.(sentence);
      said.add(sentence);
    };
  }

  /** Of all nodes, in their order. */
  async ofNodes(nodes: readonly Destination[]): Promise<readonly Result<Route, Failure>[]> {
    const reads = nodes.some(({ ssh }) => ssh.configFile === undefined);
    if (reads && this.#config.cannotRead)
      this.#notice('ssh_config is not read: there is no ssh in PATH that could; the built-in defaults hold');
    const last = ['Host *', `  User ${USER}`];
    return await Promise.all(nodes.map(async (node) => await this.#of(node, USER, last)));
  }

  /**
   * Of the last of these hosts, through those before it. It is a host of its own: nothing of the node's
   * settings goes to it but the file that is read, and its user is the one that ssh would take.
   */
  async toJumpHost(
    hosts: readonly string[],
    configFile: string | undefined,
  ): Promise<Result<Route, Failure>> {
    const before = hosts.slice(0, -1);
    const named = readJumpHost(hosts.at(-1) ?? '');
    if (named === undefined) return err(notAJumpHost(hosts.at(-1) ?? ''));
    const ssh = {
      ...NO_SSH_SETTINGS,
      user: named.user,
      port: named.port,
      proxyJump: before.length > 0 ? before.join(',') : undefined,
      configFile,
    };
    return await this.#of({ address: named.host, ssh }, this.#local.user, []);
  }

  async #of(
    { address, ssh }: Destination,
    defaultUser: string,
    last: readonly string[],
  ): Promise<Result<Route, Failure>> {
    const question = {
      destination: address,
      options: strongOptions(ssh),
      configFile: ssh.configFile,
      last,
    };
    const config = await this.#config.of(question);
    if (!config.ok) return config;
    if (wantsNoChecking(ssh, config.value))
      this.#notice(
        'ssh_config says "StrictHostKeyChecking no": host keys are verified nevertheless; ' +
          '--accept-new records new ones',
      );
    return ok(routeOf(address, ssh, config.value, this.#local, defaultUser));
  }
}

interface JumpHost {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

/** `[user@]host[:port]`, an IPv6 address in brackets. */
export function readJumpHost(text: string): JumpHost | undefined {
  const [, user, address, name, port] =
    /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:[\]@]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || host.startsWith('-')) return undefined;
  return { host, user, port: port === undefined ? undefined : Number(port) };
}

const notAJumpHost = (text: string): Failure =>
  failure('invalid-input', `"${text}" is no jump host`, { fix: 'write it as [user@]host[:port]' });
