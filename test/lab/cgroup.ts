/**
 * A cgroup2 directory for each node: where its processes are counted, frozen and ended as one. Refuses to touch any
 * cgroup that does not carry a lab's prefix.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptional, run, until } from './host.ts';

const OWN_MOUNT = '/run/glusterctl-lab-cgroup2';
const KILL_LIMIT_MS = 10_000;
const FREEZE_LIMIT_MS = 5_000;

/** What we run inside a node lives here, apart from what its systemd manages. */
export const SCOPE = 'lab.scope';

export function cgroupMount(): string | undefined {
  const lines = (readOptional('/proc/self/mountinfo') ?? '').split('\n');
  return lines.find((line) => line.includes(' - cgroup2 '))?.split(' ')[4];
}

export async function ensureCgroupMount(): Promise<string> {
  const found = cgroupMount();
  if (found !== undefined) return found;
  mkdirSync(OWN_MOUNT, { recursive: true });
  await run(['mount', '-t', 'cgroup2', 'cgroup2', OWN_MOUNT]);
  return OWN_MOUNT;
}

export function cgroupPath(name: string): string {
  const mount = cgroupMount();
  if (mount === undefined) throw new Error('no cgroup2 is mounted');
  return join(mount, name);
}

export function labCgroups(prefix: string): string[] {
  const mount = cgroupMount();
  return mount === undefined ? [] : readdirSync(mount).filter((name) => name.startsWith(prefix));
}

export function makeCgroup(name: string): void {
  mkdirSync(join(cgroupPath(name), SCOPE), { recursive: true });
}

/** Ends all that is in it, frozen or not, and removes it bottom up. */
export async function removeCgroup(name: string): Promise<void> {
  const path = cgroupPath(name);
  if (!existsSync(path)) return;
  writeFileSync(join(path, 'cgroup.kill'), '1');
  await until(`the processes of cgroup ${name} are gone`, KILL_LIMIT_MS, () =>
    readOptional(join(path, 'cgroup.events'))?.includes('populated 1') === true ? undefined : true,
  );
  removeTree(path);
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  rmdirSync(path);
}

export async function setFrozen(name: string, frozen: boolean): Promise<void> {
  const path = cgroupPath(name);
  writeFileSync(join(path, 'cgroup.freeze'), frozen ? '1' : '0');
  const wanted = `frozen ${frozen ? '1' : '0'}`;
  await until(`cgroup ${name} is ${wanted}`, FREEZE_LIMIT_MS, () =>
    readOptional(join(path, 'cgroup.events'))?.includes(wanted) === true ? true : undefined,
  );
}
