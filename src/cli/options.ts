/** Options and arguments that several commands have. Owns their words; reads no value but its own. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { JUMP_HOSTS } from '../cluster-file/limits.ts';
import { failure, FailureError } from '../core/failure.ts';
import { type Document, formatsOf } from './formats.ts';

export const FILE = 'cluster file; - for standard input';

/** The formats that can print this document; `json` says what `--json` prints. */
export const withFormat = (command: Command, document: Document, json = 'short for --format json'): Command =>
  command
    .addOption(new Option('--format <format>', 'how to print').choices(formatsOf(document)).default('text'))
    .option('--json', json);

/** `--json` wins over the default of `--format`. */
export const asked = <Flags extends { readonly format: string }>(
  flags: Flags & { readonly json?: boolean },
): Flags => (flags.json === true ? { ...flags, format: 'json' } : flags);

/** What every command has that changes a cluster. */
export const withChange = (command: Command): Command =>
  withFormat(command, 'change', 'short for --format json: one event a line').option(
    '-y, --yes',
    'do not ask',
  );

export const repeated = (name: string, about: string): Option =>
  new Option(name, about)
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], 'none');

export const allowDestroy = (): Option =>
  repeated(
    '--allow-destroy <subject>',
    'allow destructive steps on it (volume/NAME, brick/NODE:/PATH); may be repeated',
  );

export const prefer = (): Option =>
  repeated(
    '--prefer <choice>',
    'whose copy of a volume is right: volume/NAME=NODE; which uuid is the own one of a node: ' +
      'node/NAME=UUID; may be repeated',
  );

/** Volume → node, and node/NAME → uuid, of every `--prefer`. */
export const preferences = (given: readonly string[]): ReadonlyMap<string, string> =>
  new Map(given.map(readPreference));

function readPreference(text: string): readonly [string, string] {
  const [, volume, node] = /^volume\/([^=]+)=(.+)$/.exec(text) ?? [];
  if (volume !== undefined && node !== undefined) return [volume, node];
  const [, subject, uuid] = /^(node\/[^=]+)=(.+)$/.exec(text) ?? [];
  if (subject !== undefined && uuid !== undefined) return [subject, uuid.toLowerCase()];
  throw new FailureError(
    failure('invalid-input', `--prefer ${text} is not understood`, {
      fix: 'write --prefer volume/NAME=NODE, or --prefer node/NAME=UUID',
    }),
  );
}

/** Decisions about transactions that did not end. */
export const withConsent = (command: Command): Command =>
  command
    .addOption(
      repeated(
        '--finish <id>',
        'take back what this unfinished transaction did, though old or changed since',
      ),
    )
    .addOption(
      repeated(
        '--discard-changes <subject>',
        'put a volume (volume/NAME) back as it was before it, without what others changed since',
      ),
    );

export const without = (): Option =>
  repeated('--without <node>', 'go on without a node that is gone; may be repeated');

export const newDisk = (): Option =>
  repeated(
    '--new-disk <subject>',
    'the disk of this brick (brick/NODE:/PATH) is new, though its mount does not show it; may be repeated',
  );

export const withSsh = (command: Command): Command =>
  command
    .optionsGroup('SSH (each wins over the file, the file over ssh_config):')
    .option('-F, --ssh-config <file>', 'ssh_config to read instead of ~/.ssh/config; none reads none')
    .option('-u, --user <name>', 'login')
    .option('-p, --port <port>', 'port', integer(1, 65535))
    .option('-J, --proxy-jump <host[,host]>', 'jump hosts, as [user@]host[:port]; none: directly', jumpHosts)
    .option('-i, --identity-file <path>', 'private key')
    .option('--known-hosts <path>', 'known_hosts file')
    .option('--accept-new', 'record host keys that are not known yet; a changed key is always refused')
    .option('--become', 'run through sudo')
    .option('-K, --ask-become-pass', 'ask once for the password that sudo wants on the nodes')
    .option(
      '--become-password-file <path>',
      'read that password from a file of mode 0600; - is standard input',
    )
    .option('--no-input', 'never ask anything')
    .option('--connect-timeout <seconds>', 'limit for connecting to a node', integer(1, 600))
    .option('--forks <n>', 'nodes connected and read at the same time (default 50)', integer(1, 1000))
    .optionsGroup('Options:')
    .option('-v', 'say on stderr what is asked of each node, and how long it took')
    .option('--log-file <path>', 'append the same to this file, with all output; no secrets');

function jumpHosts(text: string): string {
  if (!new RegExp(JUMP_HOSTS).test(text))
    throw new InvalidArgumentError('write [user@]host[:port], several separated by commas');
  return text;
}

export const wait = (): Option =>
  new Option(
    '--wait <duration>',
    'limit for each heal or move of files: 90s, 15m, 12h, 2d (default 7d)',
  ).argParser(duration);

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** In milliseconds. */
export function duration(text: string): number {
  const [, amount, unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (amount === undefined || !(unit in UNIT_MS))
    throw new InvalidArgumentError('a whole number and s, m, h or d, as in 15m');
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a whole number from ${String(min)} to ${String(max)}`);
    return value;
  };
