/**
 * `init` as a person gives it: a template without contact to any node, and a simulated cluster read from one
 * of its hosts, as far as SSH reaches them from here.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initCommand, type InitFlags } from '../../../src/cli/commands/init.ts';
import { exitCodeOfFailures } from '../../../src/cli/exit-codes.ts';
import type { Session } from '../../../src/cli/session.ts';
import { failure, FailureError } from '../../../src/core/failure.ts';
import type { Desired, DesiredNode } from '../../../src/model/desired.ts';
import type { NodeReading } from '../../../src/model/observed.ts';
import { observeRequest, readNode } from '../../../src/observe/observe-all.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { desiredOf } from '../cluster-file/example.ts';
import { stateOf } from '../../laws/fault-run.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const ADDRESSES = NODES.map((name, i) => [`10.0.0.${String(11 + i)}`, name] as const);
const SETTLE_MS = 10_000;

let dir: string, out: string, err: string;
let contacts: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-init-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** SSH from here reaches what is in `reach`, and nothing else. */
function sessionFrom(cluster: SimCluster, reach: ReadonlyMap<string, string>): Session {
  [out, err, contacts] = ['', '', []];
  const session = sessionOn(cluster, { out: (t) => void (out += t), err: (t) => void (err += t) });
  const read = async ({ name, address }: DesiredNode, desired: Desired): Promise<NodeReading> => {
    contacts.push(address);
    const target = reach.get(address);
    if (target !== undefined)
      return await readNode(cluster.link(target), observeRequest(desired, name, undefined));
    return {
      kind: 'failed',
      failure: failure('node-unreachable', `cannot connect to ${address}`, { node: name }),
    };
  };
  return {
    ...session,
    open: async (desired, ...rest) => {
      const readings = await Promise.all(
        desired.nodes.map(async (node) => [node.name, await read(node, desired)] as const),
      );
      const empty = await session.open({ ...desired, nodes: [] }, ...rest);
      return { ...empty, observed: { nodes: new Map(readings) } };
    },
  };
}

async function pool(): Promise<SimCluster> {
  const cluster = SimCluster.create({ seed: 7, nodes: NODES });
  await cluster.formPool();
  const bricks = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(' ');
  for (const words of [`volume create data replica 3 ${bricks('data')}`, 'volume start data'])
    await cluster.gluster('node02', words.split(' '));
  await cluster.clock.sleep(SETTLE_MS);
  return cluster;
}

const init = (session: Session, hosts: readonly string[], flags: Partial<InitFlags>): Promise<void> =>
  initCommand(hosts, { cluster: 'gluster', ...flags }, session);

async function refusal(work: Promise<void>): Promise<FailureError & { readonly code: number }> {
  const error: unknown = await work.then(
    () => 'nothing',
    (e: unknown) => e,
  );
  if (!(error instanceof FailureError)) throw new Error(`it was not refused: ${String(error)}`);
  return Object.assign(error, { code: exitCodeOfFailures(error.failures) });
}

/** What a name service and a routing table give: all of it, and the addresses alone. */
const EVERYTHING = new Map([...ADDRESSES, ...NODES.map((name) => [name, name] as const)]);
const ADDRESSES_ONLY = new Map(ADDRESSES);

const written = async (
  cluster: SimCluster,
  reach: ReadonlyMap<string, string>,
  from: string,
): Promise<string> => {
  await init(sessionFrom(cluster, reach), [], { from });
  return out;
};

describe('init --from', () => {
  it.each([
    ['where names lead there', EVERYTHING, NODES.map((name) => `  ${name}: {}`)],
    [
      'where addresses alone do',
      ADDRESSES_ONLY,
      ADDRESSES.map(([address, name]) => `  ${name}: { address: ${address} }`),
    ],
  ])('is the same file from every host, sorted, %s', async (_title, reach, lines) => {
    const cluster = await pool();
    const texts: string[] = [];
    for (const [address] of ADDRESSES) texts.push(await written(cluster, reach, address));
    expect(new Set(texts).size).toBe(1);
    const [text = ''] = texts;
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+cluster\.schema\.json\n/);
    expect(text.slice(text.indexOf('nodes:'))).toMatch(`nodes:\n${lines.join('\n')}\nvolumes:\n  data:\n`);
    expect(desiredOf(text).volumes.map((v) => v.name)).toEqual(['data']);
  });

  it('takes another name for the host it was given, where SSH went there', async () => {
    const cluster = await pool();
    const reach = new Map([...ADDRESSES, ['localhost', 'node02'] as const, ['gu2', 'node02'] as const]);
    expect(await written(cluster, reach, 'gu2')).toContain('node02: { address: gu2 }');
    expect(await written(cluster, reach, 'localhost')).toContain('node02: { address: 10.0.0.12 }');
  });

  it('keeps the SSH flags, and a name of the cluster', async () => {
    const cluster = await pool();
    const flags = { from: '10.0.0.11', cluster: 'lab', user: 'admin', port: 2222, become: true };
    await init(sessionFrom(cluster, ADDRESSES_ONLY), [], flags);
    expect(out).toContain('\ncluster: lab\nssh:\n  user: admin\n  port: 2222\n  become: true\nnodes:\n');
  });

  it('writes nothing where a member cannot be read', async () => {
    const cluster = await pool();
    const reach = new Map(ADDRESSES.slice(0, 2));
    const path = join(dir, 'cluster.yaml');
    const work = init(sessionFrom(cluster, reach), [], { from: '10.0.0.11', out: path });
    const { code, failures } = await refusal(work);
    expect(code).toBe(7);
    expect(failures.map((f) => [f.node, f.details])).toEqual([
      ['node03', ['also tried: cannot connect to 10.0.0.13']],
    ]);
    expect([out, existsSync(path)]).toEqual(['', false]);
  });

  it('takes no other host for a member, whatever its name leads to', async () => {
    const cluster = await pool();
    const astray = new Map([...EVERYTHING, ['node03', 'node02'] as const]);
    expect(await written(cluster, astray, '10.0.0.11')).toContain('node03: { address: 10.0.0.13 }');
    const lost = new Map([...astray].filter(([address]) => address !== '10.0.0.13'));
    const { code, failures } = await refusal(init(sessionFrom(cluster, lost), [], { from: '10.0.0.11' }));
    expect([code, failures.map((f) => f.title)]).toEqual([7, ['node03 is not the peer node03']]);
  });

  it('refuses where the nodes disagree about a volume, and writes nothing', async () => {
    const cluster = await pool();
    cluster.node('node02').disk.remove('/var/lib/glusterd/vols/data');
    const path = join(dir, 'cluster.yaml');
    const work = init(sessionFrom(cluster, EVERYTHING), [], { from: 'node01', out: path });
    const { code, failures } = await refusal(work);
    expect(code).toBe(8);
    expect(failures[0]?.fix).toContain('glusterctl init node01 node02 node03 --out nodes.yaml');
    expect([out, existsSync(path)]).toEqual(['', false]);
  });

  it('changes nothing on the nodes', async () => {
    const cluster = await pool();
    const before = stateOf(cluster);
    await written(cluster, EVERYTHING, 'node01');
    expect(stateOf(cluster)).toBe(before);
  });
});

describe('init HOST…', () => {
  it('is a valid file of these nodes, with examples in comments, and contacts nobody', async () => {
    const cluster = await pool();
    await init(sessionFrom(cluster, EVERYTHING), ['b1', 'a1', '192.0.2.7'], { user: 'admin' });
    expect(contacts).toEqual([]);
    const desired = desiredOf(out);
    expect(desired.nodes.map((n) => [n.name, n.ssh.user])).toEqual(
      ['b1', 'a1', '192.0.2.7'].map((name) => [name, 'admin']),
    );
    expect(out.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=/);
    const volumes = out.slice(out.indexOf('# volumes:')).replaceAll(/^# ?/gm, '');
    const filled = desiredOf(`${out.slice(0, out.indexOf('# volumes:'))}${volumes}`);
    expect(filled.volumes.map((v) => v.name)).toEqual(['data', 'old']);
  });

  it.each([
    ['localhost', 'nodes.localhost: means a different machine'],
    ['admin@gu1', 'is not a host name'],
  ])('refuses %s', async (host, why) => {
    const cluster = await pool();
    const { code, message } = await refusal(init(sessionFrom(cluster, EVERYTHING), [host], {}));
    expect([code, message]).toEqual([4, expect.stringContaining(why)]);
  });

  it('wants hosts or one host to read, not both and not neither', async () => {
    const session = sessionFrom(await pool(), EVERYTHING);
    expect((await refusal(init(session, [], {}))).code).toBe(4);
    expect((await refusal(init(session, ['a1'], { from: 'node01' }))).code).toBe(4);
  });
});

describe('--out', () => {
  it('is written once, and never over what is there', async () => {
    const session = sessionFrom(await pool(), EVERYTHING);
    const path = join(dir, 'cluster.yaml');
    await init(session, ['a1'], { out: path });
    const first = readFileSync(path, 'utf8');
    expect([out, err]).toEqual(['', `written to ${path}; next: glusterctl plan ${path}\n`]);
    const { code, message } = await refusal(init(session, [], { from: 'node01', out: path }));
    expect([code, message]).toEqual([4, expect.stringContaining('is there already')]);
    expect(readFileSync(path, 'utf8')).toBe(first);
    expect(contacts).toEqual([]);
  });

  it('is not written over what came while the nodes were read', async () => {
    const cluster = await pool();
    const path = join(dir, 'cluster.yaml');
    const session = sessionFrom(cluster, EVERYTHING);
    const slow: Session = {
      ...session,
      open: (...args) => {
        writeFileSync(path, 'somebody else');
        return session.open(...args);
      },
    };
    expect((await refusal(init(slow, [], { from: 'node01', out: path }))).code).toBe(4);
    expect(readFileSync(path, 'utf8')).toBe('somebody else');
  });
});
