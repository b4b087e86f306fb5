/** A cluster file whose nodes stand in an inventory: read from disk, run by nobody, kept in a saved plan. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judge, readSource } from '../../../src/cli/input.ts';
import { readSavedPlan, savedPlanText } from '../../../src/cli/saved-plan.ts';
import { formatDiagnostic } from '../../../src/core/diagnostic.ts';
import type { Desired } from '../../../src/model/desired.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-inventory-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const HOSTS = '[gluster]\nnode[01:03]\n[gluster:vars]\nansible_user=storage\nansible_port=2022\n';
const CLUSTER = `# of three
cluster: production
ssh: { user: root, port: 22, connectTimeoutSeconds: 20 }
inventory: { file: hosts.ini, group: gluster }
`;

function write(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return join(dir, 'cluster.yaml');
}

async function judged(files: Readonly<Record<string, string>>, flags = {}): Promise<Desired | string> {
  const loaded = judge(await readSource(write(files)), flags);
  if (loaded.ok) return loaded.value;
  return loaded.error.map((d) => formatDiagnostic(d).replaceAll(`${dir}/`, '')).join('\n');
}

const nodesIn = (desired: Desired | string): readonly unknown[] =>
  typeof desired === 'string'
    ? [desired]
    : desired.nodes.map(({ name, address, ssh: { user, port } }) => [name, address, user, port]);

describe('inventory:', () => {
  it('gives the nodes: over ssh:, under nodes: and flags', async () => {
    const own = 'nodes: { node03: { ssh: { port: 2200 } }, extra: {} }\n';
    const files = {
      'cluster.yaml': CLUSTER + own,
      'hosts.ini': HOSTS,
      'group_vars/gluster.yml': 'ansible_user: ann\n',
      'host_vars/node02/main.yml': 'ansible_host: 192.0.2.2\n',
    };
    expect(nodesIn(await judged(files))).toEqual([
      ['node01', 'node01', 'ann', 2022],
      ['node02', '192.0.2.2', 'ann', 2022],
      ['node03', 'node03', 'ann', 2200],
      ['extra', 'extra', 'root', 22],
    ]);
    expect(nodesIn(await judged(files, { user: 'bob', port: 1 }))[1]).toEqual([
      'node02',
      '192.0.2.2',
      'bob',
      1,
    ]);
  });

  it('can be a list of files, and name nodes by a variable', async () => {
    const text = 'cluster: c\ninventory: { file: [inv/a.ini, inv/b.yml], name: gluster_name }\n';
    const files = {
      'cluster.yaml': text,
      'inv/a.ini': 'a1 gluster_name=node01\n',
      'inv/b.yml': 'all: { hosts: { b1: { gluster_name: node02, ansible_host: 192.0.2.7 } } }\n',
    };
    expect(nodesIn(await judged(files))).toEqual([
      ['node01', 'a1', undefined, undefined],
      ['node02', '192.0.2.7', undefined, undefined],
    ]);
    const same = await judged({ ...files, 'inv/a.ini': 'a1 gluster_name=node02\n' });
    expect(same).toContain('b.yml:1:17: is called "node02"');
    expect(await judged({ ...files, 'inv/a.ini': 'a1\n' })).toContain('a.ini:1:1: host "a1" has no variable');
  });

  it.each([
    ['a file that is not there', {}, 'cluster.yaml:4:20: inventory.file: hosts.ini cannot be read'],
    ['a folder', { 'hosts.ini/x': '' }, 'cluster.yaml:4:20: inventory.file: hosts.ini is a directory'],
    ['a mistake in it', { 'hosts.ini': '[gluster\n' }, 'hosts.ini:1:1: '],
    ['a group that it has not', { 'hosts.ini': 'n1\n' }, 'cluster.yaml:4:38: inventory.group:'],
  ])('is refused with its place: %s', async (_title, more, why) => {
    expect(await judged({ 'cluster.yaml': CLUSTER, ...more })).toContain(why);
  });

  it('is never run', async () => {
    const trace = join(dir, 'trace');
    write({ 'hosts.ini': `#!/bin/sh\ntouch ${trace}\necho '{}'\n` });
    chmodSync(join(dir, 'hosts.ini'), 0o755);
    expect(await judged({ 'cluster.yaml': CLUSTER })).toContain('hosts.ini:1:1: is a program');
    expect(existsSync(trace)).toBe(false);
  });

  it('has to have a shape that can be read, and nothing else is a cluster without nodes', async () => {
    expect(await judged({ 'cluster.yaml': 'cluster: c\ninventory: {}\n' })).toContain('"file" is missing');
    expect(await judged({ 'cluster.yaml': 'cluster: c\n' })).toContain('"nodes" is missing');
    const both = 'cluster: c\ninventory: { file: 7 }\nnodes: { n1: {} }\n';
    expect(await judged({ 'cluster.yaml': both })).toContain(
      'cluster.yaml:2:20: inventory.file: must be text',
    );
  });

  it('is in a saved plan as the nodes that it gave, and nothing of it is read again', async () => {
    const volumes = 'volumes:\n  v: { bricks: [node01:/b/v], options: { a.b: 0x10 } }\n';
    const own = `nodes: { node03: { ssh: { port: 2200 } } }\n${volumes}`;
    const files = { 'cluster.yaml': CLUSTER + own, 'hosts.ini': HOSTS };
    const before = await judged(files);
    const source = await readSource(join(dir, 'cluster.yaml'));
    const text = savedPlanText(source, { steps: [] } as never);
    expect(text).not.toContain('hosts.ini');
    rmSync(join(dir, 'hosts.ini'));
    const saved = readSavedPlan({ file: 'x.plan', text, directory: dir });
    const again = judge(saved?.source ?? source, {});
    if (!again.ok || typeof before === 'string') throw new Error('it was refused');
    expect(again.value.nodes).toEqual(before.nodes);
    expect(again.value.volumes[0]?.options).toEqual(before.volumes[0]?.options);
  });
});
