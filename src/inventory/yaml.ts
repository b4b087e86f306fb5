/**
 * A YAML inventory, and the YAML files of variables beside one. Refuses tags, which only a program can
 * resolve, and an inventory that is made by a plugin.
 */
import { NODES_MAX } from '../cluster-file/limits.ts';
import { pathText } from '../cluster-file/mistake.ts';
import { parseYaml } from '../cluster-file/parse.ts';
import { isEmpty, isMapping, shown, type Entry, type Tree } from '../cluster-file/tree.ts';
import { type Content, type Place, resolvedElsewhere, type Value, type Variables } from './content.ts';
import { hostsOf } from './host-pattern.ts';
import { isTemplate } from './literal.ts';

const VAULT = /^\$ANSIBLE_VAULT;/;

export function readYaml(text: string, file: string, content: Content): void {
  const reader = readerOf(text, file, content, () => true);
  if (reader === undefined) return;
  const plugin = reader.root.entries.get('plugin');
  if (plugin !== undefined) {
    reader.refuse(plugin.keyAt, `is made by a plugin; ${resolvedElsewhere(file)}`);
    return;
  }
  for (const [name, { tree }] of mappingOf(reader.root, reader)) readGroup(name, tree, reader);
}

/** A file of group_vars or host_vars. What is wrong in a variable that nobody reads is nobody's concern. */
export function readVariableFile(text: string, file: string, content: Content): Variables {
  const reader = readerOf(text, file, content, (key) => key === undefined || /^ansible_/.test(String(key)));
  return reader === undefined ? new Map<never, never>() : variablesOf(reader.root, reader);
}

interface Reader {
  readonly root: Tree;
  readonly at: (offset: number) => Place;
  readonly refuse: (offset: number, why: string) => void;
  readonly content: Content;
}

function readerOf(
  text: string,
  file: string,
  content: Content,
  counts: (key: string | number | undefined) => boolean,
): Reader | undefined {
  if (VAULT.test(text)) {
    content.refuse({ file, line: 1, column: 1 }, `is a vault; ${resolvedElsewhere(file)}`);
    return undefined;
  }
  const noTags = `has a YAML tag (of a vault?); ${resolvedElsewhere(file)}`;
  const { root, findings, lines } = parseYaml(text, { name: 'an inventory', noTags });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const wrong = findings.filter(({ path }) => counts(path[0]));
  for (const { at: offset, path, reason } of wrong)
    content.refuse(at(offset), path.length === 0 ? reason : `${pathText(path)}: ${reason}`);
  if (root === undefined || wrong.length > 0) return undefined;
  return {
    root,
    at,
    refuse: (offset, why) => {
      content.refuse(at(offset), why);
    },
    content,
  };
}

function readGroup(name: string, tree: Tree, reader: Reader): void {
  const group = reader.content.group(name);
  for (const [key, { keyAt, tree: part }] of mappingOf(tree, reader)) {
    if (key === 'hosts')
      for (const [host, entry] of mappingOf(part, reader)) readHosts(host, entry, group.hosts, reader);
    else if (key === 'children')
      for (const [child, entry] of mappingOf(part, reader)) {
        group.children.set(child, reader.at(entry.keyAt));
        readGroup(child, entry.tree, reader);
      }
    else if (key === 'vars') for (const [k, v] of variablesOf(part, reader)) group.variables.set(k, v);
    else reader.refuse(keyAt, `group "${name}" has "${key}"; a group has hosts, children and vars`);
  }
}

function readHosts(pattern: string, { keyAt, tree }: Entry, hosts: Set<string>, reader: Reader): void {
  const { content, at, refuse } = reader;
  const found = isTemplate(pattern)
    ? `is a template; ${resolvedElsewhere(at(keyAt).file)}`
    : hostsOf(pattern, NODES_MAX);
  if (typeof found === 'string') {
    refuse(keyAt, `${JSON.stringify(pattern)} ${found}`);
    return;
  }
  const variables = variablesOf(tree, reader);
  if (found.port !== undefined && !variables.has('ansible_port'))
    variables.set('ansible_port', { value: found.port, at: at(keyAt) });
  for (const name of found.names) {
    hosts.add(name);
    const own = content.host(name, at(keyAt));
    for (const [key, value] of variables) own.set(key, value);
  }
}

const variablesOf = (tree: Tree, reader: Reader): Variables =>
  new Map(
    [...mappingOf(tree, reader)].map(([key, entry]) => [
      key,
      { value: valueOf(entry.tree), at: reader.at(entry.keyAt) },
    ]),
  );

/** A single word stands for a mapping of that one key. */
function mappingOf(tree: Tree, { refuse }: Reader): ReadonlyMap<string, Entry> {
  if (isMapping(tree)) return tree.entries;
  if (isEmpty(tree)) return new Map();
  if (typeof tree.value === 'string') {
    const empty: Tree = { ...tree, value: null, text: undefined };
    return new Map([[tree.value, { keyAt: tree.at, tree: empty }]]);
  }
  refuse(tree.at, `must be a mapping, but is ${shown(tree)}`);
  return new Map();
}

/** YAML 1.1, which Ansible reads, gives numbers in other spellings another value. */
function valueOf({ value, text }: Tree): Value['value'] {
  if (typeof value === 'string') return isTemplate(value) ? undefined : value;
  if (typeof value === 'number') return String(value) === text ? value : undefined;
  return typeof value === 'boolean' || value === null ? value : undefined;
}
