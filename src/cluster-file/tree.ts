/**
 * YAML nodes → a tree of plain values that keep their position and their spelling. Owns aliases, merge keys
 * and duplicate keys, because messages need the positions of those. Refuses keys that are not plain words.
 */
import { isAlias, isMap, isPair, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { mistake, type Mistake, type Path } from './mistake.ts';
import { EXPANDED_NODES_MAX } from './limits.ts';
import { didYouMean } from '../core/suggest.ts';
import { printable, quoted } from './text.ts';

export interface Tree {
  /** Offset of the value. */
  readonly at: number;
  /** Plain data, without positions. */
  readonly value: unknown;
  /** A scalar as it was written: `on`, `020`, `1GB`. */
  readonly text: string | undefined;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly items: readonly Tree[];
  /** YAML nodes below and including this one, aliases counted each time they are used. */
  readonly weight: number;
}

export interface Entry {
  /** Offset of the key. */
  readonly keyAt: number;
  readonly tree: Tree;
}

interface Planted {
  readonly root: Tree;
  readonly findings: readonly Mistake[];
}

export function plantTree(contents: unknown): Planted {
  const planter = new Planter();
  const root = planter.plant(contents, [], 0);
  return { root, findings: planter.findings };
}

const NONE: Tree = { at: 0, value: null, text: undefined, entries: new Map(), items: [], weight: 1 };
const leaf = (at: number, value: unknown = null, text?: string): Tree => ({ ...NONE, at, value, text });

/** One pass in file order. A tree under an anchor is built once and shared by all its aliases. */
class Planter {
  readonly findings: Mistake[] = [];
  /** `undefined`: its tree is not finished yet. */
  readonly #anchors = new Map<string, Tree | undefined>();

  plant(node: unknown, path: Path, at: number): Tree {
    if (isAlias(node)) return this.#alias(node.source, path, offset(node, at));
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const tree = this.#fresh(node, path, at);
    if (anchor !== undefined) this.#anchors.set(anchor, tree);
    return tree;
  }

  #fresh(node: unknown, path: Path, at: number): Tree {
    if (isScalar(node)) return leaf(offset(node, at), node.value, written(node));
    if (isSeq(node)) return this.#sequence(node, path, offset(node, at));
    if (isMap(node)) return this.#mapping(node, path, offset(node, at));
    return leaf(at);
  }

  #sequence(node: YAMLSeq, path: Path, at: number): Tree {
    const items = node.items.map((item, i) => this.plant(item, [...path, i], at));
    const weight = this.#weigh(at, path, items);
    return {
      ...NONE,
      at,
      value: weight.fits ? items.map((item) => item.value) : [],
      items,
      weight: weight.sum,
    };
  }

  #mapping(node: YAMLMap, path: Path, at: number): Tree {
    const own = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const pair of node.items) {
      if (!isPair(pair)) continue;
      const key = this.#key(pair.key, path, at);
      if (key === undefined) continue;
      const value = this.plant(pair.value, [...path, key.name], key.at);
      const earlier = own.get(key.name);
      if (key.merge) merged.push(value);
      else if (earlier === undefined) own.set(key.name, { keyAt: key.at, tree: value });
      else this.#report(key.at, [...path, key.name], 'is given twice; remove one of the two');
    }
    const entries = this.#merge(own, merged, path);
    const trees = [...entries.values()].map((entry) => entry.tree);
    const weight = this.#weigh(at, path, trees);
    const pairs = [...entries].map(([name, entry]) => [name, entry.tree.value] as const);
    const value = weight.fits ? Object.fromEntries(pairs) : {};
    return { ...NONE, at, value, entries, weight: weight.sum };
  }

  #key(node: unknown, path: Path, at: number): { name: string; at: number; merge: boolean } | undefined {
    const keyAt = offset(node, at);
    const tree = this.plant(node, path, keyAt);
    if (tree.text === undefined) {
      this.#report(keyAt, path, 'a key must be a single word, not a list or a mapping');
      return undefined;
    }
    // Other readers of YAML know the key by its value, this one by its text: both must be the same word.
    const read = typeof tree.value === 'string' ? tree.value : JSON.stringify(tree.value);
    if (tree.value === null || read !== tree.text) {
      this.#report(
        keyAt,
        path,
        `YAML takes the key ${quoted(tree.text)} for something else; put it in quotes`,
      );
      return undefined;
    }
    // A quoted "<<" is an ordinary (if odd) key, as the YAML merge specification has it.
    const merge = isScalar(node) && node.type === 'PLAIN' && tree.text === '<<';
    return { name: tree.text, at: keyAt, merge };
  }

  /** The mapping's own keys win; among merged mappings the first to name a key does. */
  #merge(own: Map<string, Entry>, merged: readonly Tree[], path: Path): Map<string, Entry> {
    if (merged.length === 0) return own;
    const entries = new Map(own);
    for (const source of merged.flatMap((tree) => (tree.items.length > 0 ? tree.items : [tree]))) {
      if (!isMapping(source)) this.#report(source.at, [...path, '<<'], 'can merge only mappings');
      for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  #alias(name: string, path: Path, at: number): Tree {
    const target = this.#anchors.get(name);
    if (target !== undefined) return target;
    const reason = this.#anchors.has(name)
      ? `*${printable(name)} is used inside its own anchor &${printable(name)}`
      : `no anchor &${printable(name)} is defined above${didYouMean(name, this.#anchors.keys())}`;
    this.#report(at, path, reason);
    return leaf(at);
  }

  #weigh(at: number, path: Path, parts: readonly Tree[]): { sum: number; fits: boolean } {
    const sum = parts.reduce((total, part) => total + part.weight, 1);
    if (sum <= EXPANDED_NODES_MAX) return { sum, fits: true };
    this.#report(at, path, `its aliases expand to more than ${String(EXPANDED_NODES_MAX)} values`);
    return { sum: 1, fits: false };
  }

  #report(at: number, path: Path, reason: string): void {
    this.findings.push(mistake(at, path, reason));
  }
}

export const isMapping = (tree: Tree): boolean =>
  typeof tree.value === 'object' && tree.value !== null && !Array.isArray(tree.value);

export const isEmpty = (tree: Tree): boolean => tree.value === null;

/** A value for messages. */
export function shown(tree: Tree): string {
  if (isEmpty(tree)) return 'empty';
  if (tree.text !== undefined) return quoted(tree.text);
  return isMapping(tree) ? 'a mapping' : 'a list';
}

/** Quotes and folding undone; numbers and words as they are spelled. */
function written(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

function offset(node: unknown, otherwise: number): number {
  if (!isAlias(node) && !isScalar(node) && !isMap(node) && !isSeq(node)) return otherwise;
  return node.range?.[0] ?? otherwise;
}
