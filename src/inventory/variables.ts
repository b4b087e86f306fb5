/**
 * Which variables a host has: those of its groups, of the files beside the inventory, and its own, in
 * Ansible's order of precedence. Refuses groups that contain each other.
 */
import type { Content, Group, Place, Variables } from './content.ts';

/** The variables in `group_vars/NAME` and `host_vars/NAME` beside one inventory. */
export interface Beside {
  readonly ofGroup: (name: string) => Variables;
  readonly ofHost: (name: string) => Variables;
}

export interface Groups {
  /** Of a group, and of all groups below it. */
  readonly hostsOf: (group: string) => readonly string[];
  readonly variablesOf: (host: string) => Variables;
}

export function groupsOf(content: Content, beside: readonly Beside[]): Groups {
  const parents = parentsOf(content);
  const depths = depthsOf(content, parents);
  const direct = directGroups(content);
  const rank = ({ name, variables }: Group): readonly [number, number, string] => [
    depths.get(name) ?? 1,
    Number(variables.get(PRIORITY)?.value ?? 1),
    name,
  ];
  /** The deepest last, so that it wins. */
  const groupsAbove = (host: string): readonly Group[] => {
    const found = new Set<Group>();
    const waiting = [...(direct.groups.get(host) ?? [content.group('ungrouped')])];
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      if (found.has(group)) continue;
      found.add(group);
      for (const parent of parents.get(group.name) ?? []) waiting.push(content.group(parent));
    }
    return [...found].filter(({ name }) => name !== 'all').sort((a, b) => compare(rank(a), rank(b)));
  };
  return {
    hostsOf: (name) => {
      const members = name === 'ungrouped' ? direct.lone : below(content, name);
      return [...content.hosts.keys()].filter((host) => name === 'all' || members.has(host));
    },
    variablesOf: (host) => {
      const groups = groupsAbove(host);
      return merged([
        content.groups.get('all')?.variables,
        ...groups.map((g) => g.variables),
        ...beside.map((b) => b.ofGroup('all')),
        ...beside.flatMap((b) => groups.map((g) => b.ofGroup(g.name))),
        content.hosts.get(host)?.variables,
        ...beside.map((b) => b.ofHost(host)),
      ]);
    },
  };
}

interface Direct {
  readonly groups: ReadonlyMap<string, readonly Group[]>;
  /** In no group but the two that every inventory has. */
  readonly lone: ReadonlySet<string>;
}

function directGroups(content: Content): Direct {
  const groups = new Map<string, Group[]>();
  for (const group of content.groups.values())
    if (group.name !== 'all' && group.name !== 'ungrouped')
      for (const host of group.hosts) groups.set(host, [...(groups.get(host) ?? []), group]);
  return { groups, lone: new Set([...content.hosts.keys()].filter((host) => !groups.has(host))) };
}

function compare(a: readonly [number, number, string], b: readonly [number, number, string]): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1);
}

/** Of a group, and no variable of its hosts. */
const PRIORITY = 'ansible_group_priority';

const merged = (layers: readonly (Variables | undefined)[]): Variables =>
  new Map(layers.flatMap((layer) => [...(layer ?? [])]).filter(([name]) => name !== PRIORITY));

function parentsOf(content: Content): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of content.groups.values())
    for (const child of children.keys()) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** The longest way from `all`, which is above every group. */
function depthsOf(
  content: Content,
  parents: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, number> {
  const depths = new Map<string, number>([['all', 0]]);
  const depthOf = (name: string, way: readonly string[]): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    if (way.includes(name)) {
      refuseLoop(content, way.at(-1) ?? name, name);
      return 1;
    }
    const above = (parents.get(name) ?? []).map((parent) => depthOf(parent, [...way, name]));
    const depth = 1 + Math.max(0, ...above);
    depths.set(name, depth);
    return depth;
  };
  for (const name of content.groups.keys()) depthOf(name, []);
  return depths;
}

function refuseLoop(content: Content, child: string, parent: string): void {
  const at: Place | undefined =
    content.groups.get(parent)?.children.get(child) ?? content.groups.get(child)?.children.get(parent);
  if (at !== undefined) content.refuse(at, `group "${child}" contains itself, by way of "${parent}"`);
}

function below(content: Content, name: string): ReadonlySet<string> {
  const hosts = new Set<string>();
  const seen = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const group = content.groups.get(next);
    if (group === undefined || seen.has(next)) continue;
    seen.add(next);
    for (const host of group.hosts) hosts.add(host);
    waiting.push(...group.children.keys());
  }
  return hosts;
}
