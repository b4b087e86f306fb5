/** What `recover` says of the file when the nodes agree: what it asks for besides, in every format. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recoverCommand } from '../../../src/cli/commands/recover.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((n) => `${n}:/bricks/d1/data`);
const SETTLE_MS = 30_000;

const fileOf = (options: string): string =>
  'cluster: sim\nnodes: { node01: {}, node02: {}, node03: {} }\nvolumes:\n  data:\n    replica: 3\n' +
  `    bricks: [${BRICKS.join(', ')}]\n    options: { ${options} }\n`;
const AS_IT_IS = fileOf('network.ping-timeout: 21');
const TWO_CHANGES = `${fileOf('network.ping-timeout: 30')}    state: stopped\n`;

describe('recover', () => {
  let dir: string, path: string;
  let cluster: SimCluster;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-recover-'));
    path = join(dir, 'cluster.yaml');
    cluster = SimCluster.create({ seed: 5, nodes: NODES });
    await cluster.formPool();
    for (const words of [
      `volume create data replica 3 ${BRICKS.join(' ')}`,
      'volume start data',
      'volume set data network.ping-timeout 21',
    ])
      await cluster.gluster('node01', words.split(' '));
    await cluster.clock.sleep(SETTLE_MS);
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
    process.exitCode = 0;
  });

  async function recovered(file: string, format: 'text' | 'json'): Promise<string> {
    writeFileSync(path, file);
    let said = '';
    const session = sessionOn(cluster, { out: (t) => void (said += t), err: () => undefined });
    await recoverCommand(path, { format, yes: true, prefer: [], allowDestroy: [] }, session);
    return said;
  }
  const pendingOf = (lines: string): unknown => {
    const result: unknown = JSON.parse(lines.trim().split('\n').at(-1) ?? '');
    return typeof result === 'object' && result !== null && 'pending' in result ? result.pending : undefined;
  };

  it('says how many changes are pending, and the command that shows them', async () => {
    const text = await recovered(TWO_CHANGES, 'text');
    expect(text).toBe(
      `Nothing to repair. Nothing was changed.\n\nplan: 2 changes pending: glusterctl plan ${path}\n`,
    );
    expect(pendingOf(await recovered(TWO_CHANGES, 'json'))).toEqual({
      changes: 2,
      command: `glusterctl plan ${path}`,
    });
  });

  it('quotes the name of the file, so that the command can be pasted', async () => {
    path = join(dir, "it's a cluster; true.yaml");
    const command = `glusterctl plan '${path.replaceAll("'", `'\\''`)}'`;
    expect(pendingOf(await recovered(TWO_CHANGES, 'json'))).toEqual({ changes: 2, command });
  });

  it('says so after a repair too', async () => {
    for (const format of ['text', 'json'] as const) {
      cluster.node('node02').killBrick('/bricks/d1/data');
      const said = await recovered(TWO_CHANGES, format);
      expect(said).toContain(format === 'text' ? 'Recovered.' : '"outcome":"applied"');
      expect(said).toMatch(format === 'text' ? /plan: 2 changes pending/ : /"pending":\{"changes":2/);
      expect(said).not.toContain('as the file says');
    }
  });

  it('says nothing of the file where nothing is pending, not even that all is as it says', async () => {
    expect(await recovered(AS_IT_IS, 'text')).toBe('Nothing to repair. Nothing was changed.\n');
    expect(pendingOf(await recovered(AS_IT_IS, 'json'))).toBeUndefined();
  });

  it('does not count an option that stays because gluster cannot reset it', async () => {
    await cluster.gluster('node01', ['volume', 'set', 'data', 'user.note', 'x']);
    await cluster.clock.sleep(SETTLE_MS);
    expect(await recovered(`${AS_IT_IS}    optionsMode: exact\n`, 'text')).not.toContain('pending');
  });

  it('counts what the plan would refuse as a change that is pending', async () => {
    const other = AS_IT_IS.replace('replica: 3', 'disperse: 3\n    redundancy: 1');
    expect(await recovered(other, 'text')).toContain('plan: 1 change pending');
  });
});
