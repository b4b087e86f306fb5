/**
 * A lab as a user has it: cluster files on disk, `glusterctl` as a process, stores compared from outside.
 * Owns that vocabulary for the lab tests.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Lab, LabNode } from './lab.ts';
import { COMMAND_LIMIT_MS, type Program } from './pauses.ts';

export const BIN = new URL('../../bin/glusterctl.js', import.meta.url).pathname;

/** As it was built, and as quick as it is. */
export const BUILT: Program = { words: [BIN], env: {}, limitMs: COMMAND_LIMIT_MS };

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  /** What it has printed so far, both streams. */
  readonly output: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** As when its terminal is closed: nobody reads its output any more, and two SIGHUPs come together. */
  readonly hangUp: () => void;
  readonly done: Promise<Ran>;
}

/**
 * Starts `glusterctl` as a user would, in a pipe, with no terminal. `onLine` gets each line of its output as
 * it comes.
 */
export function start(
  args: readonly string[],
  input = '',
  onLine: (line: string) => void = () => undefined,
  { words, env, limitMs }: Program = BUILT,
): Running {
  const child = spawn(process.execPath, [...words, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  createInterface(child.stdout).on('line', onLine);
  child.stdin.end(input);
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
  const done = new Promise<Ran>((resolve) => {
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, stdout: text(stdout), stderr: text(stderr) });
    });
  });
  return {
    pid: child.pid ?? 0,
    output: () => text(stdout) + text(stderr),
    signal: (name) => void child.kill(name),
    hangUp: () => {
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill('SIGHUP');
      child.kill('SIGHUP');
    },
    done,
  };
}

export const glusterctl = (...args: readonly string[]): Promise<Ran> => start(args).done;

/**
 * What doctor finds, as JSON, and its exit code, without the risk that the distribution's unit is on every
 * host.
 */
export async function doctor(file: string): Promise<Ran> {
  const ran = await glusterctl('doctor', file, '--json');
  if (ran.code !== 0 && ran.code !== 2) return ran;
  const report = JSON.parse(ran.stdout) as {
    findings: readonly { readonly code: string; readonly severity: string }[];
  };
  report.findings = report.findings.filter((f) => f.code !== 'bricks-die-with-glusterd');
  const code = report.findings.some((f) => f.severity !== 'info') ? 2 : 0;
  return { ...ran, code, stdout: JSON.stringify(report) };
}

let files = 0;

/**
 * A cluster file of this lab with these volumes (YAML below `volumes:`, indented by two); answers its path.
 */
export function clusterFile(lab: Lab, volumes: string, head = ''): string {
  const file = join(lab.dir, `file-${String(++files)}.yaml`);
  writeFileSync(file, `${lab.clusterFileHead()}\n${head}volumes:\n${volumes}\n`);
  return file;
}

export function replica3(name: string, more = ''): string {
  const bricks = ['node01', 'node02', 'node03'].map((node) => `${node}:/bricks/d1/${name}`);
  return `  ${name}:\n    replica: 3\n    bricks: [${bricks.join(', ')}]\n${more}`;
}

/** Every store, as sorted `info` lines without the version: what must be as before after a rollback. */
export async function stores(lab: Lab): Promise<string> {
  const script =
    'cd /var/lib/glusterd/vols && for v in $(ls); do ' +
    'echo "== $v"; grep -v "^version=" $v/info | sort; ls $v/bricks; done';
  const all = await Promise.all(lab.nodes.map((node) => node.run(script)));
  return all.map((r) => r.stdout).join('\n====\n');
}

export async function versions(node: LabNode): Promise<ReadonlyMap<string, number>> {
  const { stdout } = await node.run('grep -H "^version=" /var/lib/glusterd/vols/*/info || true');
  return new Map(
    [...stdout.matchAll(/vols\/([^/]+)\/info:version=(\d+)/g)].map((m) => [m[1] ?? '', Number(m[2])]),
  );
}

export const gluster = async (node: LabNode, words: string): Promise<string> =>
  (await node.run(`gluster --mode=script ${words}`, { timeoutMs: 150_000 })).stdout;

/** "Y" or "N" for each brick, as an admin sees it. */
export async function onlineBricks(node: LabNode, volume: string): Promise<readonly string[]> {
  const status = await gluster(node, `volume status ${volume}`);
  return status
    .split('\n')
    .filter((line) => line.startsWith('Brick '))
    .map((line) => line.trim().split(/\s+/).at(-2) ?? '?');
}

/** Nothing of ours is left on any node but the kept journals and the lock's own file. */
export async function leftovers(lab: Lab): Promise<string> {
  const script =
    'ls /run/glusterctl 2>/dev/null | grep -v "^lock$"; ' +
    'ls -d /run/glusterctl-probe.* /run/systemd/system/glusterd.service.d 2>/dev/null; true';
  return (await Promise.all(lab.nodes.map((node) => node.run(script)))).map((r) => r.stdout).join('');
}
