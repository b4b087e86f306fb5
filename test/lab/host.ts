/**
 * What the lab asks of the machine it runs on: bounded commands, polling with a limit, and processes known by
 * pid and start time. Knows nothing of nodes or Gluster, and refuses to find processes by name.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const COMMAND_LIMIT_MS = 120_000;
/** A daemon that kept our pipe must not hold the caller once its parent has ended. */
const PIPE_GRACE_MS = 200;
const POLL_MS = 25;
/** A limit is written for a machine that does nothing else. Others are so much slower. */
const SLOWEST = 4;

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly allowFailure?: boolean;
  readonly input?: string;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one program to its end. Throws on a limit exceeded, and on a non-zero exit unless failure is allowed.
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = '', ...args] = argv;
  const limit = options.timeoutMs ?? COMMAND_LIMIT_MS;
  const result = await new Promise<RunResult>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      reject(new Error(`no end within ${String(limit)} ms: ${argv.join(' ')}\n${stdout}${stderr}`));
    }, limit);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('exit', () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, PIPE_GRACE_MS).unref();
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? (signal === null ? 1 : 137), stdout, stderr });
    });
    // A program that ends without reading its input is no fault of the caller.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
  if (result.code !== 0 && options.allowFailure !== true) {
    throw new Error(`exit ${String(result.code)}: ${argv.join(' ')}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/** A shell script of our own with its values as $1, $2 …, so that nothing needs quoting. */
export const runScript = (
  script: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunResult> => run(['sh', '-euc', script, 'sh', ...args], options);

/** Daemons that have missed a brick crawl again after ten minutes: `SLOWEST` times this is longer. */
export const HEAL_MS = 200_000;

/** Asks until the answer is something, and says what it waited for when `SLOWEST` times the limit is over. */
export async function until<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const mostMs = limitMs * SLOWEST;
  const deadline = performance.now() + mostMs;
  for (;;) {
    const began = performance.now();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    const now = performance.now();
    if (now > deadline) throw new Error(`waited ${String(mostMs)} ms in vain: ${what}`);
    // What is waited for needs the machine as well.
    await sleep(Math.max(POLL_MS, now - began));
  }
}

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessId {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat. */
  readonly start: string;
}

export function processStart(pid: number): string | undefined {
  const stat = readOptional(`/proc/${String(pid)}/stat`);
  // The name in parentheses may hold spaces, so fields are counted from its end; a zombie is no longer a
  // process.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' ? undefined : fields?.[19];
}

export function ownProcess(): ProcessId {
  const start = processStart(process.pid);
  if (start === undefined) throw new Error('cannot read the own start time from /proc');
  return { pid: process.pid, start };
}

export const isAlive = (id: ProcessId): boolean => id.start !== '' && processStart(id.pid) === id.start;

/** Signals exactly this process; false where it has already ended. */
export function signal(id: ProcessId, name: NodeJS.Signals): boolean {
  if (!isAlive(id)) return false;
  process.kill(id.pid, name);
  return true;
}

export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
