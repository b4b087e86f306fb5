/**
 * Bricks that are replaced on real hosts by an edit of the file, under a client that writes: the new ones are
 * healed, one after the other, and a second run has nothing to do.
 */
import { beforeEach, expect, it } from 'vitest';
import type { ClientMount, Writer } from './client.ts';
import { clusterFile, doctor, gluster, glusterctl, leftovers, onlineBricks, versions } from './cluster.ts';
import { HEAL_MS, until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { bricksRunning } from './recover-case.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const FILES = 30;

type Brick = readonly [node: string, disk: number];
const OLD: readonly Brick[] = [
  ['node01', 1],
  ['node02', 1],
  ['node03', 1],
];
const place = ([node, disk]: Brick): string => `${node}:/bricks/d${String(disk)}/data`;

describeLab('a brick in the place of another', () => {
  let lab: Lab;
  let client: LabNode;
  let mount: ClientMount;
  let writer: Writer;

  const file = (bricks: readonly Brick[]): string =>
    clusterFile(lab, `  data:\n    replica: 3\n    bricks: [${bricks.map(place).join(', ')}]\n`);

  withLab({ nodes: 4, clients: 1 }, (up) => {
    lab = up;
    client = lab.node('c1');
  });

  beforeEach(async () => {
    await lab.resetGluster();
    const ran = await glusterctl('apply', file(OLD), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    mount = await lab.mountClient('data', { on: client });
    const made = `for i in $(seq ${String(FILES)}); do head -c 4096 /dev/urandom >old/$i; done`;
    await client.run(`cd ${mount.path} && mkdir old && ${made}`);
    writer = await startWriter(mount);
  });

  const sums = async (node: LabNode, directory: string): Promise<string> =>
    (await node.run(`cd ${directory}/old && cat $(seq ${String(FILES)}) | sha256sum`)).stdout;

  /** Every brick has every file, the nodes agree, and the same file has nothing more to do. */
  const holds = async (bricks: readonly Brick[]): Promise<void> => {
    const written = await sums(client, mount.path);
    for (const [node, disk] of bricks)
      await until(`${place([node, disk])} to be healed`, HEAL_MS, async () => {
        const own = await sums(lab.node(node), `/bricks/d${String(disk)}/data`).catch(() => '');
        return own === written ? true : undefined;
      });
    await until('nothing to be healed', HEAL_MS, async () =>
      /entries: [1-9]/.test(await gluster(lab.node('node01'), 'volume heal data info')) ? undefined : true,
    );
    expect(await onlineBricks(lab.node('node01'), 'data')).toEqual(['Y', 'Y', 'Y']);
    const all = await Promise.all(lab.nodes.map(async (n) => (await versions(n)).get('data')));
    expect(new Set(all).size, String(all)).toBe(1);
    const again = await glusterctl('apply', file(bricks), '--yes');
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('Nothing to do.');
    expect(await Promise.all(lab.nodes.map(async (n) => (await versions(n)).get('data')))).toEqual(all);
    expect(await doctor(file(bricks))).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
    await mount.unmount();
    expect(await leftovers(lab)).toBe('');
  };

  it('two in one edit: one when the other is healed, and the third runs on', async () => {
    const bricks: readonly Brick[] = [
      ['node01', 2],
      ['node04', 1],
      ['node03', 1],
    ];
    const third = bricksRunning(lab).get('node03:/bricks/d1/data');
    const ran = await glusterctl('apply', file(bricks), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    await holds(bricks);
    expect(bricksRunning(lab).get('node03:/bricks/d1/data')).toEqual(third);
    expect(bricksRunning(lab).get('node02:/bricks/d1/data')).toBeUndefined();
  });

  itFull('is refused while another member cannot come up, and nothing is changed', async () => {
    const bricks: readonly Brick[] = [['node04', 1], ...OLD.slice(1)];
    const before = (await versions(lab.node('node02'))).get('data');
    await lab.node('node03').killBrick('/bricks/d1/data');
    await lab.node('node03').umountBrick(1);
    const ran = await glusterctl('apply', file(bricks), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 8 });
    expect(ran.stdout).toContain('heal-pending');
    expect((await versions(lab.node('node02'))).get('data')).toBe(before);
    expect((await lab.node('node04').run('ls /bricks/d1')).stdout).not.toContain('data');
    await lab.node('node03').mountBrick(1);
    await gluster(lab.node('node01'), 'volume start data force');
    await holds(OLD);
  });

  itFull('is not taken back where a node cannot store it; recover makes the nodes agree', async () => {
    const bricks: readonly Brick[] = [['node04', 1], ...OLD.slice(1)];
    await lab.node('node03').immutable('/var/lib/glusterd/vols/data');
    const ran = await glusterctl('apply', file(bricks), '--yes');
    await lab.node('node03').mutable('/var/lib/glusterd/vols/data');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 6 });
    const recovered = await glusterctl('recover', file(bricks), '--yes');
    expect(recovered, recovered.stdout + recovered.stderr).toMatchObject({ code: 0 });
    await gluster(lab.node('node01'), 'volume heal data full');
    await holds(bricks);
  });
});
