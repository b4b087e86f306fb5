/**
 * `export` as a person gives it, on simulated clusters: what it prints is the cluster, no more and no less.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyCommand } from '../../../src/cli/commands/apply.ts';
import { exportCommand } from '../../../src/cli/commands/export.ts';
import { planCommand } from '../../../src/cli/commands/plan.ts';
import { FailureError } from '../../../src/core/failure.ts';
import { optionsToWrite } from '../../../src/plan/options.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const HEAD = `# our three machines
cluster: sim
x-login: &login { user: admin } # everywhere the same
nodes:
  node01: { address: 10.0.0.11, ssh: *login }
  node02: { address: 10.0.0.12, ssh: *login }
  node03: { address: 10.0.0.13 }
policy: { unmanagedVolumes: report }
`;
const bricks = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(' ');
const LIVE = [
  `volume create healing replica 3 ${bricks('healing')}`,
  'volume start healing',
  'volume set healing network.ping-timeout 21',
  'volume set healing auth.allow 192.0.2.*',
  'volume set healing performance.client-io-threads on',
  `volume create small replica 3 arbiter 1 ${bricks('small')}`,
  `volume create coded disperse 3 redundancy 1 ${bricks('coded')}`,
  'volume start coded',
  'volume stop coded',
  'volume create wide node02:/bricks/d2/wide node01:/bricks/d2/wide',
  'volume start wide',
];
const SETTLE_MS = 10_000;

async function pool(seed: number): Promise<SimCluster> {
  const cluster = SimCluster.create({ seed, nodes: NODES });
  await cluster.formPool();
  return cluster;
}

/** What a cluster file can say of a cluster: without identities, ports and versions. */
const contentOf = (cluster: SimCluster): unknown =>
  [...cluster.node('node01').store.volumes.values()].map((v) => ({
    name: v.name,
    runs: v.status === 'started',
    layout: v.layout,
    options: new Map([...v.options].sort()),
    bricks: v.bricks.map((b) => `${b.hostname}:${b.path}`),
  }));

describe('export', () => {
  let dir: string;
  let cluster: SimCluster;
  let out: string, err: string;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-export-'));
    cluster = await pool(5);
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  function file(text: string): string {
    const path = join(dir, 'cluster.yaml');
    writeFileSync(path, text);
    return path;
  }
  async function run(
    on: SimCluster,
    work: (session: ReturnType<typeof sessionOn>) => Promise<void>,
  ): Promise<number> {
    [out, err] = ['', ''];
    process.exitCode = 0;
    await work(sessionOn(on, { out: (t) => void (out += t), err: (t) => void (err += t) }));
    await on.clock.sleep(SETTLE_MS);
    const code = process.exitCode;
    process.exitCode = 0;
    return code;
  }
  const live = async (): Promise<void> => {
    for (const words of LIVE) {
      const answer = await cluster.gluster('node01', words.split(' '));
      expect(answer, words).toMatchObject({ kind: 'done' });
    }
    await cluster.clock.sleep(SETTLE_MS);
  };
  const exported = async (text: string): Promise<string> => {
    await run(cluster, (session) => exportCommand(file(text), {}, session));
    return out;
  };
  const refusal = async (text: string): Promise<FailureError> => {
    const error: unknown = await exported(text).catch((e: unknown) => e);
    if (!(error instanceof FailureError)) throw new Error(`it was not refused: ${String(error)}`);
    return error;
  };

  it('is a file whose plan is empty, in either mode of options', async () => {
    await live();
    const text = await exported(HEAD);
    expect(err).toBe('');
    expect(text).not.toMatch(/granular-entry-heal|fips-mode|address-family|nfs\.disable/);
    for (const one of [text, text.replaceAll('    bricks:', '    optionsMode: exact\n    bricks:')]) {
      const code = await run(cluster, (session) =>
        planCommand(file(one), { format: 'text', prefer: [], detailedExitcode: true }, session),
      );
      expect(code, out + err).toBe(0);
    }
  });

  it('makes the same volumes on an empty cluster', async () => {
    await live();
    const text = await exported(HEAD);
    const other = await pool(6);
    const code = await run(other, (session) =>
      applyCommand(
        file(text),
        { format: 'text', yes: true, allowDestroy: [], prefer: [], repair: true },
        session,
      ),
    );
    expect(code, out + err).toBe(0);
    expect(contentOf(other)).toEqual(contentOf(cluster));
  });

  it('leaves all else of the file as it stands, and says what no node knows as the file does', async () => {
    await live();
    const old =
      'volumes:\n' +
      '  wide: { protect: true, optionsMode: exact, bricks: [node01:/bricks/d2/other] }\n' +
      '  gone: { state: absent }\n';
    const text = await exported(HEAD + old);
    for (const line of HEAD.trim().split('\n')) expect(text).toContain(line);
    const wide = [
      'wide:',
      '    bricks:',
      '      - node02:/bricks/d2/wide',
      '      - node01:/bricks/d2/wide',
      '    optionsMode: exact',
      '    protect: true',
      '',
    ];
    expect(text).toContain(wide.join('\n'));
    expect(text).not.toContain('gone');
    expect(await exported(text)).toBe(text);
  });

  it('says what the nodes remember of a protection', async () => {
    await live();
    await cluster.gluster('node01', ['volume', 'set', 'wide', 'user.glusterctl.protect', 'on']);
    await cluster.clock.sleep(10_000);
    const text = await exported(HEAD);
    expect(text).toContain('protect: true');
    expect(text).not.toContain('user.glusterctl');
  });

  it('refuses a volume about which the nodes disagree', async () => {
    await live();
    cluster.node('node02').disk.remove('/var/lib/glusterd/vols/wide');
    const { failures } = await refusal(HEAD);
    expect(failures.map((f) => [f.code, f.title])).toEqual([
      ['decision-needed', 'the nodes do not agree about volume wide'],
    ]);
  });

  it('refuses bricks of nodes that the file does not name, and names them', async () => {
    await live();
    const { failures } = await refusal(HEAD.replace(/ {2}node03.*\n/, ''));
    expect(failures.map((f) => f.fix)).toEqual(Array(3).fill('add to the file, under nodes: node03'));
  });

  it('refuses to lose an anchor that something outside of the volumes refers to', async () => {
    const text =
      HEAD.replace('policy: { unmanagedVolumes: report }\n', '') +
      'volumes:\n  wide: { bricks: [node01:/bricks/d2/wide], protect: &yes true }\n' +
      'policy: { allowBricksOnRootPartition: *yes }\n';
    const { failures } = await refusal(text);
    expect(failures).toMatchObject([{ code: 'invalid-input' }]);
  });

  it('leaves out a volume that a cluster file must not have, and says why', async () => {
    await live();
    const two = 'node01:/bricks/d1/twice node01:/bricks/d2/twice';
    await cluster.gluster('node01', `volume create twice replica 2 ${two} force`.split(' '));
    const text = await exported(HEAD);
    expect(text).toContain('wide:');
    expect(text).not.toContain('twice');
    expect(err).toMatch(/^left out, .*\n {2}volume twice: .*replica set 1 already has a brick on node01/);
    expect(err).not.toMatch(/line \d/);
  });

  it('prints nothing of a node that would move the cursor, or turn the direction of writing', async () => {
    await live();
    const set = ['volume', 'set', 'wide', 'user.\x1b[2Jred\u202e', 'a\u202e\x1b[2Jb'];
    expect(await cluster.gluster('node01', set)).toMatchObject({ kind: 'done' });
    await cluster.clock.sleep(SETTLE_MS);
    const text = await exported(HEAD);
    expect(err).toContain('option user.\\x1b[2Jred');
    expect(text + err).not.toMatch(/[\x1b\u202e]/);
  });

  it('writes no option of another command, and one of glusterd only with a value of its own', () => {
    const options = { 'features.quota': 'on', 'nfs.disable': 'off', 'transport.address-family': 'inet' };
    expect([...optionsToWrite(new Map(Object.entries(options)))]).toEqual([['nfs.disable', 'off']]);
  });

  it('says what its plan would still do where the cluster is not whole', async () => {
    await live();
    cluster.node('node01').killBrick('/bricks/d2/wide');
    const text = await exported(HEAD);
    expect(text).toContain('wide');
    expect(err).toMatch(/would still say:\n.*brick.*node01/);
  });
});
