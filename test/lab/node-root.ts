/**
 * The disks of the nodes: one template for each lab, one root and some bricks for each node, mounted by the
 * machine so that they outlive a power cut. Copies no identity: host keys, machine ids and Gluster uuids are
 * each node's own.
 */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { run, runScript } from './host.ts';
import { nodeDir, rootDir } from './record.ts';
import type { LabRecord, NodeRecord } from './record.ts';

const BRICK_MB = 128;
/** The smallest that mkfs.xfs accepts. */
const XFS_BRICK_MB = 300;

export const templateDir = (lab: LabRecord): string => join(lab.dir, 'template');
export const sshKeyFile = (lab: LabRecord): string => join(lab.dir, 'id_ed25519');
export const knownHostsFile = (lab: LabRecord): string => join(lab.dir, 'known_hosts');
export const brickNames = (lab: LabRecord): string[] =>
  Array.from({ length: lab.bricksPerNode }, (_, i) => `d${String(i + 1)}`);

/** Units that touch the one kernel of all nodes, or wait for hardware that a node does not have. */
const MASKED = `systemd-sysctl.service systemd-modules-load.service systemd-binfmt.service
  proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount systemd-udevd.service
  systemd-udev-trigger.service systemd-udev-settle.service systemd-udevd-control.socket
  systemd-udevd-kernel.socket systemd-remount-fs.service systemd-firstboot.service
  systemd-sysusers.service systemd-repart.service systemd-random-seed.service
  systemd-hwdb-update.service systemd-machine-id-commit.service ldconfig.service
  kmod-static-nodes.service systemd-pstore.service systemd-boot-system-token.service
  systemd-pcrphase.service systemd-pcrphase-sysinit.service systemd-journal-flush.service
  systemd-update-utmp.service systemd-update-utmp-runlevel.service
  systemd-tmpfiles-setup-dev.service systemd-ask-password-wall.path
  systemd-ask-password-console.path dev-hugepages.mount dev-mqueue.mount
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount
  sys-kernel-tracing.mount getty.target timers.target cryptsetup.target veritysetup.target
  integritysetup.target remote-fs.target nfs-client.target systemd-timesyncd.service
  networking.service ifupdown-pre.service systemd-networkd.service systemd-networkd.socket
  systemd-resolved.service rc-local.service`.split(/\s+/);

const MAKE_TEMPLATE = String.raw`
t=$1; shift
mkdir -p "$t" && cd "$t"
mkdir -p usr proc sys dev run tmp mnt bricks data root/.ssh
mkdir -p var/lib/glusterd var/log/glusterfs var/cache var/tmp var/spool
chmod 1777 tmp var/tmp; chmod 700 root root/.ssh
ln -s usr/bin bin; ln -s usr/sbin sbin; ln -s usr/lib lib
for l in lib32 lib64 libx32; do [ ! -d "/usr/$l" ] || ln -s "usr/$l" "$l"; done
ln -s /run var/run; ln -s /run/lock var/lock
cp -a /etc etc
rm -rf etc/rc?.d etc/machine-id etc/ssh/ssh_host_* etc/resolv.conf
rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires
: > etc/fstab; : > etc/resolv.conf
ln -sf ../proc/self/mounts etc/mtab
sed -i 's/^hosts:.*/hosts: files/' etc/nsswitch.conf
mkdir -p etc/systemd/journald.conf.d etc/systemd/system/multi-user.target.wants
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\n' > etc/systemd/journald.conf.d/lab.conf
for unit in "$@"; do ln -sf /dev/null "etc/systemd/system/$unit"; done
# Generators search for disks, consoles and old scripts, of which a node has none; systemd runs them all at
# every reload.
mkdir -p etc/systemd/system-generators
for g in /lib/systemd/system-generators/*; do
  ln -sf /dev/null "etc/systemd/system-generators/$(basename "$g")"
done
ln -s /lib/systemd/system/ssh.service etc/systemd/system/multi-user.target.wants/
ln -s /lib/systemd/system/glusterd.service etc/systemd/system/multi-user.target.wants/
ln -sf /lib/systemd/system/ssh.service etc/systemd/system/sshd.service
# A login costs as much as the commands after it where each starts a user manager and makes a message of
# the day.
mkdir -p var/lib/systemd/linger; : > var/lib/systemd/linger/root
rm -f etc/update-motd.d/*
# Only what the packages ship: never the machine's own pool, if it has one.
dpkg -L glusterfs-server glusterfs-common 2>/dev/null | grep '^/var/lib/glusterd/' | while read -r f; do
  if [ -d "$f" ]; then mkdir -p ".$f"; else cp -a "$f" ".$f"; fi
done
`;

/** What all nodes of the lab have in common, the key of their visitor included. */
export async function makeTemplate(lab: LabRecord): Promise<void> {
  const root = templateDir(lab);
  const key = sshKeyFile(lab);
  await runScript(MAKE_TEMPLATE, [root, ...MASKED]);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `lab-${lab.name}`, '-f', key]);
  const hosts = lab.nodes.map((node) => `${node.ip} ${node.name}\n`);
  writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n${hosts.join('')}`);
  writeFileSync(join(root, 'root/.ssh/authorized_keys'), readFileSync(`${key}.pub`), { mode: 0o600 });
  writeFileSync(knownHostsFile(lab), '');
}

const MOUNT_DISKS = String.raw`
root=$1 size=$2 kind=$3 images=$4; shift 4
mkdir -p "$root"
mount -t tmpfs -o "size=$size,mode=755" tmpfs "$root"
mkdir -p "$root/bricks"
for brick in "$@"; do
  mkdir -p "$root/bricks/$brick"
  if [ "$kind" = xfs ]; then
    truncate -s ${String(XFS_BRICK_MB)}M "$images/$brick.xfs"
    mkfs.xfs -q "$images/$brick.xfs"
    mount -o loop "$images/$brick.xfs" "$root/bricks/$brick"
  else
    mount -t tmpfs -o size=${String(BRICK_MB)}m,mode=755 tmpfs "$root/bricks/$brick"
  fi
done
`;

export async function makeDisks(lab: LabRecord, node: NodeRecord): Promise<void> {
  const root = rootDir(lab, node);
  const bricks = node.client ? [] : brickNames(lab);
  mkdirSync(nodeDir(lab, node), { recursive: true });
  const size = `${String(lab.rootSizeMb)}m`;
  await runScript(MOUNT_DISKS, [root, size, lab.brickFs, nodeDir(lab, node), ...bricks]);
  await run(['cp', '-a', `${templateDir(lab)}/.`, root]);
  writeFileSync(join(root, 'etc/hostname'), `${node.name}\n`);
  writeFileSync(join(root, 'etc/machine-id'), `${randomUUID().replaceAll('-', '')}\n`);
  if (node.client) rmSync(join(root, 'etc/systemd/system/multi-user.target.wants/glusterd.service'));
  const publicKey = await makeHostKey(root);
  appendFileSync(knownHostsFile(lab), `${node.name},${node.ip} ${publicKey}\n`);
}

/** A new host key on the disk; gives the public half as known_hosts wants it. */
export async function makeHostKey(root: string): Promise<string> {
  const file = join(root, 'etc/ssh/ssh_host_ed25519_key');
  rmSync(file, { force: true });
  rmSync(`${file}.pub`, { force: true });
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  chmodSync(file, 0o600);
  return readFileSync(`${file}.pub`, 'utf8').trim();
}
