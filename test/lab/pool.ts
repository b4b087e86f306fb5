/**
 * The pool of a lab: formed by gluster's own command, emptied without a reboot. Volumes are the tests' own
 * business.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { limitCpuAsMade, powerOn } from './boot.ts';
import { setFrozen } from './cgroup.ts';
import { run, signal, until } from './host.ts';
import { diskFaults } from './disk-faults.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { templateDir } from './node-root.ts';
import type { NodeCore, NodeProcess } from './node.ts';
import { scopeName } from './record.ts';
import type { LabRecord } from './record.ts';

const CONNECT_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const RESET_LIMIT_MS = 60_000;

export async function formPool(nodes: readonly NodeCore[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error('a pool needs a node');
  for (const other of others) await first.run(['gluster', '--mode=script', 'peer', 'probe', other.name]);
  await waitConnected(nodes);
}

/**
 * Each of the nodes sees all the others in the cluster and connected: both sides, one alone says nothing of
 * the other.
 */
export async function waitConnected(nodes: readonly NodeCore[]): Promise<void> {
  for (const node of nodes) {
    await until(
      `${node.name} sees ${String(nodes.length - 1)} peers connected`,
      node.patience(CONNECT_LIMIT_MS),
      async () => {
        const { stdout } = await node.run(['gluster', '--mode=script', 'peer', 'status'], {
          allowFailure: true,
        });
        const connected = stdout.split('State: Peer in Cluster (Connected)').length - 1;
        return connected === nodes.length - 1 ? true : undefined;
      },
    );
  }
}

export async function resetGluster(lab: LabRecord, nodes: readonly NodeCore[]): Promise<void> {
  // All are silent before the first starts again: a glusterd still up would give the empty ones its volumes.
  await Promise.all(nodes.map((node) => silence(node)));
  await Promise.all(nodes.map((node) => empty(lab, node)));
  const servers = nodes.filter((node) => !node.record.client);
  await Promise.all(
    servers.map(async (node) => {
      await node.run(['systemctl', 'start', 'glusterd'], { timeoutMs: RESET_LIMIT_MS });
      await node.waitReady();
    }),
  );
}

const isGluster = ({ argv }: NodeProcess): boolean =>
  /^gluster(d|fsd|fs)?$/.test(argv[0]?.split('/').at(-1) ?? '');

const SILENCE = String.raw`
for m in $(findmnt -rnt fuse.glusterfs -o TARGET); do umount -l "$m"; done
while mountpoint -q /var/lib/glusterd; do umount -l /var/lib/glusterd; done
for b in /dev/lab/*; do
  [ ! -d "$b" ] || mountpoint -q "/bricks/$(basename "$b")" || mount --bind "$b" "/bricks/$(basename "$b")"
done
for p in $(findmnt -rno TARGET | grep '^/usr/sbin/gluster'); do umount "$p"; done
rm -rf /etc/systemd/system/glusterd.service.d /run/systemd/system/glusterd.service.d
rm -rf /run/gluster /run/glusterctl /run/glusterd.* /core
systemctl daemon-reload
systemctl reset-failed
systemctl start ssh
`;

async function silence(node: NodeCore): Promise<void> {
  await diskFaults(node).healDisks();
  if (!node.isOn()) await powerOn(node.lab, node.record);
  await setFrozen(scopeName(node.lab, node.record), false);
  limitCpuAsMade(node.lab, node.record);
  await networkFaults(node).healNetwork();
  await until(`${node.name} has booted`, node.patience(RESET_LIMIT_MS), async () => {
    const { stdout } = await node.run(['systemctl', 'is-system-running'], { allowFailure: true });
    return /running|degraded/.test(stdout) ? true : undefined;
  });
  // A stopped glusterd would let systemd wait five minutes for it.
  for (const process of node.processes().filter(isGluster)) signal(process, 'SIGCONT');
  await node.run(['systemctl', 'stop', 'glusterd'], { allowFailure: true, timeoutMs: RESET_LIMIT_MS });
  await until(`the gluster processes of ${node.name} have ended`, node.patience(END_LIMIT_MS), () => {
    const left = node.processes().filter(isGluster);
    for (const process of left) signal(process, 'SIGKILL');
    return left.length === 0 ? true : undefined;
  });
  await node.run(SILENCE);
  await processFaults(node).restoreSshHostKey();
}

// The roots of the bricks may be bricks themselves, so their own marks go too.
const EMPTY_BRICKS = String.raw`
for b in /bricks/*; do
  [ -d "$b" ] || continue
  find "$b" -mindepth 1 -delete
  getfattr -h -m '^trusted\.' "$b" 2>/dev/null | grep '^trusted' |
    while read -r name; do setfattr -x "$name" "$b"; done
done
`;

async function empty(lab: LabRecord, node: NodeCore): Promise<void> {
  await node.run(EMPTY_BRICKS);
  const leftovers = ['var/lib/glusterd', 'var/lib/glusterctl', 'var/log/glusterfs', 'data', 'etc/hosts'];
  await Promise.all(leftovers.map((path) => rm(join(node.root, path), { recursive: true, force: true })));
  for (const path of ['var/lib/glusterd', 'var/log/glusterfs', 'data', 'etc/hosts']) {
    await run(['cp', '-a', join(templateDir(lab), path), join(node.root, path)]);
  }
}
