/**
 * The nodes that an Ansible inventory names, from the text of its files. Runs nothing and guesses nothing:
 * what only Ansible could resolve is refused with its place.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import { didYouMean } from '../core/suggest.ts';
import { Content, resolvedElsewhere, type Variables } from './content.ts';
import { readIni } from './ini.ts';
import { type InventoryNode, nodeOfHost } from './node.ts';
import { type Beside, type Groups, groupsOf } from './variables.ts';
import { variableFilesOf } from './variable-files.ts';
import { readVariableFile, readYaml } from './yaml.ts';

export interface TextFile {
  /** For messages, and for what kind of file it is. */
  readonly path: string;
  readonly text: string;
}

export interface InventoryFile extends TextFile {
  /** Ansible would run it. */
  readonly isExecutable: boolean;
  /** Of `group_vars/` and `host_vars/` beside it: path from there, as `group_vars/all.yml`. */
  readonly beside: ReadonlyMap<string, TextFile>;
}

export interface Wanted {
  readonly files: readonly InventoryFile[];
  readonly group: string;
  /** The variable that is gluster's name of a node. */
  readonly name: string;
  /** Where the cluster file asks for it. */
  readonly groupAt: Pick<Diagnostic, 'file' | 'line' | 'column'>;
}

export interface Resolved {
  readonly nodes: readonly InventoryNode[];
  readonly mistakes: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

interface Read {
  readonly content: Content;
  readonly groups: Groups;
}

/** What all files together say; `content` collects what is wrong with them. */
export function contentOf(files: readonly InventoryFile[]): Read {
  const content = new Content();
  for (const file of files) readFile(file, content);
  const beside = files.map((file) => besideOf(file, content));
  return { content, groups: groupsOf(content, beside) };
}

export function resolveInventory({ files, group, name, groupAt }: Wanted): Resolved {
  const { content, groups } = contentOf(files);
  const names = [...new Set(['all', 'ungrouped', ...content.groups.keys()])];
  if (!names.includes(group))
    content.refuse(
      groupAt,
      `inventory.group: the inventory has no group "${group}"${didYouMean(group, names)}`,
    );
  const hosts = groups.hostsOf(group);
  if (hosts.length === 0 && content.mistakes.length === 0)
    content.refuse(groupAt, `inventory.group: group "${group}" has no hosts`);
  const nodes = hosts.flatMap((host) => nodeOfHost(host, groups.variablesOf(host), name, content) ?? []);
  const seen = new Map<string, InventoryNode>();
  for (const node of nodes) {
    const other = seen.get(node.name);
    seen.set(node.name, node);
    if (other !== undefined)
      content.refuse(node.at, `is called "${node.name}", as the host in line ${String(other.at.line)} is`);
  }
  return { nodes, mistakes: once(content.mistakes), warnings: once(content.warnings) };
}

/** What stands at a group is read for each of its hosts. */
const once = (said: readonly Diagnostic[]): readonly Diagnostic[] => [
  ...new Map(said.map((d) => [`${d.file}:${String(d.line)}:${String(d.column)}:${d.message}`, d])).values(),
];

function readFile({ path, text, isExecutable }: InventoryFile, content: Content): void {
  const start = { file: path, line: 1, column: 1 };
  const isYaml = /\.(ya?ml|json)$/.test(path);
  if (isExecutable || text.startsWith('#!'))
    content.refuse(start, `is a program, or marked as one (chmod -x); ${resolvedElsewhere(path)}`);
  else if (text.startsWith('$ANSIBLE_VAULT;'))
    content.refuse(start, `is a vault; ${resolvedElsewhere(path)}`);
  else if (path.endsWith('.toml')) content.refuse(start, `is TOML; ${resolvedElsewhere(path)}`);
  else if (isYaml || (!/\.[^/]*$/.test(path) && isLikeYaml(text))) readYaml(text, path, content);
  else readIni(text, path, content);
}

/** Of a file without an extension, the first line that is no comment shows it. */
function isLikeYaml(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  return /^(---|[\w.-]+:\s*(#.*)?$|\{)/.test(first);
}

function besideOf({ beside }: InventoryFile, content: Content): Beside {
  const known = new Map<string, Variables>();
  const read = (folder: string, name: string): Variables => {
    const key = `${folder}/${name}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    const files = variableFilesOf(key, [...beside.keys()]).flatMap((path) => beside.get(path) ?? []);
    const variables: Variables = new Map(
      files.flatMap(({ path, text }) => [...readVariableFile(text, path, content)]),
    );
    known.set(key, variables);
    return variables;
  };
  return { ofGroup: (name) => read('group_vars', name), ofHost: (name) => read('host_vars', name) };
}
