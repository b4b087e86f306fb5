/**
 * What can be read of a cluster file, even where parts of its shape are wrong: so the rules find their
 * mistakes in the same run. Owns reading the tree; omits what the schema has refused already.
 */
import type { LineCounter } from 'yaml';
import type { Path } from './mistake.ts';
import { isMapping, type Entry, type Tree } from './tree.ts';

/** A value and its place. */
interface Placed<T> {
  readonly value: T;
  readonly at: number;
  readonly path: Path;
}

export interface Written {
  readonly nodes: readonly WrittenNode[];
  readonly nodeNames: ReadonlySet<string>;
  readonly volumes: readonly WrittenVolume[];
  /** The file's own `ssh:` and those of the nodes. */
  readonly ssh: readonly WrittenSsh[];
  /** For messages that point to a second place. */
  readonly lineOf: (at: number) => number;
}

export interface WrittenNode {
  readonly name: Placed<string>;
  readonly address: Placed<string>;
  readonly port: number | undefined;
  /** It says `state: absent`. */
  readonly absent: boolean;
  readonly replaces: Placed<string> | undefined;
}

interface WrittenSsh {
  readonly identityFile: Placed<string> | undefined;
  readonly knownHostsFile: Placed<string> | undefined;
  readonly configFile: Placed<string> | undefined;
  readonly becomePasswordFile: Placed<string> | undefined;
  readonly port: number | undefined;
}

export interface WrittenVolume {
  readonly name: Placed<string>;
  readonly absent: boolean;
  /** Where it says `protect: true`. */
  readonly protect: Placed<true> | undefined;
  readonly replica: Placed<number> | undefined;
  readonly arbiter: Placed<number> | undefined;
  readonly disperse: Placed<number> | undefined;
  readonly redundancy: Placed<number> | undefined;
  readonly bricks: readonly WrittenBrick[];
  /** Every entry of `bricks` is in the list above, in place. */
  readonly bricksComplete: boolean;
  readonly options: readonly WrittenOption[];
}

export interface WrittenBrick extends Placed<string> {
  readonly node: string;
  /** As written; see the rules for what it must be. */
  readonly brickPath: string;
}

interface WrittenOption extends Placed<string> {
  readonly name: string;
  readonly keyAt: number;
}

export function readWritten(root: Tree, lines: LineCounter): Written {
  const fileSsh = readSsh(root, []);
  const nodeEntries = entriesOf(root, 'nodes');
  const nodes = nodeEntries.map(([name, entry]) => readNode(name, entry, fileSsh.port));
  return {
    nodes,
    nodeNames: new Set(nodes.map((node) => node.name.value)),
    volumes: entriesOf(root, 'volumes').map(([name, entry]) => readVolume(name, entry)),
    ssh: [fileSsh, ...nodeEntries.map(([name, entry]) => readSsh(entry.tree, ['nodes', name]))],
    lineOf: (at) => lines.linePos(at).line,
  };
}

function readNode(name: string, entry: Entry, filePort: number | undefined): WrittenNode {
  const path = ['nodes', name];
  const placedName = { value: name, at: entry.keyAt, path };
  return {
    name: placedName,
    address: textAt(entry.tree, path, 'address') ?? placedName,
    port: readSsh(entry.tree, path).port ?? filePort,
    absent: textAt(entry.tree, path, 'state')?.value === 'absent',
    replaces: textAt(entry.tree, path, 'replaces'),
  };
}

function readSsh(parent: Tree, parentPath: Path): WrittenSsh {
  const tree = parent.entries.get('ssh')?.tree;
  const path = [...parentPath, 'ssh'];
  return {
    identityFile: textAt(tree, path, 'identityFile'),
    knownHostsFile: textAt(tree, path, 'knownHostsFile'),
    configFile: textAt(tree, path, 'configFile'),
    becomePasswordFile: textAt(tree, path, 'becomePasswordFile'),
    port: numberAt(tree, path, 'port')?.value,
  };
}

function readVolume(name: string, entry: Entry): WrittenVolume {
  const { tree } = entry;
  const path = ['volumes', name];
  const brickTrees = tree.entries.get('bricks')?.tree.items ?? [];
  const bricks = brickTrees.flatMap((brick, i) => readBrick(brick, [...path, 'bricks', i]) ?? []);
  return {
    name: { value: name, at: entry.keyAt, path },
    absent: textAt(tree, path, 'state')?.value === 'absent',
    protect: trueAt(tree, path, 'protect'),
    replica: numberAt(tree, path, 'replica'),
    arbiter: numberAt(tree, path, 'arbiter'),
    disperse: numberAt(tree, path, 'disperse'),
    redundancy: numberAt(tree, path, 'redundancy'),
    bricks,
    bricksComplete: bricks.length > 0 && bricks.length === brickTrees.length,
    options: entriesOf(tree, 'options').flatMap(([key, option]) => readOption(key, option, path)),
  };
}

function readBrick(tree: Tree, path: Path): WrittenBrick | undefined {
  if (typeof tree.value !== 'string') return undefined;
  // gluster splits at the last colon. Node names may be IPv6 addresses, so this splits at the first ":/"; a
  // colon after it belongs to the path, where a rule refuses it.
  const colon = tree.value.indexOf(':/');
  if (colon <= 0 || tree.value.slice(0, colon).includes('/')) return undefined;
  const node = tree.value.slice(0, colon);
  return { value: tree.value, at: tree.at, path, node, brickPath: tree.value.slice(colon + 1) };
}

function readOption(name: string, entry: Entry, path: Path): WrittenOption[] {
  const { at, text, value } = entry.tree;
  if (text === undefined || value === null) return [];
  return [{ name, value: text, at, keyAt: entry.keyAt, path: [...path, 'options', name] }];
}

function entriesOf(parent: Tree, key: string): [string, Entry][] {
  const tree = parent.entries.get(key)?.tree;
  return tree !== undefined && isMapping(tree) ? [...tree.entries] : [];
}

function textAt(tree: Tree | undefined, path: Path, key: string): Placed<string> | undefined {
  const found = tree?.entries.get(key)?.tree;
  if (found === undefined || typeof found.value !== 'string') return undefined;
  return { value: found.value, at: found.at, path: [...path, key] };
}

function trueAt(tree: Tree, path: Path, key: string): Placed<true> | undefined {
  const found = tree.entries.get(key)?.tree;
  return found?.value === true ? { value: true, at: found.at, path: [...path, key] } : undefined;
}

function numberAt(tree: Tree | undefined, path: Path, key: string): Placed<number> | undefined {
  const found = tree?.entries.get(key)?.tree;
  if (found === undefined || typeof found.value !== 'number' || !Number.isInteger(found.value))
    return undefined;
  return { value: found.value, at: found.at, path: [...path, key] };
}
