/**
 * `rolling` on real hosts, under a client that writes: three reboots without an error, and a stop at a node
 * that does not come back.
 */
import { expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, onlineBricks, replica3 } from './cluster.ts';
import { type Lab, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const CLI = new URL('cli.ts', import.meta.url).pathname;

describeLab('work on one node after the other', () => {
  let lab: Lab;
  let file: string;

  withLab({ nodes: 3, clients: 1 }, async (up) => {
    lab = up;
    file = clusterFile(lab, replica3('rep'));
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  });

  const drained = async (): Promise<readonly string[]> =>
    Promise.all(
      lab.nodes.map(async (n) => (await n.run('cat /var/lib/glusterctl/drained 2>/dev/null || true')).stdout),
    );

  itFull('reboots all of them, and a client that writes sees no error', async () => {
    const writer = await startWriter(await lab.mountClient('rep', { on: lab.node('c1') }));
    const reboot = `npx tsx ${CLI} fault --lab ${lab.name} "$GLUSTERCTL_NODE" hard-reboot`;
    const booted = (): Promise<readonly string[]> =>
      Promise.all(lab.nodes.map(async (n) => (await n.run("stat -c %Y /proc/1 | tr -d '\\n'")).stdout));
    const before = await booted();
    const ran = await glusterctl('rolling', file, '--yes', '--local', '--wait', '3m', '--', reboot);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    const after = await booted();
    expect(after.filter((when, i) => when !== before[i])).toHaveLength(3);
    expect(await onlineBricks(lab.node('node01'), 'rep')).toEqual(['Y', 'Y', 'Y']);
    expect(await drained()).toEqual(['', '', '']);
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect((await writer.stop()).errors).toEqual([]);
  });

  it('runs on the node, which is back in service after it', async () => {
    const said = await glusterctl('rolling', file, '--yes', '--nodes', 'node02', '--', 'hostname; pwd');
    expect(said, said.stderr).toMatchObject({ code: 0 });
    expect(said.stdout).toMatch(/^node02\n\/.*\n/);
    expect(await drained()).toEqual(['', '', '']);
  });

  itFull('begins no other node where it fails or the node stays away', async () => {
    const failed = await glusterctl('rolling', file, '--yes', '--', 'sh', '-c', 'exit 7');
    expect(failed, failed.stderr).toMatchObject({ code: 8 });
    expect(failed.stderr).toMatch(/failed on node01[\s\S]*exit code 7[\s\S]*--nodes node02,node03/);
    expect((await drained()).map((d) => d !== '')).toEqual([true, false, false]);
    const undrained = await glusterctl('undrain', file, 'node01', '--yes');
    expect(undrained, undrained.stderr).toMatchObject({ code: 0 });

    const line = ['--nodes', 'node03,node01', '--wait', '20s', '--', 'systemctl stop glusterd'];
    const away = await glusterctl('rolling', file, '--yes', ...line);
    expect(away, away.stderr).toMatchObject({ code: 8 });
    expect(away.stderr).toMatch(/node03 did not come back[\s\S]*its glusterd does not answer/);
    expect((await drained()).map((d) => d !== '')).toEqual([false, false, true]);
    await lab.node('node03').run('systemctl start glusterd');
    const back = await glusterctl('undrain', file, 'node03', '--yes');
    expect(back, back.stderr).toMatchObject({ code: 0 });
    expect(await doctor(file)).toMatchObject({ code: 0 });
  });
});
