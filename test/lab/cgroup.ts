/**
 * A cgroup2 directory for each node: where its processes are counted, frozen, slowed down and ended as one.
 * Refuses to touch any cgroup that does not carry a lab's prefix. The machine's own only gets the order to
 * hand its cpu controller down.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptional, run, until } from './host.ts';

const OWN_MOUNT = '/run/glusterctl-lab-cgroup2';
const KILL_LIMIT_MS = 10_000;
const FREEZE_LIMIT_MS = 5_000;
const REMOVE_LIMIT_MS = 10_000;
/** The kernel's own; the share of it is what a node gets. */
const CPU_PERIOD_US = 100_000;

/** What we run inside a node lives here, apart from what its systemd manages. */
export const SCOPE = 'lab.scope';

const mountLines = (): string[] => (readOptional('/proc/self/mountinfo') ?? '').split('\n');

export const cgroupMount = (): string | undefined =>
  mountLines()
    .find((line) => line.includes(' - cgroup2 '))
    ?.split(' ')[4];

/** The old hierarchy of the cpu controller. Where a machine has it, cgroup2 has no such controller. */
const oldCpuMount = (): string | undefined =>
  mountLines()
    .find((line) => / - cgroup .*[ ,]cpu(,|$)/.test(line))
    ?.split(' ')[4];

const hasCpu = (file: string): boolean =>
  (readOptional(join(cgroupMount() ?? '', file)) ?? '').trim().split(' ').includes('cpu');

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
  const mounts = [cgroupMount(), oldCpuMount()].filter((mount) => mount !== undefined);
  return [
    ...new Set(mounts.flatMap((mount) => readdirSync(mount).filter((name) => name.startsWith(prefix)))),
  ];
}

/** Empty where no other than the node's cgroup2 has a say. What enters a node enters this too. */
export function oldCpuPath(name: string): string {
  const mount = oldCpuMount();
  return mount === undefined ? '' : join(mount, name);
}

export function makeCgroup(name: string): void {
  mkdirSync(join(cgroupPath(name), SCOPE), { recursive: true });
  if (oldCpuPath(name) !== '') mkdirSync(oldCpuPath(name), { recursive: true });
}

/** Ends all that is in it, frozen or not, and removes it bottom up. */
export async function removeCgroup(name: string): Promise<void> {
  await endCgroup(name);
  const old = oldCpuPath(name);
  if (old === '' || !existsSync(old)) return;
  // A process that has just ended may still be counted there.
  await until(`cgroup ${old} is empty`, REMOVE_LIMIT_MS, () => {
    try {
      rmdirSync(old);
      return true;
    } catch {
      return undefined;
    }
  });
}

async function endCgroup(name: string): Promise<void> {
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

/**
 * Why no node can be slowed down here; undefined: it can. Makes cgroup2 hand the controller down where it
 * does not yet.
 */
export function whyNoCpuLimit(): string | undefined {
  if (oldCpuMount() !== undefined || hasCpu('cgroup.subtree_control')) return undefined;
  if (!hasCpu('cgroup.controllers')) return 'no cgroup of this machine has the cpu controller';
  try {
    handCpuDown();
    return undefined;
  } catch (error) {
    return `the cgroup2 of this machine does not hand its cpu controller down: ${String(error)}`;
  }
}

/** For all cgroups of the machine, and it stays: without it their nodes have no limit to write to. */
function handCpuDown(): void {
  writeFileSync(join(cgroupMount() ?? '', 'cgroup.subtree_control'), '+cpu');
}

/** In percent of one CPU; undefined: as much as there is. */
export function setCpuLimit(name: string, percent: number | undefined): void {
  if (percent !== undefined && !(percent >= 1 && Number.isFinite(percent)))
    throw new Error(`a limit of the CPU is a percentage of one, from 1 on; not ${String(percent)}`);
  const why = whyNoCpuLimit();
  if (why !== undefined) throw new Error(`no limit of the CPU: ${why}`);
  const quota = percent === undefined ? undefined : Math.round((percent * CPU_PERIOD_US) / 100);
  const period = String(CPU_PERIOD_US);
  const old = oldCpuPath(name);
  if (old === '') {
    writeFileSync(join(cgroupPath(name), 'cpu.max'), `${String(quota ?? 'max')} ${period}`);
    return;
  }
  writeFileSync(join(old, 'cpu.cfs_period_us'), period);
  writeFileSync(join(old, 'cpu.cfs_quota_us'), String(quota ?? -1));
}

/** What was set, in percent of one CPU. */
export function cpuLimit(name: string): number | undefined {
  const old = oldCpuPath(name);
  const text = readOptional(old === '' ? join(cgroupPath(name), 'cpu.max') : join(old, 'cpu.cfs_quota_us'));
  const quota = Number.parseInt(text ?? '', 10);
  return quota > 0 ? (quota * 100) / CPU_PERIOD_US : undefined;
}
