/**
 * Inventories that are given to our reader and to Ansible's own: each a set of files, of which the first
 * is the inventory.
 */
type Files = Readonly<Record<string, string>>;

export const INVENTORIES: Readonly<Record<string, Files>> = {
  'INI: groups of groups, ranges, ports, quotes, comments': {
    'hosts.ini': `
; the whole store
solo ansible_host=192.0.2.1 ansible_user="al ice" # by hand
[gluster:children]
bricks   # two of them
arbiters
[bricks]
node[01:04] rack=a#b
far-[a:c]1.example:2222
step[0:6:3] ansible_port=3333
   # indented comment
[arbiters]
arb1 ansible_host='10.0.0.9' note='it is # fine'
[gluster:vars]
ansible_user = storage
ansible_port=22 # a number
words = two words # and this
quoted = 'brick # no comment'
[bricks:vars]
ansible_become=true
ansible_user = "brick"
zero = 007
empty =
truth = True
`,
  },
  'INI: the deeper group wins, then the name, then the priority': {
    hosts: `
[z]
n1
n2
[a]
n1
n2
[deep:children]
deeper
[deeper:children]
deepest
[deepest]
n2
[z:vars]
who=z
[a:vars]
who=a
ansible_group_priority=5
[deepest:vars]
who=deepest
[all:vars]
who=all
other=all
`,
  },
  'INI with files of variables beside it': {
    'hosts.ini': `
[gluster]
n1 own=line
n2 own=line
n3
[gluster:vars]
group=inline
shared=inline
`,
    'group_vars/all.yml': 'shared: all-file\nown: all-file\nlate: all-file\n',
    'group_vars/gluster/b.yml': 'group: b\nlate: b\n',
    'group_vars/gluster/a.yml': 'group: a\nlate: a\nonly: a\n',
    'group_vars/gluster/sub/c.yaml': 'sub: c\n',
    'group_vars/gluster/ignored.txt': 'group: txt\n',
    'group_vars/gluster/.hidden.yml': 'group: hidden\n',
    'host_vars/n1': 'own: host-file\n',
    'host_vars/n2.yml': '---\nown: host-file\nansible_port: 2022\n',
    'host_vars/n2.json': '{"own": "never read"}',
  },
  YAML: {
    'nodes.yml': `
all:
  vars: { ansible_user: root, ansible_port: 22 }
  hosts:
    lone:
  children:
    gluster:
      children:
        bricks:
          hosts:
            node[1:3]: { ansible_become: true }
            node2: { ansible_host: 10.0.0.2 }
            six:2222:
        spare: { hosts: { s1: , node3: { ansible_port: "2200" } } }
      vars:
        ansible_user: storage
other:
  hosts:
    node1: { note: "text: 1" }
`,
  },
};
