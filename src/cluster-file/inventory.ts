/**
 * `inventory:` of a cluster file: what it asks for, and the nodes that were found there put among those of
 * the file, which win key by key. Reads no inventory.
 */
import { mistake, type Mistake } from './mistake.ts';
import { parseYaml } from './parse.ts';
import { isMapping, type Entry, type Tree } from './tree.ts';

type Scalar = string | number | boolean;

/** A node that stands in an inventory, with what is said of it there. */
export interface NodeElsewhere {
  readonly name: string;
  readonly address: string;
  readonly ssh: Readonly<Record<string, Scalar | undefined>>;
}

interface Spot {
  readonly line: number;
  readonly column: number;
}

export interface AskedInventory {
  readonly files: readonly { readonly path: string; readonly at: Spot }[];
  readonly group: string;
  readonly groupAt: Spot;
  /** The variable that is gluster's name of a node. */
  readonly name: string;
}

/** Undefined: it asks for none, or in a way that is a mistake of the file. */
export function askedInventory(text: string): AskedInventory | undefined {
  // Most files have none, and are parsed once.
  if (!text.includes('inventory')) return undefined;
  const { root, lines } = parseYaml(text);
  const entry = root?.entries.get('inventory');
  if (entry === undefined) return undefined;
  const spot = (at: number): Spot => {
    const { line, col } = lines.linePos(at);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const at = (key: string): Tree | undefined => entry.tree.entries.get(key)?.tree;
  const file = at('file');
  const texts = (file?.items.length ?? 0) > 0 ? (file?.items ?? []) : file === undefined ? [] : [file];
  const [group, name] = [at('group'), at('name')];
  if (texts.length === 0 || texts.some((t) => typeof t.value !== 'string' || t.value === ''))
    return undefined;
  return {
    files: texts.map((t) => ({ path: String(t.value), at: spot(t.at) })),
    group: typeof group?.value === 'string' ? group.value : 'all',
    groupAt: spot(group?.at ?? entry.keyAt),
    name: typeof name?.value === 'string' ? name.value : 'inventory_hostname',
  };
}

/** The tree of a file whose nodes stand in it. */
export function withNodes(root: Tree, nodes: readonly NodeElsewhere[]): Tree {
  const asking = root.entries.get('inventory');
  if (asking === undefined) return root;
  const at = asking.keyAt;
  const own = root.entries.get('nodes');
  const found = treeOf(
    Object.fromEntries(
      nodes.map(({ name, address, ssh }) => [name, { ...(address !== name && { address }), ssh }]),
    ),
    at,
  );
  // A shape that is wrong is reported where it stands.
  if (own !== undefined && !isMapping(own.tree) && own.tree.value !== null) return root;
  const merged = over(found, own?.tree);
  return withEntry(root, 'nodes', { keyAt: own?.keyAt ?? at, tree: merged });
}

/** Where a file names an inventory and is read without it. */
export function inventoryUnread(root: Tree): readonly Mistake[] {
  const entry = root.entries.get('inventory');
  return entry === undefined
    ? []
    : [mistake(entry.keyAt, ['inventory'], 'was not read; name its files as text, one or a list')];
}

/** `upper` wins, down to the single key. */
function over(lower: Tree, upper: Tree | undefined): Tree {
  if (upper === undefined || upper.value === null) return lower;
  if (!isMapping(lower) || !isMapping(upper)) return upper;
  let tree = lower;
  for (const [key, entry] of upper.entries) {
    const below = lower.entries.get(key)?.tree;
    tree = withEntry(tree, key, below === undefined ? entry : { ...entry, tree: over(below, entry.tree) });
  }
  return tree;
}

function withEntry(tree: Tree, key: string, entry: Entry): Tree {
  const entries = new Map(tree.entries).set(key, entry);
  return { ...tree, entries, value: Object.fromEntries([...entries].map(([k, e]) => [k, e.tree.value])) };
}

type Plain = Scalar | { readonly [key: string]: Plain | undefined };

function treeOf(value: Plain, at: number): Tree {
  const leaf = { at, items: [], weight: 1, entries: new Map<string, Entry>() };
  if (typeof value !== 'object') return { ...leaf, value, text: String(value) };
  const empty: Tree = { ...leaf, value: {}, text: undefined };
  return Object.entries(value).reduce(
    (tree, [key, of]) =>
      of === undefined ? tree : withEntry(tree, key, { keyAt: at, tree: treeOf(of, at) }),
    empty,
  );
}

/** All nodes of a file, as it could say them itself. */
export function nodesOf(text: string, nodes: readonly NodeElsewhere[]): unknown {
  const { root } = parseYaml(text);
  return root === undefined ? {} : withNodes(root, nodes).entries.get('nodes')?.tree.value;
}
