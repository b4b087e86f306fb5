/**
 * The inventory that a cluster file names, read from its files and resolved. Owns access to those files; runs
 * none of them.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../core/diagnostic.ts';
import { askedInventory, type AskedInventory } from '../cluster-file/inventory.ts';
import { type InventoryFile, type Resolved, resolveInventory, type TextFile } from '../inventory/resolve.ts';

export type Inventory = Resolved;

/** The cluster file, as it was given. */
interface Source {
  readonly file: string;
  readonly text: string;
  readonly directory: string;
}

const FOLDERS = ['group_vars', 'host_vars'];
/** Files of variables beside one inventory, and the depth of their folders. */
const FILES_MAX = 10_000;
const DEPTH_MAX = 8;

/** Undefined: the file names none. */
export async function readInventory(source: Source): Promise<Inventory | undefined> {
  const asked = askedInventory(source.text);
  if (asked === undefined) return undefined;
  const read = await Promise.all(asked.files.map((file) => readOne(file, source)));
  const mistakes = read.flatMap((r) => ('message' in r ? [r] : []));
  if (mistakes.length > 0) return { nodes: [], mistakes, warnings: [] };
  const files = read.flatMap((r) => ('message' in r ? [] : [r]));
  return resolveInventory({ ...asked, files, groupAt: { file: source.file, ...asked.groupAt } });
}

async function readOne(
  { path: written, at }: AskedInventory['files'][number],
  { file, directory }: Source,
): Promise<InventoryFile | Diagnostic> {
  const whole = resolve(directory, written.startsWith('~/') ? join(homedir(), written.slice(2)) : written);
  // As an editor started here finds it.
  const shown = whole.startsWith(`${directory}/`) && file !== '-' ? join(dirname(file), written) : written;
  const refuse = (why: string): Diagnostic => ({
    severity: 'error',
    file,
    ...at,
    message: `inventory.file: ${written} ${why}`,
  });
  try {
    const status = await stat(whole);
    if (status.isDirectory()) return refuse('is a directory; name the files in it');
    const beside = await Promise.all(
      FOLDERS.map((folder) => readFolder(dirname(whole), folder, dirname(shown))),
    );
    return {
      path: shown,
      text: await readFile(whole, 'utf8'),
      isExecutable: (status.mode & 0o111) !== 0,
      beside: new Map(beside.flat()),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const cause = error instanceof Error ? error.message : String(error);
    return refuse(code === 'ENOENT' ? 'cannot be read: there is no such file' : `cannot be read: ${cause}`);
  }
}

type Found = readonly [string, TextFile];

/** Every file below, by its path from the folder of the inventory. */
async function readFolder(root: string, path: string, shown: string, depth = 0): Promise<readonly Found[]> {
  const entries = await readdir(join(root, path)).catch(() => []);
  if (entries.length > FILES_MAX || depth > DEPTH_MAX) throw new Error(`${path} holds too much`);
  const found = await Promise.all(
    entries.map(async (name): Promise<readonly Found[]> => {
      const below = `${path}/${name}`;
      const status = await stat(join(root, below));
      if (status.isDirectory()) return await readFolder(root, below, shown, depth + 1);
      return [[below, { path: join(shown, below), text: await readFile(join(root, below), 'utf8') }]];
    }),
  );
  return found.flat();
}
