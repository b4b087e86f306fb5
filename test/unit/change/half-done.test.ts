/**
 * What `gluster` leaves half done when a commit fails on one node, and one `apply` that ends it: whatever the
 * file says of the volume, the cluster is as the file says afterwards, and other volumes are not disturbed.
 */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../../src/cli/program.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from '../cli/session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const STORE = '/var/lib/glusterd/vols';
/** Daemons that were started are up after this. */
const REST_MS = 70_000;

const bricks = (name: string): readonly string[] => NODES.map((n) => `${n}:/bricks/d1/${name}`);
const file = (more: string): string => `cluster: sim
nodes: { node01: { address: 10.0.0.11 }, node02: { address: 10.0.0.12 }, node03: { address: 10.0.0.13 } }
volumes:
  other: { replica: 3, bricks: [${bricks('other').join(', ')}] }
${more}`;
const wanted = (state: string, more = ''): string =>
  file(`  data: { state: ${state}, replica: 3, bricks: [${bricks('data').join(', ')}]${more} }\n`);

let cluster: SimCluster;
let dir: string;
let said: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'half-done-'));
  cluster = SimCluster.create({ seed: 11, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  await made('other');
});

afterEach(() => {
  process.exitCode = 0;
});

/** A command of an administrator on the node. */
async function gluster(node: string, words: string): Promise<string> {
  const { kind } = await cluster.gluster(node, words.split(' '));
  await cluster.clock.sleep(REST_MS);
  return kind;
}

async function made(name: string, start = true): Promise<void> {
  expect(await gluster('node01', `volume create ${name} replica 3 ${bricks(name).join(' ')}`)).toBe('done');
  if (start) expect(await gluster('node01', `volume start ${name}`)).toBe('done');
}

/** A command that fails to be stored on one node. */
async function failing(node: string, path: string, words: string): Promise<void> {
  await cluster.node(node).fault({ kind: 'immutable', path });
  expect(await gluster('node01', words)).toBe('failed');
  await cluster.node(node).fault({ kind: 'mutable', path });
}

async function restart(node: string): Promise<void> {
  cluster.node(node).stopGlusterd('process');
  cluster.node(node).startGlusterd();
  await cluster.clock.sleep(REST_MS);
}

async function glusterctl(words: string, text: string): Promise<number> {
  const path = join(dir, 'cluster.yaml');
  writeFileSync(path, text);
  said = '';
  const say = (line: string): void => void (said += line);
  const session = sessionOn(cluster, { out: say, err: say });
  process.exitCode = 0;
  const argv = words.split(' ').map((w) => (w === 'FILE' ? path : w));
  await program(session, '0')
    .exitOverride()
    .parseAsync(['node', 'glusterctl', ...argv]);
  const code = process.exitCode;
  process.exitCode = 0;
  await cluster.clock.sleep(REST_MS);
  return code;
}

const otherPids = (): readonly number[] =>
  NODES.flatMap((n) =>
    cluster
      .node(n)
      .processes.filter((p) => p.argv.includes('/bricks/d1/other'))
      .map((p) => p.pid),
  );
const holders = (): readonly string[] => NODES.filter((n) => cluster.node(n).info('data').length > 0);

interface Story {
  readonly name: string;
  readonly arrange: () => Promise<void>;
  /** What the file says of the volume besides its state. */
  readonly more?: string;
}

const STORIES: readonly Story[] = [
  {
    name: 'half deleted: one store refused it',
    arrange: async () => {
      await made('data', false);
      await failing('node03', `${STORE}/data`, 'volume delete data');
      expect(holders()).toEqual(['node03']);
    },
  },
  {
    name: 'half deleted: the definition is removed under a running glusterd',
    arrange: async () => {
      await made('data', false);
      cluster.node('node02').disk.remove(`${STORE}/data`);
      expect(holders()).toEqual(['node01', 'node03']);
    },
  },
  {
    name: 'resurrected: deleted on two of three, and a restart brings it back',
    arrange: async () => {
      await made('data', false);
      await failing('node03', `${STORE}/data`, 'volume delete data');
      await restart('node01');
      expect(holders()).toEqual(['node01', 'node03']);
    },
  },
  {
    name: 'half created: one store refused it',
    arrange: async () => {
      await failing('node03', STORE, `volume create data replica 3 ${bricks('data').join(' ')}`);
      expect(holders()).toEqual(['node01', 'node02']);
    },
  },
  {
    name: 'half set: an option is stored on two of three',
    more: ', options: { network.ping-timeout: 21 }',
    arrange: async () => {
      await made('data');
      await failing('node03', `${STORE}/data`, 'volume set data network.ping-timeout 21');
    },
  },
];

describe.each(STORIES)('$name', ({ arrange, more }) => {
  it.each(['started', 'stopped', 'absent'])('one apply ends it, the file says %s', async (state) => {
    await arrange();
    const before = otherPids();
    expect(before).toHaveLength(3);
    const text = wanted(state, more);
    const allow = state === 'absent' ? ' --allow-destroy volume/data' : '';
    expect(await glusterctl('plan FILE --detailed-exitcode', text), said).toBe(2);
    expect(said).toContain('Repairs first:');
    expect(await glusterctl(`apply FILE --yes${allow}`, text), said).toBe(0);
    expect(holders()).toEqual(state === 'absent' ? [] : NODES);
    expect(new Set(NODES.map((n) => cluster.node(n).info('data').join('\n'))).size).toBe(1);
    expect(otherPids()).toEqual(before);
    expect(await glusterctl('plan FILE --detailed-exitcode', text), said).toBe(0);
    expect(await glusterctl('doctor FILE', text), said).toBe(0);
  });
});

it('a plan that begins with repairs is not saved', async () => {
  await made('data');
  cluster.node('node02').disk.remove(`${STORE}/data`);
  const saved = join(dir, 'saved.plan');
  await expect(glusterctl(`plan FILE --out ${saved}`, wanted('started'))).rejects.toThrow('is not saved');
  expect(existsSync(saved)).toBe(false);
});
