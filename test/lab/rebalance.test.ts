/**
 * Files move to new sets on real hosts, under a client that reads them by name: begun by one run, joined by
 * the next, begun again where the process was killed.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterFile, doctor, gluster, glusterctl, leftovers } from './cluster.ts';
import type { ClientMount, Writer } from './client.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const FILES = 1500;
const bricks = (disks: readonly number[]): string =>
  disks
    .flatMap((d) => ['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d${String(d)}/data`))
    .join(', ');
const volumes = (disks: readonly number[]): string => `  data:\n    bricks: [${bricks(disks)}]\n`;

describeLab('files of a volume that has grown', () => {
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
    const ran = await glusterctl('apply', clusterFile(lab, volumes([1])), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    grown = clusterFile(lab, volumes([1, 2]));
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

  /** Each by its name: a listing would cure a client of what it misses. */
  const sums = async (): Promise<string> =>
    (await client.run(`cd ${mount.path}/old && cat $(seq ${String(FILES)}) | sha256sum`)).stdout;
  const filesOn = async (disk: number): Promise<number> => {
    const counts = await Promise.all(
      lab.nodes.map(async (n) => {
        const found = await n.run(`find /bricks/d${String(disk)}/data/old -type f -size +0 | wc -l`);
        return Number(found.stdout);
      }),
    );
    return counts.reduce((a, b) => a + b, 0);
  };
  const pids = (): readonly (readonly number[])[] =>
    lab.nodes.map((node) => node.brickPids('/bricks/d1/data'));
  const isAtEnd = async (): Promise<void> => {
    const again = await glusterctl('plan', grown, '--detailed-exitcode');
    expect(again, again.stdout).toMatchObject({ code: 0 });
    expect(await doctor(grown)).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
    expect(await leftovers(lab)).toBe('');
  };

  it('are moved while a client reads each by its name, and nothing is left to do', async () => {
    const [before, was] = [await sums(), pids()];
    const end = { isOver: false };
    const running = glusterctl('apply', grown, '--yes').finally(() => (end.isOver = true));
    let reads = 0;
    for (; !end.isOver; reads++) expect(await sums()).toBe(before);
    const ran = await running;
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(reads).toBeGreaterThan(3);
    expect(ran.stdout + ran.stderr).toMatch(/nothing is locked.*files of volume data are moved/);
    expect(await filesOn(2)).toBeGreaterThan(FILES / 4);
    expect([await sums(), pids()]).toEqual([before, was]);
    expect(await gluster(lab.node('node01'), 'volume info data')).toContain('cluster.lookup-optimize: off');
    await isAtEnd();
  });

  itFull('move on without a controller, and once more where the process was killed', async () => {
    const before = await sums();
    await gluster(lab.node('node01'), 'volume set data cluster.rebal-throttle lazy');
    const left = await glusterctl('apply', grown, '--yes', '--json', '--no-wait');
    expect(left, left.stdout + left.stderr).toMatchObject({ code: 0 });
    expect(left.stdout).toContain('"outcome":"running"');
    const status = await glusterctl('status', grown);
    expect(status.stdout).toContain('rebalance running');
    await lab.node('node02').run('kill -9 $(cat /var/lib/glusterd/vols/data/rebalance/*.pid)');
    const ran = await glusterctl('apply', grown, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/the last one (failed on|has no process on) node02/);
    expect(await filesOn(2)).toBeGreaterThan(FILES / 4);
    expect(await sums()).toBe(before);
    await isAtEnd();
  });
});
