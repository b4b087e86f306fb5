/**
 * Nodes that leave the pool on real hosts by an edit of the file, under a client that writes: one that lives,
 * after its brick has moved, one that is lost, and one that is lost with a brick and is replaced by another.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import type { ClientMount, Writer } from './client.ts';
import { clusterFile, doctor, gluster, glusterctl, leftovers, type Ran, start } from './cluster.ts';
import { HEAL_MS, until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 120_000;
const FILES = 30;
const PEERS = 'ls /var/lib/glusterd/peers';

const ends = (ran: Ran, code: number, says?: RegExp): void => {
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code });
  if (says !== undefined) expect(ran.stdout + ran.stderr).toMatch(says);
};

describeLab('the life of a node', () => {
  let lab: Lab;
  let four: LabNode;
  let mount: ClientMount;
  let writer: Writer;

  /** `data` on node01, node02 and a third one; node04 in `state`. */
  const file = (third: string, state: 'present' | 'absent'): string => {
    const bricks = ['node01', 'node02', third].map((node) => `${node}:/bricks/d1/data`).join(', ');
    const path = clusterFile(lab, `  data:\n    replica: 3\n    bricks: [${bricks}]\n`);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('  node04: {', `  node04: { state: ${state},`));
    return path;
  };

  /** node04 in the place of node03, which the file has no more. */
  const replacing = (): string => {
    const path = file('node04', 'present');
    const text = readFileSync(path, 'utf8').replace(/^ {2}node03: .*\n/m, '');
    const elsewhere = join(mkdtempSync(join(lab.dir, 'elsewhere-')), 'cluster.yaml');
    writeFileSync(elsewhere, text.replace('state: present', 'replaces: node03'));
    return elsewhere;
  };

  withLab({ nodes: 4, clients: 1 }, (up) => {
    lab = up;
    four = lab.node('node04');
  });

  beforeEach(async () => {
    await lab.resetGluster();
  });

  const begin = async (third: string, last: 'present' | 'absent' = 'present'): Promise<void> => {
    ends(await glusterctl('apply', file(third, last), '--yes'), 0);
    mount = await lab.mountClient('data', { on: lab.node('c1') });
    const made = `for i in $(seq ${String(FILES)}); do head -c 4096 /dev/urandom >old/$i; done`;
    await lab.node('c1').run(`cd ${mount.path} && mkdir old && ${made}`);
    writer = await startWriter(mount);
  };

  const sums = async (node: LabNode, directory: string): Promise<string> =>
    (await node.run(`cd ${directory}/old && cat $(seq ${String(FILES)}) | sha256sum`)).stdout;

  /** Each lists two others, every brick has every file, and the same file has nothing more to do. */
  const holds = async (path: string, third = 'node03'): Promise<void> => {
    const rest = ['node01', 'node02', third].map((name) => lab.node(name));
    for (const node of rest) expect((await node.run(PEERS)).stdout.trim().split('\n')).toHaveLength(2);
    const written = await sums(lab.node('c1'), mount.path);
    for (const node of rest)
      await until(`${node.name} to be healed`, HEAL_MS, async () =>
        (await sums(node, '/bricks/d1/data').catch(() => '')) === written ? true : undefined,
      );
    ends(await glusterctl('apply', path, '--yes'), 0, /Nothing to do/);
    ends(await doctor(path), 0);
    expect((await writer.stop()).errors).toEqual([]);
    await mount.unmount();
  };

  /** Connections on which something was being sent are ended, as the remedy says. */
  const missed = async (lost: LabNode, path: string, ...flags: readonly string[]): Promise<void> => {
    const rest = lab.nodes.filter((n) => n.isOn());
    await until(`${lost.name} to be missed`, LIMIT_MS, async () => {
      const ran = await glusterctl('doctor', path, ...flags);
      if (!/is alive/.test(ran.stdout)) return true;
      await Promise.all(rest.map((node) => node.run(['ss', '-K', 'dst', lost.ip])));
      return undefined;
    });
  };

  it('leaves in the apply that moves its brick, and is inert after that, also when it is off', async () => {
    await begin('node04');
    await gluster(lab.node('node01'), 'volume create foreign node04:/bricks/d2/foreign');
    ends(await glusterctl('apply', file('node03', 'absent'), '--yes'), 8, /node-has-bricks/);
    await gluster(lab.node('node01'), 'volume delete foreign');
    expect((await lab.node('node03').run('ls /bricks/d1')).stdout).not.toContain('data');

    const path = file('node03', 'absent');
    ends(await glusterctl('apply', path, '--yes'), 0, /detach node04 from the pool/);
    expect((await four.run(PEERS)).stdout).toBe('');
    expect((await four.run('ls /var/lib/glusterd/vols')).stdout).toBe('');
    await holds(path);
    expect(await leftovers(lab)).toBe('');

    await four.powerOff();
    ends(await glusterctl('plan', path, '--detailed-exitcode'), 0, /No changes/);
    await four.powerOn();
    await four.waitReady();
    ends(await glusterctl('apply', file('node03', 'present'), '--yes'), 0, /add node04 to the pool/);
  });

  itFull('is detached though it is lost, where it has no brick and a person names it', async () => {
    await begin('node03');
    await four.powerOff();
    const path = file('node03', 'absent');
    ends(await glusterctl('apply', path, '--yes'), 7, /if node04 is gone: --without node04/);
    await missed(four, path, '--without', 'node04');
    ends(await glusterctl('apply', path, '--yes', '--without', 'node04'), 0, /detach node04/);
    await holds(path);
    await four.powerOn();
    await four.waitReady();
    // It still takes the others for its peers, and they turn it away: that is said, and nothing is done.
    ends(await glusterctl('apply', path, '--yes'), 8, /node04 takes .* but is not known there/);
  });

  itFull('is replaced by another one in one apply, also where a controller dies in the middle', async () => {
    await begin('node03', 'absent');
    const three = lab.node('node03');
    const path = replacing();
    ends(await glusterctl('apply', path, '--yes'), 8, /replaced-node-alive/);
    await three.powerOff();
    await missed(three, path);
    // A client waits 42 s for a brick whose host is gone.
    const writes = `cd ${mount.path} && date >old/${String(FILES + 1)} && rm old/1 && date >old/1`;
    await lab.node('c1').run(writes, { timeoutMs: LIMIT_MS });

    const run = start(['apply', path, '--yes', '--json']);
    await until('the brick to be replaced', LIMIT_MS, () =>
      /"type":"step"[^\n]*brick-replace/.test(run.output()) ? true : undefined,
    );
    run.signal('SIGKILL');
    await run.done;
    ends(await glusterctl('apply', replacing(), '--yes'), 0, /detach node03 from the pool/);
    // What was rolled back stayed owed to node03, which was left out; now nobody waits for it any more.
    ends(await glusterctl('apply', path, '--yes'), 0, /only its journal is closed|Nothing to do/);
    await holds(path, 'node04');
  });
});
