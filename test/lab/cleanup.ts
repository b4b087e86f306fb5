/**
 * Takes a lab down by what exists, not by what a run remembers: safe after any crash, safe to repeat. Also
 * when the run itself ends early, and the proof that nothing is left.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { powerCut } from './boot.ts';
import { labCgroups, removeCgroup } from './cgroup.ts';
import { readOptional, run, until } from './host.ts';
import { labLinks, labNetnses, removeNetns } from './network.ts';
import { LABS, isAbandoned, labDir, labNames, readLab } from './record.ts';

const TRACES_LIMIT_MS = 5_000;

export async function takeDown(name: string): Promise<void> {
  const lab = readLab(name);
  if (lab !== undefined) await Promise.all(lab.nodes.map((node) => powerCut(lab, node)));
  await removeKernelObjects(name);
  const mounts = mountsBelow(labDir(name));
  if (mounts.length > 0) await run(['umount', '-l', ...mounts.reverse()]);
  // A loop device goes with its last mount, which a dying namespace may still hold; detaching does not wait
  // for that.
  for (const loop of await loopsBelow(labDir(name)))
    await run(['losetup', '-d', loop], { allowFailure: true });
  live.delete(name);
  // The directory goes last: as long as it is there, somebody knows that there is something to take down.
  await run(['rm', '-rf', '--one-file-system', labDir(name)]);
}

/** Also for a new lab: what a dying `up` of the same name may have made behind the back of its `down`. */
export async function removeKernelObjects(name: string): Promise<void> {
  const prefix = `${name}-`;
  for (const link of labLinks(prefix)) await run(['ip', 'link', 'delete', link], { allowFailure: true });
  for (const cgroup of labCgroups(prefix)) await removeCgroup(cgroup);
  for (const netns of labNetnses(prefix)) await removeNetns(netns);
}

/** Takes down the labs of runs that were killed. Call with the registry held. */
export async function sweep(): Promise<void> {
  for (const name of labNames()) if (isAbandoned(name)) await takeDown(name);
}

function mountsBelow(dir: string): string[] {
  const points = (readOptional('/proc/self/mountinfo') ?? '').split('\n').map((line) => line.split(' ')[4]);
  return points.filter((point): point is string => point?.startsWith(`${dir}/`) === true);
}

async function loopsBelow(dir: string): Promise<string[]> {
  const { stdout } = await run(['losetup', '-l', '-n', '-O', 'NAME,BACK-FILE'], { allowFailure: true });
  const lines = stdout.split('\n').filter((line) => line.includes(` ${dir}/`));
  return lines.map((line) => line.split(' ')[0] ?? '');
}

function processesOf(name: string): string[] {
  const marks = [`/${name}-node`, `/${name}-c`, `${labDir(name)}/`];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    const about = `${readOptional(`/proc/${pid}/cgroup`) ?? ''}${readOptional(`/proc/${pid}/cmdline`) ?? ''}`;
    return marks.some((mark) => about.includes(mark));
  });
}

async function traces(name: string): Promise<string[]> {
  const prefix = `${name}-`;
  return [
    ...labNetnses(prefix).map((netns) => `network namespace ${netns}`),
    ...labLinks(prefix).map((link) => `link ${link}`),
    ...mountsBelow(labDir(name)).map((mount) => `mount ${mount}`),
    ...(await loopsBelow(labDir(name))).map((loop) => `loop device ${loop}`),
    ...labCgroups(prefix).map((cgroup) => `cgroup ${cgroup}`),
    ...processesOf(name).map((pid) => `process ${pid}`),
    ...labNames()
      .filter((other) => other === name)
      .map((dir) => `directory ${join(LABS, dir)}`),
  ];
}

/** Throws with the list of what is left. The last processes of a node may take a moment to be reaped. */
export async function assertNoTraces(name: string): Promise<void> {
  let left: string[] = [];
  const gone = async (): Promise<true | undefined> => {
    left = await traces(name);
    return left.length === 0 ? true : undefined;
  };
  await until(`no traces of lab ${name}`, TRACES_LIMIT_MS, gone).catch((error: unknown) => {
    throw new Error(`lab ${name} has left: ${left.join(', ')}`, { cause: error });
  });
}

/** Labs that this process has to take down. */
const live = new Set<string>();
let watching = false;

/**
 * From now on the lab goes when this process goes, unless that is by SIGKILL: then the next `labUp` sweeps.
 */
export function tieToProcess(name: string): void {
  live.add(name);
  if (watching) return;
  watching = true;
  process.on('exit', takeDownAllNow);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      takeDownAllNow();
      // Where somebody else listens too, the end of the process is theirs to decide.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
}

/** An ending process cannot wait for promises, so a child of its own does it. */
function takeDownAllNow(): void {
  if (live.size === 0) return;
  const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));
  const cli = fileURLToPath(new URL('cli.ts', import.meta.url));
  spawnSync(tsx, [cli, 'down', ...live], { stdio: ['ignore', 'ignore', 'inherit'] });
  live.clear();
}
