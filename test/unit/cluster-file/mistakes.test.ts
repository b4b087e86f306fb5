/**
 * Mistakes in a cluster file and what is reported: `line:column: message`, all of them, in file order.
 */
import { describe, expect, test } from 'vitest';
import { saidOf, withNodes, withVolume } from './example.ts';

type Case = readonly [what: string, text: string, ...expected: string[]];

function table(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    test.each(cases.map(([what, text, ...expected]) => ({ what, text, expected })))(
      '$what',
      ({ text, expected }) => {
        expect(saidOf(text)).toEqual(expected);
      },
    );
  });
}

const NOT_A_VOLUME_NAME = 'is not a valid volume name: letters, digits, "_" and "-", not beginning with "-"';

const bricks = (...names: string[]): string =>
  `bricks: [${names.map((name) => JSON.stringify(name)).join(', ')}]`;

table('YAML', [
  [
    'a bracket that is never closed',
    'cluster: [c\nnodes: {}\n',
    '2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  [
    'a tab',
    'cluster: c\nnodes:\n\tn1: {}\n',
    '3:1: not valid YAML: this is a tab; lines are indented with spaces',
  ],
  [
    'keys given twice',
    'cluster: c\ncluster: d\nnodes: {n1: {}, n1: {}}\n',
    '2:1: cluster: is given twice; remove one of the two',
    '3:17: nodes.n1: is given twice; remove one of the two',
  ],
  [
    'a second document',
    'cluster: c\nnodes: {n1: {}}\n---\na: 1\n',
    '3:1: a second YAML document starts here; a cluster file is one document',
  ],
  ['deep nesting', `x-a: ${'['.repeat(100)}`, '1:71: nested deeper than 64 levels'],
  [
    'aliases without an anchor',
    'cluster: *c\nx-a: &abc 1\nnodes: {n1: *abd, n2: {<<: 5}}\n',
    '1:10: cluster: no anchor &c is defined above',
    '3:13: nodes.n1: no anchor &abd is defined above; did you mean "abc"?',
    '3:28: nodes.n2.<<: can merge only mappings',
  ],
  [
    'an anchor inside itself',
    'cluster: c\nx-a: &a [*a]\nnodes: {n1: {}}\n',
    '2:10: x-a[0]: *a is used inside its own anchor &a',
  ],
  [
    'tags',
    'cluster: !!foo c\nnodes: {n1: !x {}}\n',
    '1:10: a cluster file must not have YAML tags',
    '2:13: a cluster file must not have YAML tags',
  ],
  [
    'YAML 1.1',
    '%YAML 1.1\n---\ncluster: c\nnodes: {n1: {}}\n',
    '1:1: the file says YAML 1.1; cluster files are YAML 1.2, where "on" and "yes" are text',
  ],
  [
    'keys that YAML takes for something else',
    'cluster: c\nnodes: {n1: {}}\n' +
      'volumes:\n  null: {state: absent}\n  v: {state: absent, options: {1e999: on}}\n',
    '4:3: volumes: YAML takes the key "null" for something else; put it in quotes',
    '5:32: volumes.v.options: YAML takes the key "1e999" for something else; put it in quotes',
  ],
  [
    'an alias that cannot be printed',
    'cluster: c\nx-a: &ab 1\nnodes: {n1: *a\u0007b}\n',
    '3:13: nodes.n1: no anchor &a\\x07b is defined above; did you mean "ab"?',
  ],
  [
    'a list as a key',
    'cluster: c\nnodes: {n1: {}}\n? [a]\n: 3\n',
    '3:3: a key must be a single word, not a list or a mapping',
  ],
]);

table('shape', [
  ['an empty file', '', '1:1: must be a mapping, but is empty'],
  ['only a comment', '# nothing\n', '1:1: must be a mapping, but is empty'],
  ['a list', '- a\n', '1:1: must be a mapping, but is a list'],
  ['keys missing', 'volumes: {}\n', '1:1: "nodes" is missing', '1:1: "cluster" is missing'],
  [
    'unknown keys',
    'clutser: c\ncluster: c\nnodes: { n1: { adress: x, ssh: { usr: a } } }\nzzzzzzz: 1\n',
    '1:1: clutser: unknown key; did you mean "cluster"?',
    '3:16: nodes.n1.adress: unknown key; did you mean "address"?',
    '3:34: nodes.n1.ssh.usr: unknown key; did you mean "user"?',
    '4:1: zzzzzzz: unknown key; known here: cluster, ssh, nodes, inventory, volumes, policy',
  ],
  [
    'wrong types',
    'cluster: [c]\nnodes: { n1: 5 }\nvolumes: [x]\nssh: { port: x, become: yes }\n',
    '1:10: cluster: must be text, but is a list',
    '2:14: nodes.n1: must be a mapping, but is "5"',
    '3:10: volumes: must be a mapping, but is a list',
    '4:14: ssh.port: must be a whole number, but is "x"',
    '4:25: ssh.become: must be true or false, but is "yes"',
  ],
  [
    'several in one volume',
    withVolume(
      'state: strated\nreplica: 1\nrepilca: 3\narbiter: 2\nbricks: n1:/b\noptions: { A.b: 1, c: , d: [x] }\n',
    ),
    '5:12: volumes.v.state: must be started, stopped or absent, but is "strated"; did you mean "started"?',
    '6:14: volumes.v.replica: must be at least 2',
    '7:5: volumes.v.repilca: unknown key; did you mean "replica"?',
    '8:14: volumes.v.arbiter: must be 0 or 1, but is "2"',
    '9:13: volumes.v.bricks: must be a list, but is "n1:/b"',
    '10:16: volumes.v.options.A.b: is not a valid option name: ' +
      'lower-case letters, digits, and any of . _ - *',
    '10:24: volumes.v.options.c: must be text, a number or true or false, but is empty',
    '10:32: volumes.v.options.d: must be text, a number or true or false, but is a list',
  ],
  [
    'invalid names of volumes',
    withNodes('volumes: { "a b": {state: absent}, -x: {state: absent}, "": {state: absent} }'),
    `3:12: volumes.a b: ${NOT_A_VOLUME_NAME}`,
    `3:36: volumes.-x: ${NOT_A_VOLUME_NAME}`,
    `3:57: volumes."": ${NOT_A_VOLUME_NAME}`,
  ],
  [
    'names with control characters',
    withNodes('volumes: { "a\\e[31m\\u202Eb": {state: absent} }'),
    `3:12: volumes.a\\x1b[31m\\u{202e}b: ${NOT_A_VOLUME_NAME}`,
  ],
  ['no bricks', withVolume('replica: 3'), '4:3: volumes.v: "bricks" is missing'],
  ['a volume without anything', withVolume(''), '4:3: volumes.v: must be a mapping, but is empty'],
  ['an empty list of bricks', withVolume('bricks: []'), '5:13: volumes.v.bricks: must not be empty'],
  [
    'bricks that are none',
    withVolume('bricks: [n1, 5, /b, n1:b, "n1:/ok"]'),
    '5:14: volumes.v.bricks[0]: must be NODE:/absolute/path',
    '5:18: volumes.v.bricks[1]: must be text, but is "5"',
    '5:21: volumes.v.bricks[2]: must be NODE:/absolute/path',
    '5:25: volumes.v.bricks[3]: must be NODE:/absolute/path',
  ],
  [
    'a brick on a node that is to be absent',
    'cluster: c\nnodes: { n1: {}, n2: { state: absent } }\nvolumes:\n' +
      '  v: { bricks: ["n1:/b", "n2:/b"] }\n  w: { state: absent, bricks: ["n2:/w"] }\n',
    '4:26: volumes.v.bricks[1]: n2 is to be absent (line 2), and can have no brick; ' +
      'write the brick of another node, or take "state: absent" back',
  ],
  [
    'nodes that are all to be absent',
    'cluster: c\nnodes: { n1: { state: absent } }\n',
    '2:10: nodes: every node is to be absent; one at least has to stay',
  ],
  [
    'a brick on a node that is replaced, which has to be written',
    'cluster: c\nnodes: { n1: {}, n3: { replaces: n2 } }\nvolumes:\n  v: { bricks: ["n1:/b", "n2:/b"] }\n',
    '4:26: volumes.v.bricks[1]: n2 is replaced by n3; write n3:/b, or another brick',
  ],
  [
    'nodes that cannot replace what they name',
    'cluster: c\nnodes:\n  n1: { replaces: n1 }\n  n2: { replaces: n1 }\n  n3: { replaces: n2 }\n' +
      '  n4: { replaces: n9, state: absent }\n  n5: { replaces: "-x" }\n',
    '4:19: nodes.n2.replaces: "n1" is replaced already, by n1 (line 3)',
    '5:19: nodes.n3.replaces: n2 is among "nodes"; take it out: it is the one that is lost',
    '6:19: nodes.n4.replaces: a node that is to be absent replaces none',
    '7:19: nodes.n5.replaces: "-x" is not a host name or IP address',
  ],
  ['no nodes', 'cluster: c\nnodes: {}\n', '2:8: nodes: must not be empty'],
  [
    'a cluster name with a space',
    'cluster: "a b"\nnodes: {n1: }\n',
    '1:10: cluster: must consist of letters, digits, ".", "_" and "-", and begin with neither "." nor "-"',
  ],
  [
    'ssh settings',
    'cluster: c\nssh: {user: "a b", port: 0, strictHostKeyChecking: no, connectTimeoutSeconds: 1.5, ' +
      'proxyJump: "-oX", identityFile: "~bob/x", knownHostsFile: "a\\n"}\nnodes: {n1: }\n',
    '2:13: ssh.user: must be a user name',
    '2:26: ssh.port: must be at least 1',
    '2:52: ssh.strictHostKeyChecking: must be yes or accept-new, but is "no"',
    '2:79: ssh.connectTimeoutSeconds: must be a whole number, but is "1.5"',
    '2:95: ssh.proxyJump: must be [user@]host[:port], several separated by commas',
    '2:116: ssh.identityFile: only ~/ is supported; write the home directory of another user in full',
    '2:142: ssh.knownHostsFile: must not hold control characters',
  ],
  [
    'shape and rules together',
    withVolume('repilca: 3\nbricks: ["n4:/a", "n1:/a/"]\noptoins: {}'),
    '5:5: volumes.v.repilca: unknown key; did you mean "replica"?',
    '6:14: volumes.v.bricks[0]: node "n4" is not in "nodes"; did you mean "n1"?',
    '6:23: volumes.v.bricks[1]: the path must not end in "/"',
    '7:5: volumes.v.optoins: unknown key; did you mean "options"?',
  ],
  [
    'one mistake under an anchor, used twice',
    withNodes('x-v: &v { replica: 1, state: absent }\nvolumes: { a: *v, b: *v }'),
    '3:20: volumes.a.replica: must be at least 2',
  ],
]);

table('nodes', [
  [
    'names',
    'cluster: c\n' +
      'nodes: { a_b: {}, localhost: {}, 127.0.0.1: {}, 1.2.3: {}, "fe80::1": {}, -a: {}, "a..b": {} }\n',
    '2:10: nodes.a_b: has an underscore, which gluster takes in no name: no peer could be probed by it, ' +
      'and no client could mount a volume with a brick there; use the address, or another name of the host',
    '2:19: nodes.localhost: means a different machine on every node; use the name its peers know it by',
    '2:34: nodes.127.0.0.1: means a different machine on every node; use the name its peers know it by',
    '2:49: nodes.1.2.3: is not a host name or IP address, and gluster would refuse it as a peer',
    '2:75: nodes.-a: is not a host name or IP address, and gluster would refuse it as a peer',
    '2:83: nodes.a..b: is not a host name or IP address, and gluster would refuse it as a peer',
  ],
  [
    'addresses',
    'cluster: c\nnodes: { a: {address: "a b"}, b: {address: "-oProxyCommand=x"}, c: {address: d}, d: {} , ' +
      'e: {address: d, ssh: {port: 23}}}\n',
    '2:23: nodes.a.address: "a b" is not a host name or IP address',
    '2:44: nodes.b.address: "-oProxyCommand=x" is not a host name or IP address',
    '2:82: nodes.d: is the same address and port as that of c (line 2)',
  ],
]);

table('volume names', [
  [
    'reserved',
    withNodes(
      'volumes: { all: {state: absent}, help: {state: absent}, gluster_shared_storage: {state: absent} }',
    ),
    '3:12: volumes.all: gluster reserves this name',
    '3:34: volumes.help: gluster reserves this name',
    '3:57: volumes.gluster_shared_storage: gluster creates and deletes this volume itself: ' +
      '"gluster volume set all cluster.enable-shared-storage"',
  ],
]);

table('layout', [
  [
    'replica and disperse',
    withVolume(`replica: 3\ndisperse: 3\nredundancy: 1\n${bricks('n1:/a', 'n2:/a')}`),
    '6:15: volumes.v.disperse: a volume is replicated or dispersed, not both; drop "replica" or "disperse"',
  ],
  [
    'an arbiter with replica 2',
    withVolume(`replica: 2\narbiter: 1\n${bricks('n1:/a', 'n2:/a')}`),
    '6:14: volumes.v.arbiter: needs "replica: 3"; the third brick of each set is then the arbiter',
  ],
  [
    'an arbiter without replica',
    withVolume(`arbiter: 1\n${bricks('n1:/a', 'n2:/a')}`),
    '5:14: volumes.v.arbiter: needs "replica: 3"; the third brick of each set is then the arbiter',
  ],
  [
    'more bricks than fill the sets',
    withVolume(`replica: 3\n${bricks('n1:/a', 'n2:/a', 'n3:/a', 'n1:/b')}`),
    '6:41: volumes.v.bricks: 4 bricks cannot be divided into replica sets of 3',
  ],
  [
    'two bricks of a set on one node',
    withVolume(`replica: 3\n${bricks('n1:/a', 'n2:/a', 'n1:/b')}`),
    '6:32: volumes.v.bricks[2]: replica set 1 already has a brick on n1 (line 6), ' +
      'so losing that node would lose both',
  ],
  [
    'as many bricks of a disperse set on each node as it can do without',
    withVolume(`disperse: 6\nredundancy: 2\n${bricks('n1:/a', 'n2:/a', 'n3:/a', 'n1:/b', 'n2:/b', 'n3:/b')}`),
  ],
  [
    'one more of them on a node',
    withVolume(`disperse: 6\nredundancy: 2\n${bricks('n1:/a', 'n2:/a', 'n3:/a', 'n1:/b', 'n2:/b', 'n1:/c')}`),
    '7:59: volumes.v.bricks[5]: disperse set 1 can do without 2 bricks, and has that many on n1 already, ' +
      'so losing that node would lose its files',
  ],
  [
    'a disperse set of more bricks than could be counted, and no redundancy',
    withVolume(`disperse: 99999999999999999999\n${bricks('n1:/a')}`),
    '5:15: volumes.v.disperse: must be at most 255',
    '6:14: volumes.v.bricks: 1 brick cannot be divided into disperse sets of 100000000000000000000',
  ],
  [
    'redundancy missing',
    withVolume(`disperse: 3\n${bricks('n1:/a', 'n2:/a', 'n3:/a')}`),
    '5:15: volumes.v: "redundancy" is missing; gluster would choose 1 for disperse 3',
  ],
  [
    'redundancy missing, with gluster choosing 2',
    withVolume(`disperse: 6\n${bricks('n1:/a')}`),
    '5:15: volumes.v: "redundancy" is missing; gluster would choose 2 for disperse 6',
    '6:14: volumes.v.bricks: 1 brick cannot be divided into disperse sets of 6',
  ],
  [
    'redundancy without disperse',
    withVolume(`redundancy: 1\n${bricks('n1:/a')}`),
    '5:17: volumes.v.redundancy: needs "disperse: N", the number of bricks in a set',
  ],
  [
    'redundancy of half the set',
    withVolume(`disperse: 4\nredundancy: 2\n${bricks('n1:/a', 'n2:/a', 'n3:/a')}`),
    '6:17: volumes.v.redundancy: must be less than half of disperse: at most 1 for disperse 4',
    '7:32: volumes.v.bricks: 3 bricks cannot be divided into disperse sets of 4',
  ],
  [
    'too many data bricks',
    withVolume(`disperse: 20\nredundancy: 2\n${bricks('n1:/a')}`),
    '5:15: volumes.v.disperse: has 18 data bricks in a set; gluster allows 16',
    '7:14: volumes.v.bricks: 1 brick cannot be divided into disperse sets of 20',
  ],
  [
    'a protected volume is not absent',
    withVolume('state: absent\nprotect: true'),
    '6:14: volumes.v.protect: a protected volume cannot be absent; to delete it, apply the file without ' +
      '"protect" first, with the volume as it is, and then with "state: absent"',
  ],
  ['an absent volume that is not protected', withVolume('state: absent\nprotect: false')],
  [
    'an absent volume is not checked',
    withVolume(`state: absent\nreplica: 3\ndisperse: 3\n${bricks('n1:/a')}`),
  ],
  [
    'warnings: replica 2',
    withVolume(`replica: 2\n${bricks('n1:/a', 'n2:/a')}`),
    '5:14: warning: volumes.v.replica: two copies can disagree with no third to decide (split-brain); ' +
      '"replica: 3" with "arbiter: 1" needs little more space',
  ],
]);

table('bricks', [
  [
    'unknown nodes',
    withVolume(bricks('n4:/a', 'N1:/a', 'elsewhere:/a')),
    '5:14: volumes.v.bricks[0]: node "n4" is not in "nodes"; did you mean "n1"?',
    '5:23: volumes.v.bricks[1]: node "N1" is not in "nodes"; did you mean "n1"?',
    '5:32: volumes.v.bricks[2]: node "elsewhere" is not in "nodes"',
  ],
  [
    'paths',
    withVolume(
      bricks(
        'n1:/',
        'n1:/a/',
        'n1:/a//b',
        'n1:/a/../b',
        'n1:/./b',
        'n1:/a b',
        'n1:/a:b',
        'n1:/a:/b',
        'n1:/a\nb',
      ),
    ),
    '5:14: volumes.v.bricks[0]: the root directory cannot be a brick',
    '5:22: volumes.v.bricks[1]: the path must not end in "/"',
    '5:32: volumes.v.bricks[2]: the path must not hold "//"',
    '5:44: volumes.v.bricks[3]: the path must not hold "." or ".." parts',
    '5:58: volumes.v.bricks[4]: the path must not hold "." or ".." parts',
    '5:69: volumes.v.bricks[5]: the path must not hold spaces: gluster separates bricks by them',
    '5:80: volumes.v.bricks[6]: the path must not hold ":": gluster splits host and path at the last one',
    '5:91: volumes.v.bricks[7]: the path must not hold ":": gluster splits host and path at the last one',
    '5:103: volumes.v.bricks[8]: the path must not hold control characters',
  ],
  [
    'glusterd’s own directory',
    withVolume(bricks('n1:/var/lib/glusterd/x', 'n1:/var/lib/glusterd', 'n1:/var/lib/glusterdx')),
    '5:14: volumes.v.bricks[0]: the path is inside /var/lib/glusterd, where glusterd keeps its own files',
    '5:40: volumes.v.bricks[1]: the path is inside /var/lib/glusterd, where glusterd keeps its own files',
  ],
  [
    'long paths',
    withVolume(
      bricks(
        `n1:/${'a/'.repeat(100)}a`,
        `n1:/${'c'.repeat(250)}`,
        `n1:/${'b'.repeat(256)}`,
        `n1:${'/b'.repeat(2048)}`,
      ),
    ),
    '5:223: volumes.v.bricks[1]: glusterd would need a file name of 263 bytes for this brick, ' +
      'and 255 are possible; shorten the path',
    '5:481: volumes.v.bricks[2]: a part of the path is longer than 255 bytes',
    '5:745: volumes.v.bricks[3]: the path is longer than 4095 bytes',
  ],
  [
    'claimed twice',
    withNodes(
      'volumes:\n  a: { bricks: ["n1:/a", "n1:/a", "n2:/a/b/c"] }\n' +
        '  b: { bricks: ["n2:/a", "n1:/a/b"] }\n  c: { state: absent, bricks: ["n1:/a"] }',
    ),
    '4:26: volumes.a.bricks[1]: is the same brick as n1:/a of volume "a" (line 4)',
    '5:17: volumes.b.bricks[0]: contains n2:/a/b/c of volume "a" (line 4)',
    '5:26: volumes.b.bricks[1]: lies inside n1:/a of volume "a" (line 4)',
  ],
  [
    'one brick file for two',
    withVolume(bricks('n1:/a/b', 'n1:/a-b', 'n2:/a-b')),
    '5:25: volumes.v.bricks[1]: glusterd would keep this brick and n1:/a/b (line 5) in the same file, ' +
      'because it writes "-" for "/"; rename one',
  ],
]);

const EMPTY_OPTION =
  'must not be empty; remove the option to leave it alone, or use "optionsMode: exact" to reset it';

table('options', [
  [
    'values',
    withVolume(
      `${bricks('n1:/a')}\n` +
        `options: { a.b: "", c.d: " ", e.f: "x\\ny", g.h: "\\0", i.j: ${'x'.repeat(8001)} }`,
    ),
    `6:21: volumes.v.options.a.b: ${EMPTY_OPTION}`,
    `6:30: volumes.v.options.c.d: ${EMPTY_OPTION}`,
    '6:40: volumes.v.options.e.f: must not hold line breaks or other control characters',
    '6:53: volumes.v.options.g.h: must not hold line breaks or other control characters',
    '6:64: volumes.v.options.i.j: must not be longer than 8000 bytes',
  ],
  [
    'set elsewhere',
    withVolume(
      `${bricks('n1:/a')}\noptions: { cluster.op-version: 100000, quota: on, group: virt, user.X: 1 }`,
    ),
    '6:16: volumes.v.options.cluster.op-version: belongs to the whole cluster ' +
      'and cannot be set on one volume ("gluster volume set all …")',
    '6:44: volumes.v.options.quota: is switched by "gluster volume quota"',
    '6:55: volumes.v.options.group: is not an option but a list of options in a file on the nodes; ' +
      'write out the options you want',
  ],
]);
