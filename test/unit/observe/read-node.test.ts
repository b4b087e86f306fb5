/**
 * A probe's output captured on a real node, read; and the same output damaged in every way, which is refused
 * and never throws.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeName } from '../../../src/model/names.ts';
import { readNode } from '../../../src/observe/read-node.ts';
import { readProcesses } from '../../../src/observe/read-processes.ts';

const NONCE = '0123456789abcdef0123456789abcdef';
const CAPTURED = gunzipSync(readFileSync(new URL('../../fixtures/node02.probe.gz', import.meta.url)));

const read = (output: Buffer): ReturnType<typeof readNode> =>
  readNode({ node: nodeName('node02'), nonce: NONCE, output, sentAt: 0, answeredAt: 0 });

describe('a captured node', () => {
  const result = read(CAPTURED);
  if (!result.ok) throw new Error(result.error.title);
  const facts = result.value;

  it('has its store, memory and processes', () => {
    expect(facts).toMatchObject({ hostname: 'node02', version: '10.3', memory: { kind: 'up' } });
    expect(facts.service).toEqual({ manager: 'systemd', active: 'active', result: 'success' });
    const rep = [...facts.store.volumes.values()].find((v) => v.name === 'rep');
    expect(rep).toMatchObject({ status: 'started', layout: { kind: 'replicate', replica: 3, arbiter: 0 } });
    expect(rep?.options.get('network.ping-timeout')).toBe('20');
    expect(rep?.options.has('username')).toBe(false);
    expect(facts.store.problems).toEqual([]);
    const brick = facts.processes.find((p) => p.brick?.path === '/bricks/d1/rep');
    expect(brick?.ports).toEqual([brick?.brick?.port]);
    expect(facts.paths.get('/bricks/d1/rep')?.volumeId).toBe(rep?.id);
    expect(facts.paths.get('/bricks/d9')).toBeUndefined();
    expect(facts.resolves.get('node01')).toEqual(['10.77.2.11']);
    expect(facts.addresses).toContain('10.77.2.12');
    expect(facts.lock?.held).toBe(false);
  });

  it('has the same volumes in its memory as in its store', () => {
    if (facts.memory.kind !== 'up') throw new Error('glusterd was up');
    for (const volume of facts.store.volumes.values()) {
      const remembered = facts.memory.state.volumes.get(volume.name);
      expect(remembered).toMatchObject({ id: volume.id, status: volume.status });
      for (const [name, value] of volume.options) expect(remembered?.options.get(name)).toBe(value);
    }
  });
});

describe('ports', () => {
  /** From the captured lines of /proc/net/tcp: sshd listens on 22. */
  const inode = /:0016 0{8}:0000 0A \S+ \S+ \S+ +\d+ +\d+ (\d+) /.exec(CAPTURED.toString('latin1'))?.[1];
  const withHolders = (...lines: readonly string[]): ReturnType<typeof readNode> => {
    const at = CAPTURED.lastIndexOf(`\n${NONCE} end`);
    const holders = Buffer.from(`\n${NONCE} holders\n${lines.join('\n')}\n`);
    return read(Buffer.concat([CAPTURED.subarray(0, at), holders, CAPTURED.subarray(at)]));
  };
  const others = (result: ReturnType<typeof readNode>): unknown =>
    result.ok ? [...result.value.otherPorts] : result.error;

  it('of others than gluster are known, and nobody was asked who they are', () => {
    expect(inode).toBeDefined();
    expect(others(read(CAPTURED))).toEqual([[22, { pid: undefined, name: '' }]]);
  });

  it('have the name of their holder where it was asked, whatever it is called', () => {
    const result = withHolders(`${inode ?? ''} 17 a b (c)`, `${inode ?? ''} 18 child`, '4 nonsense', '');
    expect(others(result)).toEqual([[22, { pid: 17, name: 'a b (c)' }]]);
  });
});

describe('who listens', () => {
  const socket = (local: string, inode: number): string =>
    `0: ${local}:5DC7 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 ${String(inode)} 1`;
  it.each([
    ['on every IPv4 address', '00000000', [24007]],
    ['on one IPv4 address', '0100007F', [24007]],
    ['on every address', '0'.repeat(32), [24007]],
    ['on one IPv4 address, by an IPv6 socket', `${'0'.repeat(16)}FFFF00000100007F`, [24007]],
    ['on one IPv6 address, which keeps nobody from IPv4', `${'0'.repeat(24)}01000000`, []],
  ])('%s', (_where, local, ports) => {
    expect([...readProcesses([], socket(local, 9), '').otherPorts.keys()]).toEqual(ports);
  });
});

describe('a node whose glusterd.vol says otherwise', () => {
  it('is refused, with the directory: the store that is read would not be glusterd’s', () => {
    const at = CAPTURED.lastIndexOf(`\n${NONCE} end`);
    const elsewhere = Buffer.from(`\n${NONCE} elsewhere\nworking-directory /srv/glusterd\n`);
    const result = read(Buffer.concat([CAPTURED.subarray(0, at), elsewhere, CAPTURED.subarray(at)]));
    expect(result.ok ? undefined : result.error.cause).toContain('working-directory /srv/glusterd');
  });
});

describe('a node that lacks a program', () => {
  it('is refused with its name: what it reads would pass for missing', () => {
    const at = CAPTURED.lastIndexOf(`\n${NONCE} end`);
    const lacking = Buffer.from(`\n${NONCE} lacking\n find\n`);
    const result = read(Buffer.concat([CAPTURED.subarray(0, at), lacking, CAPTURED.subarray(at)]));
    expect(result.ok ? undefined : result.error.cause).toContain('not installed there: find');
  });
});

describe('damaged output', () => {
  it('that ends early is refused, wherever it ends', () => {
    fc.assert(
      fc.property(fc.nat(CAPTURED.length - 60), (length) => {
        expect(read(CAPTURED.subarray(0, length)).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever bytes are changed', () => {
    const change = fc.record({ at: fc.nat(CAPTURED.length - 1), bytes: fc.uint8Array({ maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const output = Buffer.from(CAPTURED);
        for (const { at, bytes } of changes) output.set(bytes.subarray(0, output.length - at), at);
        read(output);
      }),
      { numRuns: 300 },
    );
  });

  it('cannot forge a frame without the nonce', () => {
    const forged = Buffer.concat([
      CAPTURED.subarray(0, 200),
      Buffer.from('\nffffffffffffffffffffffffffffffff end\n'),
    ]);
    expect(read(forged).ok).toBe(false);
  });
});
