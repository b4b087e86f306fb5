/**
 * The routes of all nodes, each asked for once. Owns what is said to the user about the configuration as a
 * whole; connects to nothing.
 */
import type { Failure } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { SshSettings } from '../model/desired.ts';
import { routeOf, strongOptions, USER, wantsNoChecking, type Route } from './route.ts';
import { SshConfig, type ConfigFiles } from './ssh-config.ts';
import { localSide, usualSearchPath } from './surroundings.ts';

export interface Destination {
  readonly address: string;
  readonly ssh: SshSettings;
}

/** A sentence for the user; called once for each. */
export type OnNotice = (sentence: string) => void;

export class Routes {
  readonly #config: SshConfig;
  readonly #local = localSide();
  readonly #notice: OnNotice;

  constructor(notice: OnNotice, files: ConfigFiles | undefined, searchPath?: string) {
    this.#config = new SshConfig(
      files ?? { user: `${this.#local.home}/.ssh/config`, system: '/etc/ssh/ssh_config' },
      searchPath ?? usualSearchPath(),
    );
    const said = new Set<string>();
    this.#notice = (sentence) => {
      if (!said.has(sentence)) notice(sentence);
      said.add(sentence);
    };
  }

  /** Of all nodes, in their order. */
  async ofNodes(nodes: readonly Destination[]): Promise<readonly Result<Route, Failure>[]> {
    const reads = nodes.some(({ ssh }) => ssh.configFile === undefined);
    if (reads && this.#config.cannotRead)
      this.#notice('ssh_config is not read: there is no ssh in PATH that could; the built-in defaults hold');
    try {
      return await Promise.all(
        nodes.map(async (node) => await this.#of(node, USER, [`Host *`, `  User ${USER}`])),
      );
    } finally {
      await this.#config.clean();
    }
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
