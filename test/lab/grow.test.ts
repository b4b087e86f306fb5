/**
 * A volume grows on real hosts by an edit of its file, under a client that writes: its bricks run on, and a
 * rollback takes no brick away that the client has written to.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  clusterFile,
  doctor,
  gluster,
  glusterctl,
  leftovers,
  onlineBricks,
  start,
  stores,
} from './cluster.ts';
import type { ClientMount, Writer } from './client.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 60_000;
const NEW = '/bricks/d2/data';
const FILES = 40;

const set = (disk: number, name = 'data'): string =>
  ['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d${String(disk)}/${name}`).join(', ');
const volumes = (sets: string, one: string): string =>
  `  data:\n    replica: 3\n    bricks: [${sets}]\n  one:\n    bricks: [${one}]\n`;
const SMALL = volumes(set(1), 'node01:/bricks/d3/one');
const GROWN = volumes(`${set(1)}, ${set(2)}`, 'node01:/bricks/d3/one, node02:/bricks/d3/one');

describeLab('a volume that grows', () => {
  let lab: Lab;
  let client: LabNode;
  let mount: ClientMount;
  let writer: Writer;
  let grown: string;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    client = lab.node('c1');
  });

  beforeEach(async () => {
    await lab.resetGluster();
    const ran = await glusterctl('apply', clusterFile(lab, SMALL), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    grown = clusterFile(lab, GROWN);
    mount = await lab.mountClient('data', { on: client });
    writer = await startWriter(mount);
    await client.run(
      `cd ${mount.path} && mkdir old && for i in $(seq ${String(FILES)}); do echo $i >old/$i; done`,
    );
  });

  afterEach(async () => {
    await writer.stop();
    await mount.unmount();
  });

  const sums = async (): Promise<string> =>
    (await client.run(`cd ${mount.path}/old && cat $(seq ${String(FILES)}) | sha256sum`)).stdout;
  const pids = (): readonly (readonly number[])[] =>
    lab.nodes.map((node) => node.brickPids('/bricks/d1/data'));
  const directories = async (): Promise<readonly string[]> =>
    Promise.all(lab.nodes.map(async (n) => (await n.run(`ls -d ${NEW} 2>/dev/null || true`)).stdout.trim()));

  it('by sets and by bricks, keeps its processes and files, and has nothing to do after that', async () => {
    const [before, was] = [await sums(), pids()];
    const ran = await glusterctl('apply', grown, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toContain('a rebalance follows');
    expect(await onlineBricks(lab.node('node01'), 'data')).toEqual(['Y', 'Y', 'Y', 'Y', 'Y', 'Y']);
    expect(await onlineBricks(lab.node('node01'), 'one')).toEqual(['Y', 'Y']);
    expect([await sums(), pids()]).toEqual([before, was]);
    const again = await glusterctl('plan', grown, '--detailed-exitcode');
    expect(again, again.stdout).toMatchObject({ code: 0 });
    expect(await doctor(grown)).toMatchObject({ code: 0 });
    const used = await client.run(
      `cd ${mount.path} && mkdir new && for i in $(seq 30); do echo $i >new/$i; done; ls new | wc -l`,
    );
    expect(used.stdout.trim()).toBe('30');
    expect(Number((await lab.node('node01').run(`ls ${NEW}/new | wc -l`)).stdout)).toBeGreaterThan(0);
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    expect(await leftovers(lab)).toBe('');
  });

  it('is as before where a node cannot store the new bricks, and can be grown after that', async () => {
    const [before, was] = [await stores(lab), pids()];
    await lab.node('node03').immutable('/var/lib/glusterd/vols/data');
    const ran = await glusterctl('apply', grown, '--yes');
    await lab.node('node03').mutable('/var/lib/glusterd/vols/data');
    expect([3, 6], ran.stdout + ran.stderr).toContain(ran.code);
    if (ran.code === 6) {
      const recovered = await glusterctl('recover', grown, '--yes');
      expect(recovered, ran.stdout + ran.stderr + recovered.stdout + recovered.stderr).toMatchObject({
        code: 0,
      });
    }
    expect(await stores(lab)).toBe(before);
    expect(await directories()).toEqual(['', '', '']);
    expect(pids()).toEqual(was);
    const again = await glusterctl('apply', grown, '--yes');
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
  });

  itFull('keeps bricks that the client has written to, though the change fails', async () => {
    const file = clusterFile(lab, volumes(`${set(1)}, ${set(2)}`, 'node01:/bricks/d3/one'));
    const node = lab.node('node03');
    let isAdded = false;
    let killed = Promise.resolve();
    const { done } = start(['apply', file, '--yes', '--json'], '', (line) => {
      if (isAdded || !line.includes('"volume-add-bricks"') || !line.includes('"done"')) return;
      isAdded = true;
      killed = node.killBrick(NEW);
    });
    await until('the new bricks', LIMIT_MS, () => isAdded);
    await killed;
    await client.run(
      `cd ${mount.path} && for n in $(seq 20); do ` +
        'mkdir d$n && for i in 1 2 3 4 5; do echo $i >d$n/$i; done; done',
    );
    const ran = await done;
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 6 });
    expect(ran.stdout + ran.stderr).toContain(`a client has written to ${NEW}`);
    expect((await client.run(`cd ${mount.path} && cat d*/* | wc -l`)).stdout.trim()).toBe('100');
    const [, id = ''] = /--abandon ([\w-]+)/.exec(ran.stdout + ran.stderr) ?? [];
    expect(await glusterctl('recover', file, '--yes', '--abandon', id)).toMatchObject({ code: 0 });
    expect(await glusterctl('apply', file, '--yes')).toMatchObject({ code: 0 });
    expect(await onlineBricks(lab.node('node01'), 'data')).toEqual(['Y', 'Y', 'Y', 'Y', 'Y', 'Y']);
    expect((await writer.stop()).errors).toEqual([]);
    expect(await gluster(lab.node('node02'), 'volume info data')).toContain('Number of Bricks: 2 x 3 = 6');
  });
});
