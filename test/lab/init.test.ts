/** The first cluster file of a pool that `gluster` made by hand, read from each of its real nodes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gluster, glusterctl, stores } from './cluster.ts';
import type { Lab } from './lab.ts';
import { describeLab, withLab } from './suite.ts';

describeLab('a first cluster file', () => {
  let lab: Lab;

  withLab({ nodes: 3 }, (up) => {
    lab = up;
  });

  it('is the same from each node, its plan is empty, and the stores are as before', async () => {
    const [one, two] = [lab.node('node01'), lab.node('node02')];
    await lab.formPool();
    const bricks = ['node01', 'node02', 'node03'].map((node) => `${node}:/bricks/d1/data`).join(' ');
    await gluster(one, `volume create data replica 3 ${bricks}`);
    await gluster(one, 'volume start data');
    await gluster(one, 'volume set data network.ping-timeout 21');
    await gluster(two, 'volume create wide node03:/bricks/d2/wide node01:/bricks/d2/wide');
    const before = await stores(lab);
    const login = ['--identity-file', lab.sshKeyFile, '--known-hosts', lab.knownHostsFile];
    const texts = await Promise.all(
      lab.nodes.map(async ({ name, record: { ip } }) => {
        const out = join(lab.dir, `from-${name}.yaml`);
        const ran = await glusterctl('init', '--from', ip, '--cluster', 'living', '--out', out, ...login);
        expect(ran, ran.stderr).toMatchObject({ code: 0 });
        return readFileSync(out, 'utf8');
      }),
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]).toContain('cluster: living');
    const ran = await glusterctl('plan', join(lab.dir, 'from-node02.yaml'), '--detailed-exitcode');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    expect(await stores(lab)).toBe(before);
  });
});
