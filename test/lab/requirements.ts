/** What a machine must have to run labs, said in words a person can act on. Installs nothing. */
import { existsSync } from 'node:fs';
import { cgroupMount } from './cgroup.ts';
import { readOptional } from './host.ts';

const SYS_ADMIN = 21n;
const NET_ADMIN = 12n;

const PACKAGES: readonly (readonly [string, string])[] = [
  ['glusterfs-server', '/usr/sbin/glusterd'],
  ['glusterfs-client', '/usr/sbin/mount.glusterfs'],
  ['openssh-server', '/usr/sbin/sshd'],
  ['openssh-client', '/usr/bin/ssh-keygen'],
  ['systemd', '/usr/lib/systemd/systemd'],
  ['dbus', '/usr/bin/dbus-daemon'],
  ['iproute2', '/usr/sbin/ip'],
  ['util-linux', '/usr/bin/nsenter'],
  ['attr', '/usr/bin/setfattr'],
  ['e2fsprogs', '/usr/bin/chattr'],
  ['xfsprogs', '/usr/sbin/mkfs.xfs'],
  ['nftables', '/usr/sbin/nft'],
  ['procps', '/usr/sbin/sysctl'],
];

/** Places that differ between releases of the same package. */
const exists = (path: string): boolean =>
  existsSync(path) ||
  existsSync(path.replace('/usr/sbin/', '/usr/bin/')) ||
  existsSync(path.replace('/usr/', '/'));

export const lackingPackages = (packages: typeof PACKAGES): string[] =>
  packages.filter(([, file]) => !exists(file)).map(([name]) => `package ${name}`);

/** Empty: labs can run here. */
export function missingRequirements(): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const missing = lackingPackages(PACKAGES);
  if (process.getuid?.() !== 0) missing.unshift('root');
  else if (!hasCapabilities()) missing.unshift('all capabilities (this root is confined)');
  if (cgroupMount() === undefined && !/\bcgroup2\b/.test(readOptional('/proc/filesystems') ?? ''))
    missing.push('cgroup2 in the kernel');
  if (!existsSync('/dev/fuse')) missing.push('/dev/fuse');
  return missing;
}

function hasCapabilities(): boolean {
  const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(readOptional('/proc/self/status') ?? '')?.[1] ?? '0';
  const effective = BigInt(`0x${hex}`);
  return [SYS_ADMIN, NET_ADMIN].every((bit) => ((effective >> bit) & 1n) === 1n);
}
