/**
 * Power: starts a node's systemd in namespaces of its own and cuts it off again. Disks, network and processes
 * are torn apart in the order of a real power cut, so that the peers see silence and not closed sockets.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupPath, cpuLimit, makeCgroup, oldCpuPath, removeCgroup, setCpuLimit } from './cgroup.ts';
import { isAlive, readOptional, signal, until } from './host.ts';
import type { ProcessId } from './host.ts';
import { netnsPath, plugIn, removeNetns, unplug } from './network.ts';
import { nodeDir, rootDir, scopeName } from './record.ts';
import type { LabRecord, NodeRecord } from './record.ts';

const LAUNCH_LIMIT_MS = 10_000;
const DEATH_LIMIT_MS = 10_000;

// The own cgroup comes before `unshare -C`: a cgroup namespace has its root where its maker is, and without
// an own place all nodes would share one tree. The process id is taken after the last fork.
const BOOT = String.raw`
set -eu
if [ "$1" != inside ]; then
  echo 0 > "$2/cgroup.procs"
  [ -z "$7" ] || echo 0 > "$7/cgroup.procs"
  exec unshare -C sh "$0" inside "$@"
fi
shift
root=$1 name=$3 pidfile=$4 stub=$5 gsyncd=$6
read -r stat < /proc/self/stat
set -- $stat
pid=$1; shift 21
echo "$pid $1" > "$pidfile.new"
mv "$pidfile.new" "$pidfile"
echo "$name" > /proc/sys/kernel/hostname
cd "$root"
mount --bind -o ro /usr usr
[ -z "$gsyncd" ] || mount --bind "$stub" ".$gsyncd"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755,size=64m tmpfs run
mount -t tmpfs -o mode=1777,size=64m tmpfs tmp
mount -t tmpfs -o mode=755,size=1m tmpfs dev
mkdir dev/pts dev/shm dev/lab
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,size=64m tmpfs dev/shm
for d in null zero full random urandom tty fuse; do cp -a "/dev/$d" dev/; done
chmod 666 dev/fuse
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
# A second way in, so that a brick unmounted by a test can be mounted again.
for b in bricks/*; do
  mountpoint -q "$b" || continue
  spare=dev/lab/$(basename "$b")
  mkdir "$spare"
  mount --bind "$b" "$spare"
  source=$(findmnt -no SOURCE "$b")
  case $source in /dev/loop*) cp -a "$source" dev/ ;; esac
done
pivot_root . mnt
cd /
umount -l /mnt
exec env -i container=lxc PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=multi-user.target --show-status=0
`;

const bootFile = (lab: LabRecord): string => join(lab.dir, 'boot.sh');
const stubFile = (lab: LabRecord): string => join(lab.dir, 'gsyncd');
const pidFile = (lab: LabRecord, node: NodeRecord): string => join(nodeDir(lab, node), 'pid');
export const bootLog = (lab: LabRecord, node: NodeRecord): string => join(nodeDir(lab, node), 'boot.log');

/**
 * Written once and before any node reads it: a shell still reading a script that is rewritten dies without a
 * word.
 */
export function writeBootFiles(lab: LabRecord): void {
  writeFileSync(bootFile(lab), BOOT);
  // glusterd runs gsyncd several times at each start, a second of CPU for geo-replication, which no lab has.
  writeFileSync(`${stubFile(lab)}.new`, '#!/bin/sh\necho gsyncd\n', { mode: 0o755 });
  renameSync(`${stubFile(lab)}.new`, stubFile(lab));
}

/** PID 1 of the node as the machine sees it; undefined while the node is off. */
export function nodeInit(lab: LabRecord, node: NodeRecord): ProcessId | undefined {
  const [pid, start] = (readOptional(pidFile(lab, node)) ?? '').trim().split(' ');
  if (pid === undefined || start === undefined) return undefined;
  const id = { pid: Number(pid), start };
  return isAlive(id) ? id : undefined;
}

export async function powerOn(lab: LabRecord, node: NodeRecord): Promise<void> {
  if (nodeInit(lab, node) !== undefined) throw new Error(`${node.name} is on already`);
  // What a node that shut itself down has left.
  await powerCut(lab, node);
  await plugIn(lab, node);
  makeCgroup(scopeName(lab, node));
  limitCpuAsMade(lab, node);
  launch(lab, node);
  const limit = patience(lab, node, LAUNCH_LIMIT_MS);
  await until(`${node.name} starts its PID 1 (see ${bootLog(lab, node)})`, limit, () => nodeInit(lab, node));
}

/** Clients have all there is: with them it is measured what the nodes do. */
export function limitCpuAsMade(lab: LabRecord, node: NodeRecord): void {
  const wanted = node.client ? undefined : lab.cpuPercent;
  if (wanted !== cpuLimit(scopeName(lab, node))) setCpuLimit(scopeName(lab, node), wanted);
}

/** A limit for what a node does, longer by as much as its CPU is less than one. */
export const patience = (lab: LabRecord, node: NodeRecord, ms: number): number =>
  ms * Math.max(1, 100 / (cpuLimit(scopeName(lab, node)) ?? 100));

function launch(lab: LabRecord, node: NodeRecord): void {
  const log = openSync(bootLog(lab, node), 'a');
  const boot = [
    rootDir(lab, node),
    cgroupPath(scopeName(lab, node)),
    node.name,
    pidFile(lab, node),
    stubFile(lab),
    gsyncdPath(),
    oldCpuPath(scopeName(lab, node)),
  ];
  const unshare = ['unshare', '-m', '-p', '-u', '-i', '--fork', '--kill-child=KILL'];
  const child = spawn(
    'nsenter',
    [`--net=${netnsPath(lab, node)}`, ...unshare, 'sh', bootFile(lab), ...boot],
    { detached: true, stdio: ['ignore', log, log] },
  );
  child.unref();
  closeSync(log);
}

/** Safe to repeat, and on a node that is half up or half down. */
export async function powerCut(lab: LabRecord, node: NodeRecord): Promise<void> {
  await unplug(lab, node);
  // Who must end shall not have to wait for its share.
  if (cpuLimit(scopeName(lab, node)) !== undefined) setCpuLimit(scopeName(lab, node), undefined);
  const init = nodeInit(lab, node);
  if (init !== undefined) {
    signal(init, 'SIGKILL');
    await until(`PID 1 of ${node.name} is gone`, DEATH_LIMIT_MS, () => (isAlive(init) ? undefined : true));
  }
  rmSync(pidFile(lab, node), { force: true });
  await removeCgroup(scopeName(lab, node));
  await removeNetns(scopeName(lab, node));
}

function gsyncdPath(): string {
  const candidates = ['/usr/libexec', ...readdirSync('/usr/lib').map((name) => `/usr/lib/${name}`)];
  return candidates.map((dir) => `${dir}/glusterfs/gsyncd`).find((path) => existsSync(path)) ?? '';
}
