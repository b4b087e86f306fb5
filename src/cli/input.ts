/**
 * The cluster file as given on the command line: read, checked, with the SSH flags over it. Owns file access;
 * contacts no node.
 */
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { type Diagnostic, InvalidFile } from '../core/diagnostic.ts';
import { failure, FailureError } from '../core/failure.ts';
import { didYouMean } from '../core/suggest.ts';
import { type Loaded, loadDesired } from '../cluster-file/load.ts';
import type { Desired, SshSettings } from '../model/desired.ts';
import type { ContactFlags } from './contact-flags.ts';
import { type Inventory, readInventory } from './inventory-files.ts';
import { standardInput, workingDirectory } from './process.ts';

/** Of commands that can do without a node; as commander gives it. */
export interface WithoutFlags {
  readonly without?: readonly string[];
}

/** Of commands that can give a brick its new disk; as commander gives it. */
export interface NewDiskFlags {
  /** Subjects of bricks. */
  readonly newDisk?: readonly string[];
}

/** As commander gives them. */
export interface SshFlags extends ContactFlags {
  readonly sshConfig?: string;
  readonly proxyJump?: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly knownHosts?: string;
  readonly acceptNew?: boolean;
  readonly become?: boolean;
  readonly connectTimeout?: number;
}

export interface Source {
  /** As the user gave it. */
  readonly file: string;
  readonly text: string;
  readonly directory: string;
  /** The inventory that it names. */
  readonly inventory?: Inventory;
}

export async function readSource(file: string): Promise<Source> {
  const source = await readText(file);
  const inventory = await readInventory(source);
  return inventory === undefined ? source : { ...source, inventory };
}

async function readText(file: string): Promise<Source> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of standardInput()) chunks.push(chunk as Buffer);
    return { file, text: Buffer.concat(chunks).toString('utf8'), directory: workingDirectory() };
  }
  try {
    return { file, text: await readFile(file, 'utf8'), directory: dirname(resolve(file)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const cause =
      code === 'ENOENT'
        ? `there is no such file${await nearest(file)}`
        : code === 'EISDIR'
          ? 'it is a directory'
          : code;
    throw new FailureError(
      failure('invalid-input', `${file} cannot be read`, {
        cause,
        fix: 'give the path of a cluster file, or - for standard input',
      }),
    );
  }
}

/** Of the names beside it. */
const nearest = async (file: string): Promise<string> =>
  didYouMean(basename(file), await readdir(dirname(resolve(file))).catch(() => []));

export function load(
  source: Source,
  flags: SshFlags & WithoutFlags & NewDiskFlags,
): { readonly desired: Desired; readonly warnings: readonly Diagnostic[] } {
  const loaded = judge(source, flags);
  if (!loaded.ok) throw new InvalidFile(loaded.error);
  const { without = [], newDisk = [] } = flags;
  const desired = leaveOut(loaded.value, without);
  return {
    desired: newDisk.length === 0 ? desired : { ...desired, newDisks: newDisk },
    warnings: loaded.warnings,
  };
}

/** What the file means, or its mistakes. */
export function judge({ text, file, directory, inventory }: Source, flags: SshFlags): Loaded {
  if (inventory !== undefined && inventory.mistakes.length > 0)
    return { ok: false, error: inventory.mistakes };
  const settings = { home: homedir(), directory, flags: settingsOf(flags), inventory: inventory?.nodes };
  const loaded = loadDesired(text, file, settings);
  return loaded.ok ? { ...loaded, warnings: [...(inventory?.warnings ?? []), ...loaded.warnings] } : loaded;
}

/** Refuses a name that the file does not have, and to leave out every node. */
function leaveOut(desired: Desired, without: readonly string[]): Desired {
  const names = desired.nodes.map((n) => n.name);
  const unknown = without.filter((name) => !names.some((n) => n === name));
  if (unknown.length > 0)
    throw new FailureError(
      ...unknown.map((name) =>
        failure('invalid-input', `--without ${name}: the file names no such node${didYouMean(name, names)}`, {
          fix: 'give a node by its name in the cluster file; name it there first, if the file does not',
        }),
      ),
    );
  if (names.every((name) => without.includes(name)))
    throw new FailureError(
      failure('invalid-input', '--without names every node of the file', { fix: 'leave out fewer' }),
    );
  return {
    ...desired,
    nodes: desired.nodes.map((n) => (without.includes(n.name) ? { ...n, isLeftOut: true } : n)),
  };
}

export function settingsOf(flags: SshFlags): Partial<SshSettings> {
  const { sshConfig } = flags;
  return {
    ...(sshConfig !== undefined && { configFile: sshConfig === 'none' ? 'none' : resolve(sshConfig) }),
    ...(flags.proxyJump !== undefined && { proxyJump: flags.proxyJump }),
    ...(flags.user !== undefined && { user: flags.user }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags.identityFile !== undefined && { identityFile: resolve(flags.identityFile) }),
    ...(flags.knownHosts !== undefined && { knownHostsFile: resolve(flags.knownHosts) }),
    ...(flags.acceptNew === true && { strictHostKeyChecking: 'accept-new' as const }),
    ...(flags.become === true && { become: true }),
    ...(flags.connectTimeout !== undefined && { connectTimeoutSeconds: flags.connectTimeout }),
  };
}
