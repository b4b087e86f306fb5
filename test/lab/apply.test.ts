/**
 * Apply on real glusterd: from an empty cluster to volumes of every layout, nothing done twice, failures
 * rolled back, data intact.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import {
  clusterFile,
  gluster,
  glusterctl,
  leftovers,
  onlineBricks,
  replica3,
  start,
  stores,
  versions,
} from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';
import { Watched } from './watched.ts';

const LIMIT_MS = 60_000;

const REP_OPTIONS =
  'network.ping-timeout: 20, performance.cache-size: 64MB, ' +
  'cluster.lookup-optimize: on, auth.allow: "10.*"';
const EVERY_LAYOUT = `  dist:
    bricks: [node01:/bricks/d1/dist, node02:/bricks/d1/dist]
${replica3('rep', `    options: { ${REP_OPTIONS} }\n`)}
  arb:
    replica: 3
    arbiter: 1
    bricks: [node01:/bricks/d2/arb, node02:/bricks/d2/arb, node03:/bricks/d2/arb]
  disp:
    disperse: 3
    redundancy: 1
    bricks: [node01:/bricks/d3/disp, node02:/bricks/d3/disp, node03:/bricks/d3/disp]
  distrep:
    replica: 3
    state: stopped
    bricks:
      - node01:/bricks/d1/dr1
      - node02:/bricks/d1/dr1
      - node03:/bricks/d1/dr1
      - node01:/bricks/d2/dr2
      - node02:/bricks/d2/dr2
      - node03:/bricks/d2/dr2`;

describeLab('apply', () => {
  let lab: Lab;
  let one: LabNode, two: LabNode, three: LabNode, client: LabNode;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    [one, two, three] = [lab.node('node01'), lab.node('node02'), lab.node('node03')];
    client = lab.node('c1');
  });
  beforeEach(async () => {
    await lab.resetGluster();
  });

  const applied = async (volumes: string): Promise<string> => {
    const file = clusterFile(lab, volumes);
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    return file;
  };

  it('brings an empty cluster to five volumes of all layouts, and does nothing the second time', async () => {
    const file = await applied(EVERY_LAYOUT);
    for (const volume of ['dist', 'rep', 'arb', 'disp'])
      expect(new Set(await onlineBricks(two, volume)), volume).toEqual(new Set(['Y']));
    expect(await gluster(three, 'volume info distrep')).toContain('Status: Created');
    const before = await versions(one);
    const again = await glusterctl('apply', file, '--yes');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('Nothing to do');
    for (const node of lab.nodes) expect(await versions(node)).toEqual(before);
    expect(await glusterctl('plan', file, '--detailed-exitcode')).toMatchObject({ code: 0 });
    const status = await glusterctl('status', file, '--json');
    expect(status).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');

    const live = clusterFile(lab, '');
    const exported = await glusterctl('export', live);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout).toContain('  distrep:\n    state: stopped\n');
    writeFileSync(live, exported.stdout);
    expect(await glusterctl('plan', live, '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  itFull('changes options and state, resets what exact mode does not name, keeps all data', async () => {
    await applied(
      replica3('rep', '    options: { network.ping-timeout: 20, performance.cache-size: 64MB }\n'),
    );
    const mount = await lab.mountClient('rep', { on: client });
    await mount.write('before', 'written before the change\n');
    const file = await applied(
      replica3(
        'rep',
        '    optionsMode: exact\n    options: { network.ping-timeout: 25, auth.allow: "10.*" }\n',
      ),
    );
    const info = await three.storeInfo('rep');
    expect(info).toEqual(
      expect.arrayContaining(['network.ping-timeout=25', 'auth.allow=10.*', 'nfs.disable=on']),
    );
    expect(info.join('\n')).not.toContain('performance.cache-size');
    expect(await mount.read('before')).toBe('written before the change\n');
    await mount.unmount();
    expect(await glusterctl('plan', file, '--detailed-exitcode')).toMatchObject({ code: 0 });
    await applied(replica3('rep', '    state: stopped\n'));
    expect(await gluster(two, 'volume info rep')).toContain('Status: Stopped');
  });

  it('deletes only what says absent, only when allowed, and leaves the bricks alone', async () => {
    await applied(`${replica3('gone')}\n${replica3('kept')}`);
    const mount = await lab.mountClient('gone', { on: client });
    await mount.write('file', 'data\n');
    await mount.unmount();
    const file = clusterFile(lab, '  gone: { state: absent }');
    const refused = await glusterctl('apply', file, '--yes');
    expect(refused.code).toBe(8);
    expect(refused.stderr).toContain('--allow-destroy volume/gone');
    const done = await glusterctl('apply', file, '--yes', '--allow-destroy', 'volume/gone');
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(await gluster(one, 'volume list')).toBe('kept\n');
    expect((await two.run('cat /bricks/d1/gone/file')).stdout).toBe('data\n');
  });

  itFull('keeps a protected volume until a run of its own lets the protection go', async () => {
    const kept = replica3('kept', '    state: stopped\n');
    await applied(replica3('kept', '    state: stopped\n    protect: true\n'));
    expect(await gluster(one, 'volume info kept')).toContain('user.glusterctl.protect: on');
    const gone = clusterFile(lab, '  kept: { state: absent }');
    const words = ['apply', gone, '--yes', '--allow-destroy', 'volume/kept'];
    const refused = await glusterctl(...words);
    expect([refused.code, refused.stderr]).toEqual([8, expect.stringContaining('is protected')]);
    await applied(kept);
    expect(await gluster(two, 'volume list')).toBe('kept\n');
    const done = await glusterctl(...words);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    expect(await gluster(one, 'volume list 2>&1')).toContain('No volumes');
  });

  itFull(
    'resets what loses files only by name, though the file says exact and the line was lost',
    async () => {
      await applied(replica3('virt'));
      await gluster(one, 'volume set virt group virt');
      const exact = clusterFile(lab, replica3('virt', '    optionsMode: exact\n    options: {}\n'));
      const refused = await glusterctl('apply', exact, '--yes');
      expect([refused.code, refused.stderr]).toEqual([8, expect.stringContaining('reset features.shard')]);
      expect(await gluster(two, 'volume info virt')).toContain('features.shard: on');
      const done = await glusterctl('apply', exact, '--yes', '--allow-destroy', 'volume/virt');
      expect(done, done.stderr).toMatchObject({ code: 0 });
      const info = await gluster(two, 'volume info virt');
      expect(info).not.toContain('features.shard');
      expect(info).toContain('user.cifs: off');
    },
  );

  it('rolls three volumes back when one node cannot commit one, without a client noticing', async () => {
    await applied([replica3('v1'), replica3('v2'), replica3('v3')].join('\n'));
    const before = await stores(lab);
    const writer = await startWriter(await lab.mountClient('v2', { on: client }));
    await until('the writer to write', LIMIT_MS, () => (writer.writes() > 5 ? true : undefined));
    await two.immutable('/var/lib/glusterd/vols/v2');
    const options = '    options: { network.ping-timeout: 21, performance.cache-size: 40MB }\n';
    const file = clusterFile(
      lab,
      [replica3('v1', options), replica3('v2', options), replica3('v3', options)].join('\n'),
    );
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran.code, ran.stderr).toBe(3);
    expect(ran.stderr).toContain('Commit failed on node02');
    expect(await stores(lab)).toBe(before);
    await two.mutable('/var/lib/glusterd/vols/v2');
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    const v2 = await Promise.all(lab.nodes.map(async (n) => (await versions(n)).get('v2')));
    expect(new Set(v2).size).toBe(1);
    expect(await leftovers(lab)).toBe('');
    const repaired = await glusterctl('apply', file, '--yes');
    expect(repaired, repaired.stderr).toMatchObject({ code: 0 });
  });

  it('rolls a half-made volume back: no definition, no process, no mark on any brick', async () => {
    await lab.formPool();
    await three.immutable('/var/lib/glusterd/vols');
    const before = await stores(lab);
    const ran = await glusterctl('apply', clusterFile(lab, replica3('half')), '--yes');
    expect(ran.code, ran.stderr).toBe(3);
    await three.mutable('/var/lib/glusterd/vols');
    expect(await stores(lab)).toBe(before);
    for (const node of lab.nodes) {
      expect((await node.run('ls -A /bricks/d1')).stdout).toBe('');
      expect(await gluster(node, 'volume list 2>&1 || true')).toContain('No volumes');
    }
  });

  itFull('rolls a half-done delete back: the volume can be deleted afterwards', async () => {
    await applied(replica3('vol', '    state: stopped\n'));
    const before = await stores(lab);
    await two.immutable('/var/lib/glusterd/vols/vol');
    const file = clusterFile(lab, '  vol: { state: absent }');
    const ran = await glusterctl('apply', file, '--yes', '--allow-destroy', 'volume/vol');
    expect(ran.code, ran.stderr).toBe(3);
    expect(await stores(lab)).toBe(before);
    await two.mutable('/var/lib/glusterd/vols/vol');
    const again = await glusterctl('apply', file, '--yes', '--allow-destroy', 'volume/vol');
    expect(again, again.stderr).toMatchObject({ code: 0 });
    for (const node of lab.nodes) expect((await node.run('ls /var/lib/glusterd/vols')).stdout).toBe('');
  });

  itFull('refuses to repair with --no-repair, and says what is to be repaired', async () => {
    const file = await applied(replica3('vol', '    state: stopped\n'));
    await two.run('systemctl stop glusterd; rm -rf /var/lib/glusterd/vols/vol; true');
    const down = await glusterctl('apply', file, '--yes', '--no-repair');
    expect(down.code).toBe(8);
    expect(down.stderr).toContain('node02');
    await two.run('systemctl start glusterd');
    await one.run('true');
  });

  itFull(
    'does not call applied what no node could mark as committed, and keeps it when asked to',
    async () => {
      await applied(replica3('vol'));
      const journals = '/var/lib/glusterctl/transactions';
      const newest = async (): Promise<string> =>
        `${journals}/${(await one.run(`ls ${journals}`)).stdout.trim().split('\n').at(-1) ?? ''}`;
      const file = clusterFile(lab, replica3('vol', '    options: { network.ping-timeout: 21 }\n'));
      const watched = new Watched('apply', file);
      expect(await watched.reaches((e) => e.type === 'step' && e.status === 'started', LIMIT_MS)).toBe(true);
      const journal = await newest();
      const held = [journal, `${journal}/state`];
      for (const node of lab.nodes) for (const path of held) await node.immutable(path);
      const ran = await watched.done;
      for (const node of lab.nodes) for (const path of held) await node.mutable(path);
      expect(ran.code, ran.stdout + ran.stderr).toBe(6);
      expect(ran.stdout).toContain('"outcome":"not-closed"');
      const id = basename(journal);
      const kept = await glusterctl('recover', file, '--yes', '--abandon', id);
      expect(kept, kept.stderr).toMatchObject({ code: 0 });
      expect(await gluster(one, 'volume info vol')).toContain('network.ping-timeout: 21');
      const plan = await glusterctl('plan', file, '--detailed-exitcode');
      expect(plan, plan.stdout + plan.stderr).toMatchObject({ code: 0 });
    },
  );

  it('starts a killed brick with the argv of glusterd, and a client can write through it', async () => {
    const file = await applied(replica3('rep'));
    const argv = async (): Promise<string> =>
      (await two.run('tr "\\0" " " </proc/$(pidof glusterfsd)/cmdline')).stdout;
    const original = await argv();
    await two.killBrick('/bricks/d1/rep');
    await until('the brick to be gone', LIMIT_MS, () =>
      two.brickPids('/bricks/d1/rep').length === 0 ? true : undefined,
    );
    const plan = await glusterctl('plan', file, '--json');
    expect(JSON.parse(plan.stdout)).toMatchObject({
      changes: true,
      steps: [
        { action: 'brick-start', subject: 'brick/node02:/bricks/d1/rep', nodes: ['node02'], risk: 'safe' },
      ],
    });
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(await argv()).toBe(original);
    expect(await onlineBricks(one, 'rep')).toEqual(['Y', 'Y', 'Y']);
    const mount = await lab.mountClient('rep', { on: client });
    await mount.write('through', 'all bricks\n');
    expect((await two.run('cat /bricks/d1/rep/through')).stdout).toBe('all bricks\n');
    await mount.unmount();
  });

  itFull('lets one of two controllers work and sends the other away with the name of the first', async () => {
    const file = clusterFile(lab, EVERY_LAYOUT);
    const first = start(['apply', file, '--yes', '--json']);
    await until('the first to commit', LIMIT_MS, () =>
      first.output().includes('"phase":"commit","status":"started"') ? true : undefined,
    );
    const second = await glusterctl('apply', file, '--yes');
    expect(second.code, second.stderr).toBe(5);
    expect(second.stderr).toContain(`(pid ${String(first.pid)}`);
    expect(await first.done).toMatchObject({ code: 0 });
    expect(await glusterctl('plan', file, '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  itFull(
    'refuses a changed host key, a node without sshd and bad input before anything is changed',
    async () => {
      const file = clusterFile(lab, replica3('rep'));
      await two.stopSshd();
      const unreachable = await glusterctl('apply', file, '--yes');
      expect(unreachable.code).toBe(7);
      expect(unreachable.stderr).toContain('node02');
      await two.startSshd();
      await three.replaceSshHostKey();
      const changed = await glusterctl('apply', file, '--yes');
      expect(changed.code).toBe(7);
      expect(changed.stderr).toContain('host key');
      await three.restoreSshHostKey();
      for (const node of lab.nodes)
        expect((await node.run('ls /var/lib/glusterd/vols 2>/dev/null | wc -l')).stdout.trim()).toBe('0');
      const bad = clusterFile(lab, '  rep: { replica: 1, bricks: [nodeXX:/b], optoins: {} }');
      const invalid = await glusterctl('apply', bad, '--yes');
      expect(invalid.code).toBe(4);
      expect(invalid.stderr.match(/file-\d+\.yaml:\d+:\d+: /g)?.length).toBeGreaterThanOrEqual(3);
    },
  );

  itFull('applies a saved plan exactly, and refuses it once the cluster moved', async () => {
    await applied(replica3('rep'));
    const file = clusterFile(lab, replica3('rep', '    options: { network.ping-timeout: 33 }\n'));
    const plan = `${file}.plan`;
    expect(await glusterctl('plan', file, '--out', plan)).toMatchObject({ code: 0 });
    await gluster(one, 'volume set rep performance.cache-size 48MB');
    const moved = await glusterctl('apply', plan, '--yes');
    expect(moved.code).toBe(4);
    expect(moved.stderr).toMatch(/node01: volume\/rep was "version \d+/);
    expect(await glusterctl('plan', file, '--out', plan)).toMatchObject({ code: 0 });
    expect(await glusterctl('apply', plan, '--yes')).toMatchObject({ code: 0 });
    expect(await two.storeInfo('rep')).toContain('network.ping-timeout=33');
  });

  it('lets no string of the file reach a shell', async () => {
    const file = clusterFile(
      lab,
      replica3(
        'rep',
        '    options: { user.note: "$(touch /tmp/pwned); `touch /tmp/pwned` \' \\" ; | & > /tmp/pwned" }\n',
      ),
    );
    const text = readFileSync(file, 'utf8').replace(/^cluster: .*$/m, "cluster: 'x'");
    writeFileSync(file, text);
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    for (const node of lab.nodes)
      expect((await node.run('ls /tmp/pwned', { allowFailure: true })).code).not.toBe(0);
    expect((await one.storeInfo('rep')).join('\n')).toContain('user.note=$(touch /tmp/pwned)');
  });
});
