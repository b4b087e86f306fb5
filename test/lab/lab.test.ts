/**
 * The lab checks itself: the other lab tests may rely on its hosts, faults have their effect and heal, and
 * nothing is left.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { whyNoCpuLimit } from './cgroup.ts';
import { until } from './host.ts';
import { assertNoTraces, labUp, startWriter } from './lab.ts';
import type { Lab, LabNode } from './lab.ts';
import { waitConnected } from './pool.ts';
import { describeLab, itFull, labTitle, missing, withLab } from './suite.ts';

const HEAL_LIMIT_MS = 60_000;
const BRICK = '/bricks/d1/b';

const gluster = (node: LabNode, words: string): Promise<{ stdout: string }> =>
  node.run(`gluster --mode=script ${words}`);

describeLab('the lab', () => {
  let lab: Lab;
  let one: LabNode, two: LabNode, three: LabNode, client: LabNode;

  withLab({ nodes: 3, clients: 1 }, async (up) => {
    lab = up;
    [one, two, three] = [lab.node('node01'), lab.node('node02'), lab.node('node03')];
    client = lab.node('c1');
    await startVolume();
  });

  async function startVolume(): Promise<void> {
    await lab.formPool();
    const bricks = lab.nodes.map((node) => `${node.name}:${BRICK}`).join(' ');
    await gluster(one, `volume create v1 replica 3 ${bricks}`);
    await gluster(one, 'volume start v1');
    for (const node of lab.nodes) {
      await until(`${node.name} serves v1`, HEAL_LIMIT_MS, () => (isServed(node) ? true : undefined));
    }
  }

  const isServed = (node: LabNode): boolean => node.brickPids(BRICK).length === 1;

  async function ssh(node: LabNode, command: string): Promise<string> {
    const options = [
      `UserKnownHostsFile=${lab.knownHostsFile}`,
      'StrictHostKeyChecking=yes',
      'ConnectTimeout=3',
    ];
    const words = ['-F', 'none', '-o', 'BatchMode=yes', ...options.flatMap((option) => ['-o', option])];
    const args = [...words, '-i', lab.sshKeyFile, `root@${node.ip}`, command];
    return (await promisify(execFile)('ssh', args)).stdout;
  }

  async function reaches(from: LabNode, to: LabNode): Promise<boolean> {
    const knock = ['timeout', '2', 'bash', '-c', `exec 3<>/dev/tcp/${to.ip}/22`];
    return (await from.run(knock, { allowFailure: true })).code === 0;
  }

  const sees = async (node: LabNode, peer: LabNode, state: string): Promise<true | undefined> => {
    const { stdout } = await gluster(node, 'pool list');
    const line = stdout.split('\n').find((text) => text.includes(`\t${peer.name} `));
    return line?.includes(state) === true ? true : undefined;
  };

  it('hosts run one systemd each with nothing failed, and answer ssh under strict host keys', async () => {
    for (const node of [...lab.nodes, ...lab.clients]) {
      const { stdout } = await node.run('systemctl is-system-running --wait');
      expect(stdout.trim()).toBe('running');
      expect((await ssh(node, 'hostname')).trim()).toBe(node.name);
    }
    expect(lab.clusterFileHead()).toContain(`node03: { address: ${three.ip} }`);
  });

  it('stores are equal on all nodes, and a client outside the pool writes and reads', async () => {
    const stores = await Promise.all(lab.nodes.map((node) => node.storeInfo('v1')));
    expect(stores[0]).toContain('replica_count=3');
    expect(stores[1]).toEqual(stores[0]);
    const mount = await lab.mountClient('v1', { on: client });
    await mount.write('hello', 'to all three\n');
    expect(await mount.read('hello')).toBe('to all three\n');
    for (const node of lab.nodes) {
      expect(await readFile(join(node.root, BRICK, 'hello'), 'utf8')).toBe('to all three\n');
    }
    await mount.unmount();
  });

  itFull('a brick killed and started again does not disturb the writer', async () => {
    const mount = await lab.mountClient('v1', { on: client });
    const writer = await startWriter(mount);
    await two.killBrick(BRICK);
    expect(isServed(two)).toBe(false);
    await gluster(one, 'volume start v1 force');
    await until('the brick is served again', HEAL_LIMIT_MS, () => (isServed(two) ? true : undefined));
    const before = writer.writes();
    await until('the writer goes on', HEAL_LIMIT_MS, () => (writer.writes() > before + 3 ? true : undefined));
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    expect(report.longestGapMs).toBeLessThan(5_000);
    const lines = (await mount.read('writer.log')).trim().split('\n');
    expect(lines).toHaveLength(report.writes);
    await mount.unmount();
  });

  it('a silent cut is noticed by the peers and healed', async () => {
    await three.partition();
    await expect(ssh(three, 'true')).rejects.toThrow();
    await until('node01 misses node03', HEAL_LIMIT_MS, () => sees(one, three, 'Disconnected'));
    await three.heal();
    await waitConnected(lab.nodes);
  });

  itFull('two nodes are kept apart while we reach both', async () => {
    await one.isolateFrom(two);
    expect(await reaches(one, two)).toBe(false);
    expect(await reaches(two, one)).toBe(false);
    expect(await reaches(one, three)).toBe(true);
    expect(await ssh(one, 'echo here')).toBe('here\n');
    expect(await ssh(two, 'echo here')).toBe('here\n');
    await one.rejoin(two);
    expect(await reaches(one, two)).toBe(true);
    await waitConnected(lab.nodes);
  });

  itFull('one port is blocked, in silence or with a reset, and only that one', async () => {
    await one.blockPort(24007);
    expect(await ssh(one, 'echo here')).toBe('here\n');
    const knock = ['timeout', '1', 'bash', '-c', `exec 3<>/dev/tcp/${one.ip}/24007`];
    expect((await two.run(knock, { allowFailure: true })).code).toBe(124);
    await one.unblockPort(24007);
    await two.run(knock);
    await one.blockPort(22, 'refused');
    await expect(ssh(one, 'true')).rejects.toThrow(/refused/);
    await one.unblockPort(22);
    expect(await ssh(one, 'echo here')).toBe('here\n');
  });

  it('an immutable store makes the commit fail on that node alone', async () => {
    await two.immutable('/var/lib/glusterd/vols/v1');
    await expect(gluster(one, 'volume set v1 network.ping-timeout 21')).rejects.toThrow(/node02/);
    expect(await one.storeInfo('v1')).toContain('network.ping-timeout=21');
    expect(await two.storeInfo('v1')).not.toContain('network.ping-timeout=21');
    await two.mutable('/var/lib/glusterd/vols/v1');
  });

  it('a full disk is full, and free again', async () => {
    await two.fillDisk();
    expect((await two.run('echo x > /var/lib/x', { allowFailure: true })).code).not.toBe(0);
    await two.freeDisk();
    await two.run('echo x > /var/lib/x && rm /var/lib/x');
  });

  it('a hung glusterd times out, a hung host does not answer, both go on afterwards', async () => {
    two.freezeGlusterd();
    const asked = await two.run('timeout 1 gluster peer status', { allowFailure: true });
    expect(asked.code).toBe(124);
    two.thawGlusterd();
    await gluster(two, 'peer status');
    await two.freezeHost();
    await expect(two.run('true', { timeoutMs: 300 })).rejects.toThrow(/300|no end/);
    await two.thawHost();
    await two.run('true');
  });

  itFull('a read-only store meets a running glusterd', async () => {
    await two.freezeStore();
    await expect(gluster(one, 'volume set v1 network.ping-timeout 22')).rejects.toThrow(/node02/);
    await two.thawStore();
    await gluster(one, 'volume set v1 network.ping-timeout 23');
    expect(await two.storeInfo('v1')).toContain('network.ping-timeout=23');
  });

  itFull('a brick that is not mounted is a directory on the root', async () => {
    await three.umountBrick(2);
    expect((await three.run('mountpoint -q /bricks/d2', { allowFailure: true })).code).not.toBe(0);
    await three.mountBrick(2);
    await three.run('mountpoint -q /bricks/d2');
  });

  itFull('another host key is refused until the old one is back', async () => {
    await one.replaceSshHostKey();
    await expect(ssh(one, 'true')).rejects.toThrow(/IDENTIFICATION HAS CHANGED/);
    await one.restoreSshHostKey();
    expect(await ssh(one, 'echo here')).toBe('here\n');
  });

  itFull('a program that cannot run leaves a brick without a daemon', async () => {
    await two.disableProgram('/usr/sbin/glusterfsd');
    await two.killBrick(BRICK);
    await gluster(one, 'volume start v1 force').catch(() => undefined);
    expect(isServed(two)).toBe(false);
    await two.enableProgram('/usr/sbin/glusterfsd');
    await gluster(one, 'volume start v1 force');
    await until('the brick is served again', HEAL_LIMIT_MS, () => (isServed(two) ? true : undefined));
  });

  itFull('sshd and glusterd stop and start', async () => {
    await one.stopSshd();
    await expect(ssh(one, 'true')).rejects.toThrow(/refused/);
    await one.startSshd();
    await one.killGlusterd();
    expect((await one.run('gluster peer status', { allowFailure: true })).code).not.toBe(0);
    await one.startGlusterd();
    await waitConnected(lab.nodes);
  });

  itFull('glusterd crashes and takes its brick along, unless bricks are spared', async () => {
    // One that starts has two processes until it is a daemon.
    await until('one process serves', HEAL_LIMIT_MS, () => (isServed(two) ? true : undefined));
    const pid = two.brickPids(BRICK);
    await two.spareBricks();
    await two.crashGlusterd();
    expect((await two.run('systemctl show glusterd -p SubState --value')).stdout).toBe('auto-restart\n');
    await two.startGlusterd();
    for (const how of ['service', 'kill', 'crash'] as const) await two.restartGlusterd(how);
    expect(two.brickPids(BRICK)).toEqual(pid);
    await two.spareNoMore();
    await two.crashGlusterd();
    await until('the brick has ended too', HEAL_LIMIT_MS, () => (isServed(two) ? undefined : true));
    await two.startGlusterd();
    await until('the brick is served again', HEAL_LIMIT_MS, () => (isServed(two) ? true : undefined));
    await waitConnected(lab.nodes);
  });

  it('a power cut keeps the disks, and the bricks come back by themselves', async () => {
    writeFileSync(join(one.root, 'root/kept'), 'kept');
    await one.hardReboot();
    expect((await one.run('cat /root/kept')).stdout).toBe('kept');
    await waitConnected(lab.nodes);
    await until('the brick of node01 is back', HEAL_LIMIT_MS, () => (isServed(one) ? true : undefined));
  });

  it('a reset heals what is broken and leaves no pool, no volume and no data', async () => {
    await two.partition();
    await one.immutable('/var/lib/glusterd/vols/v1');
    three.freezeGlusterd();
    await three.replaceSshHostKey();
    await client.powerOff();
    await lab.resetGluster();
    for (const node of lab.nodes) {
      expect((await gluster(node, 'pool list')).stdout.trim().split('\n')).toHaveLength(2);
      expect((await node.run('ls -A /bricks/d1 /var/lib/glusterd/vols')).stdout).not.toContain('v1');
      expect((await node.run(`ls -d ${BRICK}`, { allowFailure: true })).code).not.toBe(0);
    }
    expect(await ssh(three, 'echo here')).toBe('here\n');
    await startVolume();
  });
});

describeLab('the lab with XFS bricks', () => {
  it('serves from loop devices and takes them along', async () => {
    const lab = await labUp({ nodes: 1, bricksPerNode: 1, brickFs: 'xfs' });
    try {
      const { stdout } = await lab.node('node01').run(['findmnt', '-no', 'FSTYPE', '/bricks/d1']);
      expect(stdout.trim()).toBe('xfs');
    } finally {
      await lab.down();
    }
    await assertNoTraces(lab.name);
  });
});

const noLimit = missing.length === 0 ? whyNoCpuLimit() : undefined;
const whySkipped = noLimit === undefined ? '' : ` (skipped: ${noLimit})`;
describe.skipIf(missing.length > 0 || noLimit !== undefined)(
  labTitle('the lab with a tenth of a CPU for each node') + whySkipped,
  () => {
    itFull('comes up and pools, as slow as was asked, also after a reboot and a reset', async () => {
      const lab = await labUp({ nodes: 2, cpuPercent: 10 });
      const node = lab.node('node02');
      /** Seconds of CPU that a loop gets in two seconds of time. */
      const share = async (): Promise<number> => {
        const { stdout } = await node.run('timeout 2 sh -c "while :; do :; done"; times');
        return Number(/\n0m([0-9.]+)s/.exec(stdout)?.[1]);
      };
      try {
        await lab.formPool();
        expect(await share()).toBeLessThan(0.4);
        await node.hardReboot();
        await waitConnected(lab.nodes);
        expect(await share()).toBeLessThan(0.4);
        node.limitCpu(undefined);
        expect(await share()).toBeGreaterThan(0.5);
        await lab.resetGluster();
        expect(await share()).toBeLessThan(0.4);
      } finally {
        await lab.down();
      }
      await assertNoTraces(lab.name);
    });
  },
);
