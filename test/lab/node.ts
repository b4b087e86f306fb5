/**
 * One host of the lab: running commands in it, its processes, its files from outside, and whether it is
 * ready. Breaks nothing; the faults are laid on top by the files that own them.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { bootLog, nodeInit, patience } from './boot.ts';
import { SCOPE, cgroupPath, oldCpuPath } from './cgroup.ts';
import { processStart, readOptional, run, until } from './host.ts';
import type { ProcessId, RunOptions, RunResult } from './host.ts';
import { rootDir, scopeName } from './record.ts';
import type { LabRecord, NodeRecord } from './record.ts';

const RUN_LIMIT_MS = 120_000;
/** What the outer limit adds to the one inside the node, which alone can end the command properly. */
const OUTER_GRACE_MS = 2_000;
/** How `timeout -s KILL` reports that the limit was exceeded. */
const KILLED = 137;
const READY_LIMIT_MS = 60_000;
const BANNER_LIMIT_MS = 1_000;
const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

// Joins the node's own cgroups first, so that a frozen host freezes this too and a power cut ends it.
const ENTER = String.raw`[ -d "$1" ] || mkdir "$1"; echo 0 > "$1/cgroup.procs"
[ ! -d "$2" ] || echo 0 > "$2/cgroup.procs"
shift 2; exec "$@"`;

export interface NodeProcess extends ProcessId {
  /** The pid inside the node; `pid` is the machine's. */
  readonly innerPid: number;
  readonly argv: readonly string[];
}

export interface NodeCore {
  readonly lab: LabRecord;
  readonly record: NodeRecord;
  readonly name: string;
  readonly ip: string;
  /** The machine's view of the node's disks: `/` with all bricks, whether the node is on or off. */
  readonly root: string;
  /** A limit for what the node does, longer by as much as its CPU is limited. */
  patience(ms: number): number;
  /** The program that enters the node, for people: what follows it runs inside. */
  enter(): string[];
  /**
   * In the node, without ssh; limits are stretched by `patience`. A string is shell text; a list is a program
   * and its words.
   */
  run(command: string | readonly string[], options?: RunOptions): Promise<RunResult>;
  isOn(): boolean;
  /** sshd answers and glusterd is active (on a client: sshd alone). */
  waitReady(limitMs?: number): Promise<void>;
  processes(): NodeProcess[];
  /** Sorted lines of the volume's `info` in glusterd's store. */
  storeInfo(volume: string): Promise<string[]>;
}

export function nodeCore(lab: LabRecord, record: NodeRecord): NodeCore {
  const root = rootDir(lab, record);

  function init(): ProcessId {
    const id = nodeInit(lab, record);
    if (id === undefined) throw new Error(`${record.name} is off (see ${bootLog(lab, record)})`);
    return id;
  }

  function enter(): string[] {
    const scope = join(cgroupPath(scopeName(lab, record)), SCOPE);
    const spaces = ['nsenter', '-t', String(init().pid), '-m', '-p', '-u', '-i', '-n', '-C', '--'];
    const cpu = oldCpuPath(scopeName(lab, record));
    return [
      'sh',
      '-euc',
      ENTER,
      'sh',
      scope,
      cpu,
      ...spaces,
      'env',
      '-i',
      PATH,
      'HOME=/root',
      'LANG=C.UTF-8',
    ];
  }

  async function runInside(
    command: string | readonly string[],
    options: RunOptions = {},
  ): Promise<RunResult> {
    const limitMs = patience(lab, record, options.timeoutMs ?? RUN_LIMIT_MS);
    const words = typeof command === 'string' ? ['sh', '-c', command] : command;
    const bounded = ['timeout', '-s', 'KILL', String(limitMs / 1000), ...words];
    const began = performance.now();
    const outer = { ...options, timeoutMs: limitMs + OUTER_GRACE_MS, allowFailure: true };
    const result = await run([...enter(), ...bounded], outer);
    const shown = words.join(' ');
    if (result.code === KILLED && performance.now() - began >= limitMs) {
      throw new Error(
        `${record.name}: no end within ${String(limitMs)} ms: ${shown}\n${result.stdout}${result.stderr}`,
      );
    }
    if (result.code === 0 || options.allowFailure === true) return result;
    throw new Error(
      `${record.name}: exit ${String(result.code)}: ${shown}\n${result.stdout}${result.stderr}`,
    );
  }

  async function waitReady(limit = READY_LIMIT_MS): Promise<void> {
    const limitMs = patience(lab, record, limit);
    await until(`${record.name} shows an ssh banner`, limitMs, () => {
      init();
      return hasSshBanner(record.ip);
    });
    if (record.client) return;
    await until(`glusterd of ${record.name} is active`, limitMs, async () => {
      const { stdout } = await runInside(['systemctl', 'is-active', 'glusterd'], { allowFailure: true });
      return stdout.trim() === 'active' ? true : undefined;
    });
  }

  return {
    lab,
    record,
    name: record.name,
    ip: record.ip,
    root,
    patience: (ms) => patience(lab, record, ms),
    enter,
    run: runInside,
    isOn: () => nodeInit(lab, record) !== undefined,
    waitReady,
    processes: () => processesBeside(init()),
    async storeInfo(volume) {
      const text = await readFile(join(root, 'var/lib/glusterd/vols', volume, 'info'), 'utf8');
      return text.trimEnd().split('\n').sort();
    },
  };
}

/**
 * All processes in the pid namespace of `init`: exact, whatever they are called and whichever cgroup they are
 * in.
 */
function processesBeside(init: ProcessId): NodeProcess[] {
  const namespace = pidNamespace(init.pid);
  const found: NodeProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || namespace === undefined || pidNamespace(pid) !== namespace) continue;
    const start = processStart(pid);
    const argv = readOptional(`/proc/${entry}/cmdline`)?.split('\0').slice(0, -1);
    const inner = /^NSpid:.*\s(\d+)$/m.exec(readOptional(`/proc/${entry}/status`) ?? '')?.[1];
    if (start === undefined || argv === undefined || inner === undefined) continue;
    found.push({ pid, start, argv, innerPid: Number(inner) });
  }
  return found;
}

function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/ns/pid`);
  } catch {
    return undefined;
  }
}

function hasSshBanner(ip: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: ip, port: 22, timeout: BANNER_LIMIT_MS });
    const finish = (answer: true | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (data) => {
      finish(data.toString().startsWith('SSH-') ? true : undefined);
    });
    socket.on('timeout', () => {
      finish(undefined);
    });
    socket.on('error', () => {
      finish(undefined);
    });
    socket.on('close', () => {
      finish(undefined);
    });
  });
}

/** Whether one argument of the process is exactly this word: `/bricks/d1/b` is not `/bricks/d1/b2`. */
export const hasOption = (process: NodeProcess, option: string, value: string): boolean =>
  process.argv.some((word, i) => word === option && process.argv[i + 1] === value);
