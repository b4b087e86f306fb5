/**
 * Checks the tree against the schema and reports mistakes in words. Owns the translation of ajv's errors;
 * nothing else sees them.
 */
import type { ErrorObject } from 'ajv';
import { validate } from './cluster.validate.js';
import { absurd, InternalError } from '../core/invariant.ts';
import { mistake, type Mistake, type Path } from './mistake.ts';
import type { ClusterFile } from './schema.ts';
import { didYouMean } from '../core/suggest.ts';
import { count } from '../core/text.ts';
import { isEmpty, shown, type Tree } from './tree.ts';

interface Shaped {
  /** Set when the shape is valid. */
  readonly file: ClusterFile | undefined;
  readonly findings: readonly Mistake[];
}

export function checkShape(root: Tree): Shaped {
  if (validate(root.value)) return { file: root.value, findings: [] };
  return { file: undefined, findings: (validate.errors ?? []).flatMap((error) => translate(error, root)) };
}

function translate(error: ErrorObject, root: Tree): Mistake[] {
  const keyword = keywordOf(error);
  // These two only sum up errors that are listed beside them.
  if (keyword === undefined) return [];
  const place = find(root, error.instancePath);
  const reason = describe(keyword, error, place.tree);
  const key = keyword === 'additionalProperties' ? param(error, 'additionalProperty') : error.propertyName;
  if (key === undefined) return [mistake(place.at, place.path, reason)];
  return [mistake(place.tree.entries.get(key)?.keyAt ?? place.at, [...place.path, key], reason)];
}

const KEYWORDS = [
  'additionalProperties',
  'enum',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'pattern',
  'required',
  'type',
] as const;
type Keyword = (typeof KEYWORDS)[number];

const SUMMARIES: readonly string[] = ['if', 'propertyNames'];

function keywordOf(error: ErrorObject): Keyword | undefined {
  if (SUMMARIES.includes(error.keyword)) return undefined;
  const known = KEYWORDS.find((keyword) => keyword === error.keyword);
  if (known === undefined) throw new InternalError(`the schema uses "${error.keyword}", which has no words`);
  return known;
}

function describe(keyword: Keyword, error: ErrorObject, tree: Tree): string {
  const limit = Number(param(error, 'limit'));
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(error);
    case 'required':
      return `"${param(error, 'missingProperty') ?? ''}" is missing`;
    case 'type':
      return `must be ${typeWords(error.schema)}, but is ${shown(tree)}`;
    case 'enum':
      return unknownWord(error, tree);
    case 'pattern':
      return words(error, 'patternErrorMessage');
    case 'minimum':
      return `must be at least ${String(limit)}`;
    case 'maximum':
      return `must be at most ${String(limit)}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'must not be empty';
    case 'maxLength':
      return `must not be longer than ${count(limit, 'character')}`;
    case 'maxItems':
    case 'maxProperties':
      return `must not hold more than ${count(limit, 'item')}`;
    default:
      return absurd(keyword);
  }
}

function unknownKey(error: ErrorObject): string {
  const known = Object.keys(record(record(error.parentSchema)['properties']));
  const near = didYouMean(param(error, 'additionalProperty') ?? '', known);
  return `unknown key${near === '' ? `; known here: ${known.join(', ')}` : near}`;
}

function unknownWord(error: ErrorObject, tree: Tree): string {
  const allowed = Array.isArray(error.schema) ? error.schema.map(String) : [];
  const near = tree.text === undefined ? '' : didYouMean(tree.text, allowed);
  return `must be ${either(allowed)}, but is ${shown(tree)}${near}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'a mapping',
  string: 'text',
};

function typeWords(schema: unknown): string {
  const names: unknown[] = Array.isArray(schema) ? schema : [schema];
  return either(names.flatMap((name) => TYPE_WORDS[String(name)] ?? []));
}

const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;

function find(root: Tree, pointer: string): { tree: Tree; path: Path; at: number } {
  const path: (string | number)[] = [];
  let tree = root;
  let { at } = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const entry = tree.entries.get(name);
    const next = entry?.tree ?? tree.items[Number(name)];
    if (next === undefined) break;
    path.push(entry === undefined ? Number(name) : name);
    // A mapping begins at its first key, so a mistake of the whole mapping is shown at the key that holds it.
    at = entry !== undefined && (isEmpty(next) || next.entries.size > 0) ? entry.keyAt : next.at;
    tree = next;
  }
  return { tree, path, at };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

function param(error: ErrorObject, name: string): string | undefined {
  const value = record(error.params)[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

const words = (error: ErrorObject, name: string): string => String(record(error.parentSchema)[name]);
