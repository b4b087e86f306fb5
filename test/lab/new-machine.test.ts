/**
 * A machine that was lost and whose name a new one has, on real hosts under a client that writes and reads by
 * name: it gets the identity of the old one, and its bricks are filled from the others.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { clusterFile, doctor, gluster, glusterctl, leftovers, type Ran } from './cluster.ts';
import { HEAL_MS, until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, withLab } from './suite.ts';

const FILES = 30;
const NODES = ['node01', 'node02', 'node03'];
const PATHS = ['/bricks/d1/data', '/bricks/d2/data'];

const ends = (ran: Ran, code: number, says?: RegExp): void => {
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code });
  if (says !== undefined) expect(ran.stdout + ran.stderr).toMatch(says);
};

describeLab('a new machine under the name of a lost one', () => {
  let lab: Lab;
  let two: LabNode;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    two = lab.node('node02');
  });

  const file = (isNew: boolean): string => {
    const bricks = PATHS.flatMap((path) => NODES.map((node) => `${node}:${path}`)).join(', ');
    const path = clusterFile(lab, `  data:\n    replica: 3\n    bricks: [${bricks}]\n`);
    const text = readFileSync(path, 'utf8');
    if (isNew) writeFileSync(path, text.replace('  node02: {', '  node02: { replaces: node02,'));
    return path;
  };

  const sums = async (node: LabNode, directories: readonly string[]): Promise<string> => {
    const all = directories.map((directory) => `${directory}/old`).join(' ');
    const listed = `find ${all} -type f -perm /444 -exec sha256sum {} + | sed 's,  .*/,  ,' | sort -u`;
    return (await node.run(listed)).stdout;
  };

  it('gets its identity, and is filled by one apply; the same machine is none', async () => {
    ends(await glusterctl('apply', file(false), '--yes'), 0);
    const client = lab.node('c1');
    const mount = await lab.mountClient('data', { on: client });
    const made = `for i in $(seq ${String(FILES)}); do head -c 4096 /dev/urandom >old/$i; done`;
    await client.run(`cd ${mount.path} && mkdir old && ${made}`);
    const writer = await startWriter(mount);
    const uuid = async (): Promise<string> => (await two.run('cat /var/lib/glusterd/glusterd.info')).stdout;
    const before = await uuid();

    await two.stopGlusterd();
    for (const path of PATHS) await two.killBrick(path).catch(() => undefined);
    await two.run('cd /var/lib/glusterd && rm -rf glusterd.info peers/* vols/*');
    ends(
      await glusterctl('apply', file(true), '--yes'),
      8,
      /node02 is not a new machine: nothing to replace/,
    );

    await two.run('for d in d1 d2; do umount -l /bricks/$d; mount -t tmpfs none /bricks/$d; done');
    await two.startGlusterd();
    await two.run('gluster --mode=script system:: uuid get');
    expect(await uuid()).not.toBe(before);
    await client.run(`cd ${mount.path}/old && date >missed && date >1`);
    ends(await glusterctl('apply', file(false), '--yes'), 8, /"replaces: node02" of it in the file/);
    ends(await glusterctl('apply', file(true), '--yes'), 0, /reset brick node02:\/bricks\/d2\/data/);
    expect(await uuid()).toContain(before.split('\n').find((line) => line.startsWith('UUID=')));

    const written = await sums(client, [mount.path]);
    await until('node02 to be healed', HEAL_MS, async () =>
      (await sums(two, PATHS).catch(() => '')) === written ? true : undefined,
    );
    await until('nothing to be healed', HEAL_MS, async () =>
      /entries: [1-9]/.test(await gluster(lab.node('node01'), 'volume heal data info')) ? undefined : true,
    );
    for (const isNew of [true, false]) {
      ends(await glusterctl('apply', file(isNew), '--yes'), 0, /Nothing to do/);
      ends(await doctor(file(isNew)), 0);
    }
    expect((await writer.stop()).errors).toEqual([]);
    await mount.unmount();
    expect(await leftovers(lab)).toBe('');
  });
});
