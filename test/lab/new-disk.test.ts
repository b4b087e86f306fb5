/**
 * Disks that die and are exchanged on real hosts, under a client that writes and reads by name: the brick is
 * reset in its place and healed; what is refused changes nothing, and no empty brick is taken for a copy.
 */
import { beforeEach, expect, it } from 'vitest';
import type { ClientMount, Writer } from './client.ts';
import {
  clusterFile,
  doctor,
  gluster,
  glusterctl,
  leftovers,
  onlineBricks,
  type Ran,
  versions,
} from './cluster.ts';
import { HEAL_MS, until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const FILES = 30;
const PATH = '/bricks/d1/data';
const BRICK = `brick/node02:${PATH}`;
const NODES = ['node01', 'node02', 'node03'];

const ends = (ran: Ran, code: number, says?: RegExp): void => {
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code });
  if (says !== undefined) expect(ran.stdout + ran.stderr).toMatch(says);
};

describeLab('a new disk under a brick', () => {
  let lab: Lab;
  let two: LabNode;
  let client: LabNode;
  let mount: ClientMount;
  let writer: Writer;

  const file = (layout = 'replica: 3'): string => {
    const bricks = NODES.map((node) => `${node}:${PATH}`).join(', ');
    return clusterFile(lab, `  data: { ${layout}${layout === '' ? '' : ', '}bricks: [${bricks}] }\n`);
  };

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    two = lab.node('node02');
    client = lab.node('c1');
  });

  beforeEach(async () => {
    if (lab.nodes.some((n) => n.name === 'node02')) await two.run('umount -l /bricks/d1; true');
    await two.mountBrick(1);
    await lab.resetGluster();
  });

  const begin = async (layout?: string): Promise<void> => {
    ends(await glusterctl('apply', file(layout), '--yes'), 0);
    mount = await lab.mountClient('data', { on: client });
    const made = `for i in $(seq ${String(FILES)}); do head -c 4096 /dev/urandom >old/$i; done`;
    await client.run(`cd ${mount.path} && mkdir old && ${made}`);
    writer = await startWriter(mount);
  };

  /** The disk is dead: its brick ends, and another file system is where it was. */
  const exchange = async (directory = true): Promise<void> => {
    await two.killBrick(PATH);
    await two.run('umount -l /bricks/d1 && mount -t tmpfs none /bricks/d1');
    if (directory) await two.run(['mkdir', PATH]);
    await client.run(`cd ${mount.path}/old && date >missed && date >1`);
  };

  const sums = async (node: LabNode, directory: string): Promise<string> =>
    (await node.run(`cd ${directory}/old && cat missed $(seq ${String(FILES)}) | sha256sum`)).stdout;

  /** Every brick has every file, read by name; the nodes agree, and the same file has nothing more to do. */
  const holds = async (path: string): Promise<void> => {
    const written = await sums(client, mount.path);
    for (const name of NODES)
      await until(`${name} to be healed`, HEAL_MS, async () =>
        (await sums(lab.node(name), PATH).catch(() => '')) === written ? true : undefined,
      );
    await until('nothing to be healed', HEAL_MS, async () =>
      /entries: [1-9]/.test(await gluster(lab.node('node01'), 'volume heal data info')) ? undefined : true,
    );
    expect(await onlineBricks(lab.node('node01'), 'data')).toEqual(['Y', 'Y', 'Y']);
    ends(await glusterctl('apply', path, '--yes'), 0, /Nothing to do/);
    ends(await doctor(path), 0);
    expect((await writer.stop()).errors).toEqual([]);
    await mount.unmount();
    expect(await leftovers(lab)).toBe('');
  };

  const version = async (): Promise<number | undefined> => (await versions(two)).get('data');

  it('is filled by one apply, with its directory or without; recover alone does nothing', async () => {
    await begin();
    await exchange();
    ends(await glusterctl('recover', file(), '--yes'), 8, /glusterctl apply/);
    ends(await glusterctl('apply', file(), '--yes'), 0, /reset brick node02:\/bricks\/d1\/data/);
    await until('the first to be healed', HEAL_MS, async () =>
      (await sums(two, PATH).catch(() => '')) === (await sums(client, mount.path)) ? true : undefined,
    );
    await exchange(false);
    ends(await glusterctl('apply', file(), '--yes'), 0, /reset brick node02:\/bricks\/d1\/data/);
    await holds(file());
  });

  itFull(
    'that is not mounted is no new disk, whatever a flag says; a flag of nothing is a mistake',
    async () => {
      await begin();
      await two.killBrick(PATH);
      await two.run(`umount -l /bricks/d1 && mkdir -p ${PATH}`);
      const before = await version();
      ends(await glusterctl('apply', file(), '--yes'), 8, new RegExp(`--new-disk ${BRICK}`));
      ends(await glusterctl('apply', file(), '--yes', '--new-disk', BRICK), 8, /on the root file system/);
      ends(await glusterctl('apply', file(), '--yes', '--new-disk', `${BRICK}a`), 4, /did you mean/);
      expect(await version()).toBe(before);
      expect((await two.run(['ls', '-A', PATH])).stdout).toBe('');
      await two.run(['rmdir', PATH]);
      await two.mountBrick(1);
      ends(await glusterctl('apply', file(), '--yes'), 0, /start brick node02/);
      await client.run(`cd ${mount.path}/old && date >missed`);
      await holds(file());
    },
  );

  itFull('is not started where glusterd has marked it and no more; the same command fills it', async () => {
    await begin();
    await exchange();
    // glusterd marks the directory first, on its node, and the others for the heal as it commits.
    await lab.node('node01').immutable('/var/lib/glusterd/vols/data');
    ends(await glusterctl('apply', file(), '--yes'), 6);
    await lab.node('node01').mutable('/var/lib/glusterd/vols/data');
    expect((await two.run(['ls', '-A', PATH])).stdout.trim()).toBe('.glusterfs');
    ends(await doctor(file()), 2, /do not start it/);
    await glusterctl('recover', file(), '--yes');
    expect((await two.run(['ls', '-A', PATH])).stdout.trim()).toBe('.glusterfs');
    ends(await glusterctl('apply', file(), '--yes'), 0, /reset brick/);
    await holds(file());
  });

  itFull('is refused while another member is down, and for a distribute volume', async () => {
    await begin();
    await exchange();
    await lab.node('node03').killBrick(PATH);
    await lab.node('node03').umountBrick(1);
    const before = await version();
    ends(await glusterctl('apply', file(), '--yes'), 8, /heal-pending/);
    expect(await version()).toBe(before);
    await lab.node('node03').mountBrick(1);
    ends(await glusterctl('apply', file(), '--yes'), 0, /start brick node03/);
    await writer.stop();
    await mount.unmount();
    await two.run('umount -l /bricks/d1');
    await two.mountBrick(1);
    await lab.resetGluster();
    ends(await glusterctl('apply', file(''), '--yes'), 0);
    await two.killBrick(PATH);
    await two.run(`umount -l /bricks/d1 && mount -t tmpfs none /bricks/d1 && mkdir ${PATH}`);
    ends(await glusterctl('apply', file(''), '--yes'), 8, /were on its old disk alone/);
  });
});
