/**
 * A node whose glusterd dies in the handshake of a probe, on real hosts: it stays half way into the pool, and
 * `peer detach` gets no answer. The rollback takes it back all the same, and the next apply has it join.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, leftovers, type Ran, start } from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, withLab } from './suite.ts';

const LIMIT_MS = 60_000;
const PEERS = '/var/lib/glusterd/peers';

/** Between its probe and its answer, `gluster` waits for /run/halted. */
const HALTING = String.raw`
cp -L /usr/sbin/gluster /run/gluster.true
cat >/run/gluster.halting <<'END'
#!/bin/sh
/run/gluster.true "$@"; rc=$?
case "$*" in *'peer probe node03'*)
  : >/run/probed; tries=0
  until [ -e /run/halted ] || [ "$tries" = 300 ]; do sleep 0.1; tries=$((tries + 1)); done ;;
esac
exit $rc
END
chmod 755 /run/gluster.halting
mount --bind /run/gluster.halting /usr/sbin/gluster`;

/** The drop-in of the transaction spares the bricks. */
const stopped = (state: number, peer: string): string =>
  `systemctl stop glusterd; cd ${PEERS}; sed -i 's/^state=.*/state=${String(state)}/' $(grep -l ${peer} *)`;

describeLab('a node half way into the pool', () => {
  let lab: Lab;
  let one: LabNode, three: LabNode;
  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    [one, three] = [lab.node('node01'), lab.node('node03')];
  });

  const ends = (ran: Ran, code: number): void => {
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code });
  };
  const peersOn = async (node: LabNode): Promise<number> =>
    Number((await node.run(`ls ${PEERS} | wc -l`)).stdout);
  const pids = (): readonly (readonly number[])[] => lab.nodes.map((n) => n.brickPids('/bricks/d1/data'));

  it('is taken back without a detach, under a client that writes, and joins by the next apply', async () => {
    const whole = clusterFile(
      lab,
      '  data:\n    replica: 2\n    bricks: [node01:/bricks/d1/data, node02:/bricks/d1/data]\n',
    );
    const two = join(lab.dir, 'two.yaml');
    writeFileSync(two, readFileSync(whole, 'utf8').replace(/^ {2}node03: .*\n/m, ''));
    ends(await glusterctl('apply', two, '--yes'), 0);
    const mount = await lab.mountClient('data', { on: lab.node('c1') });
    const writer = await startWriter(mount);
    const before = pids();
    await one.run(HALTING);
    const running = start(['apply', whole, '--yes']);
    await until('the probe', LIMIT_MS, async () =>
      (await one.run('ls /run/probed', { allowFailure: true })).code === 0 ? true : undefined,
    );
    await until('node03 to know node01', LIMIT_MS, async () =>
      (await three.run(`grep -l ^state=3 ${PEERS}/*`, { allowFailure: true })).stdout === ''
        ? undefined
        : true,
    );
    await one.run(stopped(5, 'node03'));
    await three.run(stopped(0, 'hostname'));
    for (const node of [one, three]) await node.run('systemctl start glusterd');
    await one.run(': >/run/halted');
    const ran = await running.done;
    ends(ran, 3);
    expect(ran.stdout + ran.stderr).not.toMatch(/detach.* failed/);
    expect([await peersOn(one), await peersOn(lab.node('node02')), await peersOn(three)]).toEqual([1, 1, 0]);
    expect((await three.run('ls /var/lib/glusterd/vols')).stdout).toBe('');
    expect(pids()).toEqual(before);
    expect(await leftovers(lab)).toBe('');
    await one.run('umount /usr/sbin/gluster');
    ends(await glusterctl('apply', whole, '--yes'), 0);
    ends(await doctor(whole), 0);
    expect(pids()).toEqual(before);
    expect((await writer.stop()).errors).toEqual([]);
    await mount.unmount();
  });
});
