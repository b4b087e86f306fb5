/** Commands that are printed can be pasted: they name the file of the call, quoted, and its flags. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer } from '../../../src/cli/program.ts';
import { quote } from '../../../src/core/shell.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((n) => `${n}:/bricks/d1/data`);
const TEXT =
  `cluster: sim\nnodes: { node01: {}, node02: {}, node03: {} }\nvolumes:\n  data:\n    replica: 3\n` +
  `    bricks: [${BRICKS.join(', ')}]\n`;
const NAMES = ['cluster.yaml', "it's a cluster; true.yaml", 'back\\slash "and" *stars*_.yaml'];

async function healthy(): Promise<SimCluster> {
  const cluster = SimCluster.create({ seed: 5, nodes: NODES });
  await cluster.formPool();
  for (const words of [`volume create data replica 3 ${BRICKS.join(' ')}`, 'volume start data'])
    await cluster.gluster('node01', words.split(' '));
  await cluster.clock.sleep(30_000);
  return cluster;
}

describe('a command that a report names', () => {
  let dir: string;
  let cluster: SimCluster;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-paste-'));
    cluster = await healthy();
    cluster.node('node02').killBrick('/bricks/d1/data');
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
    process.exitCode = 0;
  });

  /** What `WORDS FILE MORE` prints, on both streams. */
  async function said(path: string, words: string, ...more: readonly string[]): Promise<string> {
    let text = '';
    const print = (t: string): void => void (text += t);
    const argv = ['node', 'glusterctl', ...words.split(' '), path, ...more];
    await answer(argv, '0', sessionOn(cluster, { out: print, err: print }));
    return text;
  }
  const fileOf = (name: string): string => {
    const path = join(dir, name);
    writeFileSync(path, TEXT);
    return path;
  };
  const remedyIn = (json: string): unknown =>
    (JSON.parse(json) as { findings: readonly { code: string; remedy: string }[] }).findings.find(
      (f) => f.code === 'brick-offline',
    )?.remedy;

  it.each(NAMES)('has the file %s, as a shell reads it, as text and as JSON', async (name) => {
    const path = fileOf(name);
    const remedy = `start it: "glusterctl apply ${quote(path)}", or "glusterctl recover ${quote(path)}"`;
    expect(await said(path, 'doctor')).toContain(`remedy: ${remedy}\n`);
    expect(remedyIn(await said(path, 'doctor', '--json'))).toBe(remedy);
  });

  it('is no markup of markdown', async () => {
    expect(await said(fileOf('a_b_c.yaml'), 'doctor', '--format', 'markdown')).toContain('a\\_b\\_c.yaml');
  });

  it('has the flags of the connection, and none that only this command has', async () => {
    const path = fileOf('cluster.yaml');
    const ssh = ['-u', 'ann b', '--port', '2222', '--accept-new'];
    expect(await said(path, 'doctor', '--verbose', ...ssh)).toContain(
      `"glusterctl recover ${path} --user 'ann b' --port 2222 --accept-new"`,
    );
    expect(await said(path, 'doctor')).toContain(`"glusterctl recover ${path}"`);
  });

  it('carries consent to the same command, and to no other', async () => {
    const path = fileOf('cluster.yaml');
    cluster.node('node03').killBrick('/bricks/d1/data');
    const flags = ['--yes', '--prefer', 'volume/data=node01', '--no-repair'];
    const text = await said(path, 'apply', ...flags);
    expect(text).toContain(`"glusterctl apply ${path} --yes --prefer volume/data=node01 --no-repair"`);
    expect(text).toContain(`"glusterctl recover ${path}"`);
  });

  it('names the cluster file of a saved plan', async () => {
    const path = fileOf('cluster.yaml');
    const plan = join(dir, 'saved.plan');
    cluster = await healthy();
    await cluster.gluster('node01', ['volume', 'stop', 'data']);
    await cluster.clock.sleep(30_000);
    await said(path, 'plan', '--out', plan);
    const other = cluster.controller('other');
    for (const node of NODES) await other.link(node).lock(owner('20260101T000000Z-0ther000'));
    expect(await said(plan, 'apply', '--yes')).toContain(`"glusterctl lock show ${path}"`);
  });

  it('is data in an export, and FILE in an explanation', async () => {
    const path = fileOf('cluster.yaml');
    cluster = await healthy();
    const note = 'glusterctl recover FILE';
    await cluster.gluster('node01', ['volume', 'set', 'data', 'user.note', note]);
    await cluster.clock.sleep(30_000);
    expect(await said(path, 'export')).toContain(note);
    expect(await said('transaction-unfinished', 'explain')).toContain(note);
  });
});
