/**
 * A node that mounts its own volume from /etc/fstab, by a unit that requires glusterd's: a rollback must not
 * take it away.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, leftovers, replica3, stores } from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, withLab } from './suite.ts';

const LIMIT_MS = 60_000;
const MOUNT = '/mnt/data';
const UNIT = 'mnt-data.mount';
const FSTAB = `localhost:/data ${MOUNT} glusterfs defaults,_netdev,x-systemd.requires=glusterd.service 0 0\n`;

describeLab('a mount that requires glusterd', () => {
  let lab: Lab;
  let two: LabNode, three: LabNode;
  let file: string;

  withLab({ nodes: 3 }, async (up) => {
    lab = up;
    [two, three] = [lab.node('node02'), lab.node('node03')];
    file = clusterFile(lab, replica3('data'));
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    writeFileSync(join(two.root, 'etc/fstab'), FSTAB);
    // The lab switches all generators off; this one makes the unit of the line.
    await two.run(`rm /etc/systemd/system-generators/systemd-fstab-generator
mkdir -p ${MOUNT}
systemctl daemon-reload
systemctl start ${UNIT}`);
  });

  /** Which mount it is, who serves it, and what systemd thinks of it. */
  const mounted = async (): Promise<string> =>
    (
      await two.run(
        `findmnt -rno ID,SOURCE,FSTYPE ${MOUNT}; ` +
          `systemctl show ${UNIT} -p ActiveState -p ActiveEnterTimestampMonotonic`,
      )
    ).stdout;

  it('is still the same mount after a rollback by before-image, and its writer saw no error', async () => {
    const mount = await mounted();
    expect(mount).toMatch(/ localhost:\/?data fuse.glusterfs\n/);
    expect((await two.run(`systemctl show ${UNIT} -p Requires`)).stdout).toContain('glusterd.service');
    expect(mount).toContain('ActiveState=active');
    const writer = await startWriter({ node: two, path: MOUNT });
    await until('the writer to write', LIMIT_MS, () => (writer.writes() > 5 ? true : undefined));
    const before = await stores(lab);
    // The commit fails on node03, and what node02 has committed is put back.
    await three.immutable('/var/lib/glusterd/vols/data');
    const changed = clusterFile(lab, replica3('data', '    options: { network.ping-timeout: 21 }\n'));
    const ran = await glusterctl('apply', changed, '--yes', '--json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(3);
    expect(ran.stdout).toContain('Commit failed on node03');
    expect(ran.stdout).toMatch(/"node03, glusterd\.log: failed to create volfile/);
    expect(ran.stdout).toMatch(/"node":"node02","status":"done","detail":"restore-store"/);
    await three.mutable('/var/lib/glusterd/vols/data');
    expect(await stores(lab)).toBe(before);
    expect(await mounted()).toBe(mount);
    const written = writer.writes();
    await until('the writer to go on', LIMIT_MS, () => (writer.writes() > written + 3 ? true : undefined));
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    const lines = readFileSync(join(three.root, 'bricks/d1/data/writer.log'), 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(report.writes);
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');
  });
});
