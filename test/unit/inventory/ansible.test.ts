/**
 * Our reader beside Ansible's own, where that is installed: the same hosts in the same groups, with the same
 * variables.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf } from '../../../src/inventory/resolve.ts';
import { INVENTORIES } from './inventories.ts';

const isInstalled = spawnSync('ansible-inventory', ['--version']).status === 0;
const title = isInstalled
  ? 'as Ansible reads it'
  : 'as Ansible reads it (skipped: no ansible-inventory here)';

interface Meta {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}
type Listed = Readonly<
  Record<string, { readonly hosts?: readonly string[]; readonly children?: readonly string[] }>
>;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-inventory-'));
  writeFileSync(join(dir, 'none.cfg'), '');
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Writes the files; answers the path of the inventory. */
function written(name: string, files: Readonly<Record<string, string>>): string {
  const place = join(dir, name.replaceAll(/\W+/g, '-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  return join(place, Object.keys(files)[0] ?? '');
}

const ansible = (inventory: string, ...more: readonly string[]): string =>
  execFileSync('ansible-inventory', ['-i', inventory, '--list', ...more], {
    encoding: 'utf8',
    cwd: dir,
    env: { ...process.env, ANSIBLE_CONFIG: join(dir, 'none.cfg'), HOME: dir },
  });

/** Hosts of a group and of those below it. */
function hostsIn(list: Listed, group: string): readonly string[] {
  const { hosts = [], children = [] } = list[group] ?? {};
  return [...new Set([...hosts, ...children.flatMap((child) => hostsIn(list, child))])].sort();
}

describe.skipIf(!isInstalled)(title, () => {
  it.each(Object.entries(INVENTORIES))('%s', (name, files) => {
    const path = written(name, files);
    const list = JSON.parse(ansible(path)) as Listed & Meta;
    const [main = '', ...beside] = Object.keys(files);
    const { groups, content } = contentOf([
      {
        path: main,
        text: files[main] ?? '',
        isExecutable: false,
        beside: new Map(beside.map((at) => [at, { path: at, text: files[at] ?? '' }])),
      },
    ]);
    expect(content.mistakes).toEqual([]);
    const names = ['all', ...Object.keys(list)].filter((group) => group !== '_meta');
    for (const group of names)
      expect([...groups.hostsOf(group)].sort(), group).toEqual(
        group === 'all' ? [...content.hosts.keys()].sort() : hostsIn(list, group),
      );
    const ours = Object.fromEntries(
      [...content.hosts.keys()].map((host) => [
        host,
        Object.fromEntries([...groups.variablesOf(host)].map(([key, { value }]) => [key, value])),
      ]),
    );
    const theirs = Object.fromEntries(
      Object.keys(ours).map((host) => [host, list._meta.hostvars[host] ?? {}]),
    );
    expect(ours).toEqual(theirs);
  });

  it('what it writes with --yaml is read, and means the same', () => {
    const [name = '', files = {}] = Object.entries(INVENTORIES)[0] ?? [];
    const path = written(`again ${name}`, files);
    writeFileSync(join(dir, 'nodes.yaml'), ansible(path, '--yaml'));
    const text = readFileSync(join(dir, 'nodes.yaml'), 'utf8');
    const read = (at: string, body: string) =>
      contentOf([{ path: at, text: body, isExecutable: false, beside: new Map() }]);
    const [again, before] = [read('nodes.yaml', text), read('hosts.ini', files['hosts.ini'] ?? '')];
    expect(again.content.mistakes).toEqual([]);
    for (const group of ['bricks', 'gluster', 'ungrouped'])
      expect([...again.groups.hostsOf(group)].sort()).toEqual([...before.groups.hostsOf(group)].sort());
    for (const host of before.groups.hostsOf('all'))
      for (const [key, { value }] of before.groups.variablesOf(host))
        expect([host, key, again.groups.variablesOf(host).get(key)?.value]).toEqual([host, key, value]);
  });
});
