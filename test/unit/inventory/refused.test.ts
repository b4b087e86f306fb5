/** What of an inventory is not read: refused with its place, and with the way out where there is one. */
import { describe, expect, it } from 'vitest';
import { formatDiagnostic } from '../../../src/core/diagnostic.ts';
import { type InventoryFile, resolveInventory } from '../../../src/inventory/resolve.ts';

const WAY_OUT = 'ansible-inventory -i';

function resolved(
  path: string,
  text: string,
  more: Partial<InventoryFile> & { readonly group?: string } = {},
) {
  const { group = 'all', ...file } = more;
  return resolveInventory({
    files: [{ path, text, isExecutable: false, beside: new Map(), ...file }],
    group,
    name: 'inventory_hostname',
    groupAt: { file: 'c.yaml', line: 3, column: 5 },
  });
}
const said = (...args: Parameters<typeof resolved>): readonly string[] =>
  resolved(...args).mistakes.map(formatDiagnostic);

describe('an INI inventory', () => {
  it.each([
    ['n1 ansible_host={{ x }}', 'h.ini:1:4: ansible_host has a value that only', WAY_OUT],
    [
      '[g]\nn1 ansible_host=\'{{ lookup("env", "H") }}\'',
      'h.ini:2:4: ansible_host has a value that only',
      WAY_OUT,
    ],
    ['n1\n[all:vars]\nansible_user = {{ who }}', 'h.ini:3:1: ansible_user has a value that only', WAY_OUT],
    ['{{ host }}', 'h.ini:1:1: "{{" is a template', WAY_OUT],
    ['$ANSIBLE_VAULT;1.1;AES256\n6162', 'h.ini:1:1: is a vault', WAY_OUT],
    ['#!/bin/sh\necho n1', 'h.ini:1:1: is a program', WAY_OUT],
    ['[g', 'h.ini:1:1: "[g"', 'is no range'],
    ['[a b]', 'h.ini:1:1: is no section', '[GROUP:children]'],
    ['[g:hots]\nn1', 'h.ini:1:1: is no section', '[GROUP:vars]'],
    ['[g:vars]\na=1', 'h.ini:1:1: has variables for a group "g"', 'nobody declares'],
    ['[g:children]\nh', 'h.ini:2:1: names a group "h"', 'nobody declares'],
    ['[a:children]\nb\n[b:children]\na', 'contains itself', 'h.ini'],
    ['n1 ansible_host', 'h.ini:1:4: "ansible_host" is no variable', 'NAME=VALUE'],
    ['n1 a="x', 'h.ini:1:6: has a quote', 'not closed'],
    ['n[1:', 'h.ini:1:1: "n[1:"', 'is no range'],
    ['n[3:1]', 'h.ini:1:1: "n[3:1]" has a range', 'first is after its last'],
    ['n[01:9]', 'h.ini:1:1: "n[01:9]" has a range', 'differ in length'],
    ['n[1:99999999]', 'h.ini:1:1: "n[1:99999999]"', 'hosts'],
    ['n[1:99][1:99]', 'h.ini:1:1: "n[1:99][1:99]"', 'more than 4096 hosts'],
    ['n1 ansible_port=ssh', 'h.ini:1:4: ansible_port is "ssh"', 'no port'],
    ['n1 ansible_port=70000', 'h.ini:1:4: ansible_port is "70000"', 'no port'],
    ['n1 ansible_become=perhaps', 'h.ini:1:4: ansible_become is "perhaps"', 'neither yes nor no'],
    ['n1 ansible_connection=local', 'h.ini:1:4: ansible_connection is "local"', 'by SSH'],
    ['n1 ansible_become_user=gluster', 'h.ini:1:4: ansible_become_user is "gluster"', 'root'],
    [
      'n1 ansible_ssh_private_key_file=keys/a',
      'h.ini:1:4: ansible_ssh_private_key_file is relative',
      'in full',
    ],
    ['n1 ansible_ssh_args=-C', 'h.ini:1:4: ansible_ssh_args is not read', 'common_args'],
    [
      'n1 ansible_ssh_common_args=\'-o ProxyCommand="nc %h %p"\'',
      'h.ini:1:4: ',
      'ProxyCommand, which is not run',
    ],
    ["n1 ansible_ssh_common_args='-o Port=3'", 'h.ini:1:4: ', 'has "-o Port=3"'],
    ["n1 ansible_ssh_extra_args='-L 1:h:2'", 'h.ini:1:4: ', 'has "-L"'],
    ["n1 ansible_ssh_extra_args='-F ./c'", 'h.ini:1:4: ', 'relative path "./c"'],
  ])('%j', (text, place, why) => {
    const lines = said('h.ini', text);
    expect(lines.join('\n')).toContain(place);
    expect(lines.join('\n')).toContain(why);
  });

  it('that Ansible would run is not read', () => {
    expect(said('h.ini', 'n1', { isExecutable: true })).toEqual([
      expect.stringContaining('h.ini:1:1: is a program'),
    ]);
  });
});

describe('a YAML inventory', () => {
  it.each([
    ['plugin: aws_ec2\nregions: [a]', 'h.yml:1:1: is made by a plugin', WAY_OUT],
    [
      'g:\n  hosts:\n    n1:\n      ansible_user: !vault |\n        $ANSIBLE_VAULT;1.1\n',
      'h.yml:4:21: has a YAML tag',
      WAY_OUT,
    ],
    ['g:\n  hosts: { n1: { ansible_host: "{{ x }}" } }', 'h.yml:2:18: ansible_host has a value', WAY_OUT],
    ['g:\n  host: { n1: }', 'h.yml:2:3: group "g" has "host"', 'hosts, children and vars'],
    ['g:\n  hosts: [n1]', 'h.yml:2:10: must be a mapping', 'a list'],
    ['g:\n hosts:\n  n1:\n   ansible_port: 0022', 'h.yml:4:4: ansible_port has a value', WAY_OUT],
    ['a: [', 'h.yml:1:', 'not valid YAML'],
  ])('%j', (text, place, why) => {
    const lines = said('h.yml', text);
    expect(lines.join('\n')).toContain(place);
    expect(lines.join('\n')).toContain(why);
  });

  it('that is TOML is not read', () => {
    expect(said('h.toml', '[g.hosts]\n')).toEqual([expect.stringContaining('h.toml:1:1: is TOML')]);
  });
});

describe('files of variables', () => {
  const beside = (path: string, text: string): Partial<InventoryFile> => ({
    beside: new Map([[path, { path, text }]]),
  });

  it('that are vaults are refused where a node would have them', () => {
    const vault = '$ANSIBLE_VAULT;1.1;AES256\n61\n';
    expect(said('h.ini', '[g]\nn1', beside('group_vars/g.yml', vault))).toEqual([
      expect.stringMatching(/^group_vars\/g\.yml:1:1: is a vault.*ansible-inventory/),
    ]);
    expect(said('h.ini', '[g]\nn1', beside('group_vars/other.yml', vault))).toEqual([]);
  });

  it('may say what they like of what is not read', () => {
    const text = 'secret: "{{ vault_x }}"\nports: { a: 1, a: 2 }\nansible_user: ann\n';
    const { nodes, mistakes } = resolved('h.ini', 'n1', beside('host_vars/n1.yml', text));
    expect([mistakes, nodes.map((n) => n.ssh)]).toEqual([[], [{ user: 'ann' }]]);
  });
});

describe('the group', () => {
  it('has to be there, and to have hosts', () => {
    expect(said('h.ini', '[gluster]\nn1', { group: 'glustre' })).toEqual([
      'c.yaml:3:5: inventory.group: the inventory has no group "glustre"; did you mean "gluster"?',
    ]);
    expect(said('h.ini', '[gluster]', { group: 'gluster' })).toEqual([
      'c.yaml:3:5: inventory.group: group "gluster" has no hosts',
    ]);
  });
});

describe('SSH arguments', () => {
  const sshOf = (args: string) => resolved('h.ini', `n1 ansible_ssh_common_args='${args}'`);

  it.each([
    ['-J b1,b2', { proxyJump: 'b1,b2' }],
    ['-o ProxyJump=b1 -J b2', { proxyJump: 'b1' }],
    ['-o ProxyCommand="ssh -q -W %h:%p ann@b1"', { proxyJump: 'ann@b1' }],
    ['-oProxyCommand="ssh -p 2222 -W %h:%p b1"', { proxyJump: 'b1:2222' }],
    ['-i ~/k -o UserKnownHostsFile=/k/h', { identityFile: '~/k', knownHostsFile: '/k/h' }],
    ['-o StrictHostKeyChecking=accept-new', { strictHostKeyChecking: 'accept-new' }],
    ['-o IdentitiesOnly=yes', {}],
  ])('%s', (args, ssh) => {
    const { nodes, mistakes, warnings } = sshOf(args);
    expect([nodes[0]?.ssh, mistakes, warnings]).toEqual([ssh, [], []]);
  });

  it('never trust a host that nobody knows, and say so once', () => {
    const text =
      "n[1:3]\n[all:vars]\nansible_ssh_common_args='-o StrictHostKeyChecking=no -o IdentitiesOnly=no'";
    const { nodes, warnings } = resolved('h.ini', text);
    expect(nodes.map((n) => n.ssh)).toEqual(Array(3).fill({ strictHostKeyChecking: 'yes' }));
    expect(warnings).toHaveLength(2);
  });
});
