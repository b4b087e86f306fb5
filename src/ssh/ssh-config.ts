/**
 * Asks `ssh -G` what OpenSSH's configuration says of a host, so that it is read by the program that defines
 * it. Owns the child processes and the file they are given; interprets no value.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { HostConfig, readConfigText, type ConfigText } from './config-text.ts';
import { CONFIG_TIMEOUT_MS, CONFIGS_AT_ONCE, Slots } from './limits.ts';
import { inWords } from './target.ts';

/** The files of this user and of this machine, in the order in which they win. */
export interface ConfigFiles {
  /** The home directory is the one of the user database, as for ssh itself. */
  readonly user: string;
  readonly system: string;
}

/** What is asked about one host. */
export interface ConfigQuestion {
  /** As it would be given to ssh. */
  readonly destination: string;
  /** Stronger than the configuration. */
  readonly options: readonly string[];
  /** A file that is read alone, or `none`; undefined: those of the user and the machine. */
  readonly configFile: string | undefined;
  /** Weaker than the configuration: the last lines. */
  readonly last: readonly string[];
}

export class SshConfig {
  readonly #files: ConfigFiles;
  readonly #program: string | undefined;
  readonly #slots = new Slots(CONFIGS_AT_ONCE);
  readonly #answers = new Map<string, Promise<Result<HostConfig | undefined, Failure>>>();
  readonly #generated = new GeneratedFiles();
  #defaults: Promise<Result<ConfigText, Failure>> | undefined;

  constructor(files: ConfigFiles, searchPath: string) {
    this.#files = files;
    this.#program = searchPath
      .split(delimiter)
      .map((directory) => join(directory, 'ssh'))
      .find(isExecutable);
  }

  /** There is something to read, and no ssh that could read it. */
  get cannotRead(): boolean {
    return this.#program === undefined && this.#present(undefined).length > 0;
  }

  /**
   * What is configured for a host; undefined where nothing is read. One process for all nodes that ask the
   * same.
   */
  async of(question: ConfigQuestion): Promise<Result<HostConfig | undefined, Failure>> {
    const key = JSON.stringify(question);
    const answer = this.#answers.get(key) ?? this.#ask(question);
    this.#answers.set(key, answer);
    return await answer;
  }

  async #ask(question: ConfigQuestion): Promise<Result<HostConfig | undefined, Failure>> {
    const { configFile, destination, options, last } = question;
    if (configFile === 'none') return ok(undefined);
    if (configFile !== undefined && !existsSync(configFile)) return err(noSuchFile(configFile));
    const files = this.#present(configFile);
    if (files.length === 0) return ok(undefined);
    if (this.#program === undefined)
      return configFile === undefined ? ok(undefined) : err(noProgram(configFile));
    const lines = [...files.map((file) => `Include ${quotedPath(file)}`), ...last];
    const words = [...options.flatMap((each) => ['-o', each]), '--', destination];
    const [defaults, said] = await Promise.all([
      (this.#defaults ??= this.#run(['-F', 'none', 'glusterctl.invalid'])),
      this.#generated.held(lines, async (file) => await this.#run(['-F', file, ...words])),
    ]);
    if (!said.ok) return said;
    return defaults.ok ? ok(new HostConfig(said.value, defaults.value)) : defaults;
  }

  #present(configFile: string | undefined): readonly string[] {
    if (configFile !== undefined) return configFile === 'none' ? [] : [configFile];
    return [this.#files.user, this.#files.system].filter((file) => existsSync(file));
  }

  async #run(args: readonly string[]): Promise<Result<ConfigText, Failure>> {
    const program = this.#program ?? 'ssh';
    const limits = { timeout: CONFIG_TIMEOUT_MS, maxBuffer: 1024 * 1024 };
    return await this.#slots.held(
      async () =>
        await new Promise((resolve) => {
          execFile(program, ['-T', '-G', ...args], limits, (error, stdout, stderr) => {
            if (error === null) resolve(ok(readConfigText(stdout)));
            else resolve(err(notUnderstood(stderr.trim() === '' ? inWords(error) : stderr.trim())));
          });
        }),
    );
  }
}

/** Files with the same lines are one file, which is there for as long as somebody reads it. */
class GeneratedFiles {
  readonly #files = new Map<string, { readonly directory: Promise<string>; readers: number }>();

  async held<T>(lines: readonly string[], read: (file: string) => Promise<T>): Promise<T> {
    const text = `${lines.join('\n')}\n`;
    const file = this.#files.get(text) ?? { directory: writeIn(text), readers: 0 };
    this.#files.set(text, file);
    file.readers += 1;
    try {
      return await read(join(await file.directory, 'config'));
    } finally {
      file.readers -= 1;
      if (file.readers === 0) {
        this.#files.delete(text);
        await rm(await file.directory, { recursive: true, force: true });
      }
    }
  }
}

async function writeIn(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'glusterctl-ssh-'));
  await writeFile(join(directory, 'config'), text, { mode: 0o600 });
  return directory;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Include takes patterns. */
const quotedPath = (path: string): string => `"${path.replaceAll(/[\\*?[\]"]/g, '\\$&')}"`;

const noSuchFile = (file: string): Failure =>
  failure('invalid-input', `the SSH configuration ${file} is not there`, {
    fix: 'give the path of an ssh_config file, or none',
  });

const noProgram = (file: string): Failure =>
  failure('invalid-input', `the SSH configuration ${file} cannot be read`, {
    cause: 'it is read by "ssh -G", and there is no ssh in PATH',
    fix: 'install openssh-client, or write the settings into the cluster file under ssh:',
  });

function notUnderstood(said: string): Failure {
  const [first = '', ...rest] = said.split('\n').slice(0, 5);
  return failure('invalid-input', 'ssh does not accept its configuration', {
    cause: first,
    fix: 'correct that line, or go on without the configuration: --ssh-config none',
    ...(rest.length > 0 && { details: rest }),
  });
}
