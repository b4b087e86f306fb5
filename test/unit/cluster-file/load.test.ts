/** The meaning of a valid cluster file: defaults, precedence, options as written, positions. */
import { describe, expect, test } from 'vitest';
import { context, desiredOf, load, saidOf, withNodes, withVolume } from './example.ts';

const minimal = 'cluster: c\nnodes: { n1: }\n';

describe('defaults', () => {
  test('of a file that says as little as possible', () => {
    expect(desiredOf(minimal)).toEqual({
      cluster: 'c',
      nodes: [
        {
          name: 'n1',
          address: 'n1',
          ssh: {
            user: undefined,
            port: undefined,
            identityFile: undefined,
            knownHostsFile: undefined,
            strictHostKeyChecking: undefined,
            become: false,
            becomePasswordFile: undefined,
            proxyJump: undefined,
            connectTimeoutSeconds: undefined,
            configFile: undefined,
          },
        },
      ],
      volumes: [],
      policy: { unmanagedVolumes: 'ignore', allowBricksOnRootPartition: false },
    });
  });
  test('of a node that replaces its own name: it stays, and is new', () => {
    const { nodes } = desiredOf('cluster: c\nnodes: { n1: { replaces: n1 }, n2: { replaces: n3 } }\n');
    expect(nodes.map((n) => [n.name, n.isNewMachine, n.isAbsent, n.replacedBy])).toEqual([
      ['n1', true, undefined, undefined],
      ['n2', undefined, undefined, undefined],
      ['n3', undefined, true, 'n2'],
    ]);
  });
  test('of a volume', () => {
    expect(desiredOf(withVolume('bricks: ["n1:/a"]')).volumes).toEqual([
      {
        name: 'v',
        state: 'started',
        layout: { kind: 'distribute' },
        transport: 'tcp',
        bricks: [{ node: 'n1', path: '/a' }],
        options: new Map(),
        optionsMode: 'merge',
        rebalance: 'auto',
        protect: false,
        position: { file: 'c.yaml', line: 4, column: 3 },
        optionPositions: new Map(),
      },
    ]);
  });
  test('sections left blank are empty', () => {
    expect(saidOf('cluster: c\nnodes: { n1: }\nssh:\nvolumes:\npolicy:\n')).toEqual([]);
    expect(desiredOf(withVolume('bricks: ["n1:/a"]\noptions:')).volumes[0]?.options.size).toBe(0);
  });
});

describe('layout', () => {
  test.each([
    ['replica: 3\nbricks: ["n1:/a", "n2:/a", "n3:/a"]', { kind: 'replicate', replica: 3, arbiter: 0 }],
    [
      'replica: 3\narbiter: 1\nbricks: ["n1:/a", "n2:/a", "n3:/a"]',
      { kind: 'replicate', replica: 3, arbiter: 1 },
    ],
    [
      'disperse: 3\nredundancy: 1\nbricks: ["n1:/a", "n2:/a", "n3:/a"]',
      { kind: 'disperse', disperse: 3, redundancy: 1 },
    ],
    ['state: absent', { kind: 'distribute' }],
    ['state: absent\ndisperse: 3', { kind: 'distribute' }],
    ['state: absent\nreplica: 2\narbiter: 1', { kind: 'replicate', replica: 2, arbiter: 0 }],
  ])('%j', (body, layout) => {
    expect(desiredOf(withVolume(body)).volumes[0]?.layout).toEqual(layout);
  });
});

describe('ssh', () => {
  const text = [
    'cluster: c',
    'ssh: { user: ann, port: 2200, identityFile: keys/id, knownHostsFile: ~/kh }',
    'nodes: { n1: { ssh: { port: 2201, identityFile: ../id2 } }, n2: }',
  ].join('\n');
  test('the node wins over the file, and paths become absolute', () => {
    const [n1, n2] = desiredOf(text).nodes;
    expect(n1?.ssh).toMatchObject({
      user: 'ann',
      port: 2201,
      identityFile: '/etc/id2',
      knownHostsFile: '/home/ann/kh',
    });
    expect(n2?.ssh).toMatchObject({ user: 'ann', port: 2200, identityFile: '/etc/gluster/keys/id' });
  });
  test('a flag wins over the node; one that was not given wins over nothing', () => {
    const [n1] = desiredOf(text, { flags: { user: 'eve', identityFile: undefined } }).nodes;
    expect(n1?.ssh).toMatchObject({ user: 'eve', port: 2201, identityFile: '/etc/id2' });
  });
});

describe('options', () => {
  const options = (text: string) => [
    ...(desiredOf(withVolume(`bricks: ["n1:/a"]\n${text}`)).volumes[0]?.options ?? []),
  ];
  test.each([
    ['on', 'on'],
    ['1GB', '1GB'],
    ['020', '020'],
    ['true', 'true'],
    ['1.50', '1.50'],
    ['0x10', '0x10'],
    ['1e3', '1e3'],
    ['"020"', '020'],
    ["'*'", '*'],
    ['!!str 007', '007'],
    ['90071992547409931', '90071992547409931'],
  ])('%s is kept as %j', (written, kept) => {
    expect(options(`options: { a.b: ${written} }`)).toEqual([['a.b', kept]]);
  });
  test('stand in file order, with their places', () => {
    const [volume] = desiredOf(withVolume('bricks: ["n1:/a"]\noptions:\n  z.z: 1\n  a.a: 2')).volumes;
    expect([...(volume?.options.keys() ?? [])]).toEqual(['z.z', 'a.a']);
    expect(volume?.optionPositions.get('a.a')).toEqual({ file: 'c.yaml', line: 8, column: 7 });
  });
});

describe('anchors', () => {
  test('own keys win over merged ones, and the first merged over the second', () => {
    const text = withNodes(
      'x-a: &a { state: stopped, protect: true }\n' +
        'x-b: &b { state: absent, transport: rdma, bricks: ["n1:/x"] }\n' +
        'volumes: { v: { <<: [*a, *b], bricks: ["n1:/a"] } }',
    );
    expect(desiredOf(text).volumes[0]).toMatchObject({
      state: 'stopped',
      protect: true,
      transport: 'rdma',
      bricks: [{ path: '/a' }],
    });
  });
  test('an alias bomb is refused, quickly', () => {
    let text = 'cluster: c\nnodes: { n1: }\nx-0: &a0 [x, x]\n';
    for (let i = 1; i < 60; i++)
      text += `x-${String(i)}: &a${String(i)} [*a${String(i - 1)}, *a${String(i - 1)}]\n`;
    expect(saidOf(text)[0]).toMatch(/its aliases expand to more than 2000000 values$/);
  });
});

describe('hostile files', () => {
  test.each([
    ['[', 100_000],
    ['{a: ', 100_000],
    ['- ', 100_000],
    ['? ', 100_000],
    ['&a ', 10_000],
    ['"', 10_001],
    ['\0', 1000],
  ])('%j times %i is an error, not a crash', (piece, times) => {
    expect(load(piece.repeat(times)).ok).toBe(false);
  });
  test('a file of more than 4 MiB', () => {
    expect(saidOf(`# ${'x'.repeat(4 * 1024 * 1024)}\n${minimal}`)).toEqual([
      '1:1: the file is larger than 4 MiB',
    ]);
    expect(saidOf(`# ${'é'.repeat(2 * 1024 * 1024)}\n${minimal}`)).toEqual([
      '1:1: the file is larger than 4 MiB',
    ]);
  });
  test('names that JavaScript uses itself are names like any other', () => {
    const text = withNodes('volumes: { __proto__: { state: absent }, constructor: { bricks: ["n1:/a"] } }');
    expect(desiredOf(text).volumes.map((volume) => volume.name)).toEqual(['__proto__', 'constructor']);
    expect(saidOf(`${minimal}__proto__: 1\n`)[0]).toMatch(/^3:1: __proto__: unknown key/);
  });
  test('the list of mistakes is bounded', () => {
    const text = minimal + Array.from({ length: 1500 }, (_, i) => `k${String(i)}: 1\n`).join('');
    expect(saidOf(text)).toHaveLength(1001);
    expect(saidOf(text).at(-1)).toMatch(/: and 500 more, not shown$/);
  });
});

test('a byte order mark and Windows line ends are accepted', () => {
  expect(desiredOf(`\uFEFF${minimal.replaceAll('\n', '\r\n')}`).cluster).toBe('c');
});

// The limit is for work that grows with the square of the file; a slow machine takes some seconds.
test('a thousand volumes are read', { timeout: 60_000 }, () => {
  const node = (i: number) => `node${String(i)}`;
  let text = 'cluster: c\nnodes:\n';
  for (let n = 0; n < 1000; n++) text += `  ${node(n)}: {}\n`;
  text += 'volumes:\n';
  for (let v = 0; v < 1000; v++) {
    text += `  v${String(v)}:\n    replica: 3\n    bricks:\n`;
    for (let b = 0; b < 30; b++) text += `      - ${node((v + b) % 1000)}:/bricks/d1/v${String(v)}\n`;
  }
  expect(load(text, context).ok).toBe(true);
});
