/**
 * A volume loses sets on real hosts, under a client that reads each file by its name and a writer: no file is
 * lost, whoever waits, and where the process that carries files away was killed.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clusterFile, doctor, gluster, glusterctl, leftovers } from './cluster.ts';
import type { ClientMount, Writer } from './client.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const READ_LIMIT_MS = 120_000;
const FILES = 240;
const CONSENT = ['--allow-destroy', 'brick/node01:/bricks/d2/data'];
const bricks = (disks: readonly number[]): string =>
  disks
    .flatMap((d) => ['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d${String(d)}/data`))
    .join(', ');
const volumes = (disks: readonly number[]): string =>
  `  data:\n    replica: 3\n    bricks: [${bricks(disks)}]\n`;

describeLab('a volume that loses a set', () => {
  let lab: Lab;
  let client: LabNode;
  let mount: ClientMount;
  let writer: Writer;
  let wide: string;
  let narrow: string;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    client = lab.node('c1');
  });

  beforeEach(async () => {
    await lab.resetGluster();
    wide = clusterFile(lab, volumes([1, 2]));
    const ran = await glusterctl('apply', wide, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    narrow = clusterFile(lab, volumes([1]));
    mount = await lab.mountClient('data', { on: client });
    writer = await startWriter(mount);
    await client.run(
      `cd ${mount.path} && mkdir -p old/sub && for i in $(seq ${String(FILES)}); do echo $i >old/$i; done &&
        for i in $(seq 60); do mv old/$i old/sub/$i && mv old/sub/$i old/$i; done &&
        for i in $(seq 61 90); do mv old/$i old/r$i && ln old/r$i old/sub/l$i && mv old/r$i old/$i; done`,
      { timeoutMs: READ_LIMIT_MS },
    );
  });

  afterEach(async () => {
    await writer.stop();
    await mount.unmount();
  });

  /** Each by its name: a listing would cure a client of what it misses. */
  const sums = async (): Promise<string> =>
    (
      await client.run(`cd ${mount.path}/old && cat $(seq ${String(FILES)}) | sha256sum`, {
        timeoutMs: READ_LIMIT_MS,
      })
    ).stdout;
  const filesOn = async (disk: number): Promise<number> => {
    const counts = await Promise.all(
      lab.nodes.map(async (n) => {
        const at = `/bricks/d${String(disk)}/data`;
        return Number(
          (await n.run(`find ${at} -path ${at}/.glusterfs -prune -o -type f -size +0 -print | wc -l`)).stdout,
        );
      }),
    );
    return counts.reduce((a, b) => a + b, 0);
  };
  const isAtEnd = async (file: string): Promise<void> => {
    const again = await glusterctl('plan', file, '--detailed-exitcode');
    expect(again, again.stdout).toMatchObject({ code: 0 });
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
    expect(await leftovers(lab)).toBe('');
  };

  it('keeps each file while a client reads them by name and writes, and has nothing to do then', async () => {
    const before = await sums();
    const asked = await glusterctl('apply', narrow, '--yes');
    expect(asked, asked.stdout + asked.stderr).toMatchObject({ code: 8 });
    expect(asked.stdout + asked.stderr).toContain(CONSENT.join(' '));
    expect(await filesOn(2)).toBeGreaterThan(FILES / 4);
    const end = { isOver: false };
    const running = glusterctl('apply', narrow, '--yes', ...CONSENT).finally(() => (end.isOver = true));
    let reads = 0;
    for (; !end.isOver; reads++) {
      expect(await sums()).toBe(before);
      await client.run(`cd ${mount.path}/old && mv 100 sub/100 && cat sub/100 && mv sub/100 100`);
    }
    const ran = await running;
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(reads).toBeGreaterThan(3);
    expect(ran.stdout + ran.stderr).toMatch(/nothing is locked.*files of volume data leave/);
    expect([await filesOn(2), await sums()]).toEqual([0, before]);
    expect(await gluster(lab.node('node01'), 'volume info data')).not.toContain('/bricks/d2/data');
    await isAtEnd(narrow);
  });

  itFull('goes on without a controller; a process that is killed is noticed', async () => {
    const before = await sums();
    await gluster(lab.node('node01'), 'volume set data cluster.rebal-throttle lazy');
    const left = await glusterctl('apply', narrow, '--yes', '--json', '--no-wait', ...CONSENT);
    expect(left, left.stdout + left.stderr).toMatchObject({ code: 0 });
    expect(left.stdout).toContain('"outcome":"running"');
    expect((await glusterctl('status', narrow)).stdout).toContain('remove-brick running');
    for (const n of lab.nodes) await n.run('kill -9 $(cat /var/lib/glusterd/vols/data/rebalance/*.pid)');
    const ran = await glusterctl('apply', narrow, '--yes', ...CONSENT);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/it broke off, and is begun again/);
    expect([await filesOn(2), await sums()]).toEqual([0, before]);
    await isAtEnd(narrow);
  });

  itFull('gets it back where the file has it again, and its bricks take files again', async () => {
    const before = await sums();
    await gluster(lab.node('node01'), 'volume set data cluster.rebal-throttle lazy');
    const left = await glusterctl('apply', narrow, '--yes', '--no-wait', ...CONSENT);
    expect(left, left.stdout + left.stderr).toMatchObject({ code: 0 });
    const ran = await glusterctl('apply', wide, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(ran.stdout).toMatch(/stop the removal of set/);
    await client.run(`cd ${mount.path}/old && for i in $(seq 40); do echo new >new$i; done`);
    const found = await lab.node('node01').run('ls /bricks/d2/data/old | grep -c new');
    expect(Number(found.stdout)).toBeGreaterThan(3);
    expect(await sums()).toBe(before);
    await isAtEnd(wide);
  });

  itFull('lets the brick of a lost node go, is written on, and the node takes it over', async () => {
    const spread = (nodes: readonly string[]): string =>
      clusterFile(
        lab,
        `${volumes([1, 2])}  spread:\n    bricks: [${nodes.map((n) => `${n}:/bricks/d3/s`).join(', ')}]\n`,
      );
    const [one, two, three] = ['node01', 'node02', 'node03'] as const;
    const made = await glusterctl('apply', spread([one, two, three]), '--yes');
    expect(made, made.stdout + made.stderr).toMatchObject({ code: 0 });
    const spreadMount = await lab.mountClient('spread', { on: client });
    const write = (from: number, to: number): Promise<unknown> => {
      const numbers = `seq ${String(from)} ${String(to)}`;
      return client.run(
        `cd ${spreadMount.path} && mkdir -p d && for i in $(${numbers}); do echo $i >d/$i; done`,
      );
    };
    await write(1, 30);
    await lab.node(three).powerOff();
    for (const node of [one, two])
      await until(`${three} to be missed on ${node}`, READ_LIMIT_MS, async () =>
        /node03\s+Disconnected/.test(await gluster(lab.node(node), 'pool list')) ? true : undefined,
      );
    const rest = spread([one, two]);
    const flags = ['--yes', '--without', three];
    const asked = await glusterctl('apply', rest, ...flags);
    const brick = `brick/${three}:/bricks/d3/s`;
    expect(asked, asked.stdout + asked.stderr).toMatchObject({ code: 8 });
    expect(asked.stdout + asked.stderr).toContain(`--allow-destroy ${brick}`);
    const ran = await glusterctl('apply', rest, ...flags, '--allow-destroy', brick);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    await write(31, 130);
    await lab.node(three).powerOn();
    await until('the node to have taken it over', READ_LIMIT_MS, async () =>
      (await glusterctl('plan', rest, '--detailed-exitcode')).code === 0 ? true : undefined,
    );
    expect(await gluster(lab.node(three), 'volume info spread')).toContain('Number of Bricks: 2');
    await spreadMount.unmount();
    await isAtEnd(rest);
  });
});
