/**
 * This process: streams, terminal, signals, exit. The only file, besides the entry, that touches `process`.
 */
import { userInfo } from 'node:os';
import type { Terminal } from '../report/terminal.ts';

export interface Options {
  readonly colour?: boolean;
}

export function terminal(options: Options): Terminal {
  const { stdout, stderr, env } = process;
  const allowed = (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY,
    errIsTty: stderr.isTTY,
    colour: options.colour ?? (allowed && stdout.isTTY),
    columns: stderr.columns || stdout.columns || 80,
    rows: stderr.rows || 24,
  };
}

/**
 * For a person who wants to stop. The first signal aborts; the second calls `now`, which must say what is
 * left to do.
 */
export function interruptSignal(now: () => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) now();
    controller.abort();
  };
  // Persistent: a library that finds itself the last listener of a signal would end the process.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return controller.signal;
}

/**
 * A closed pipe (`| head`) is no reason to leave a cluster half changed: the run goes on, its output is lost.
 */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

export const exitWith = (code: number): void => {
  process.exitCode = code;
};

export const exitNow = (code: number): never => process.exit(code);

export const identity = (): { readonly user: string; readonly host: string; readonly pid: number } => ({
  user: userName(),
  host: process.env['HOSTNAME'] ?? '',
  pid: process.pid,
});

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? '?')}`;
  }
}

export const workingDirectory = (): string => process.cwd();
export const commandLine = (): string => ['glusterctl', ...process.argv.slice(2)].join(' ').slice(0, 200);
export const standardInput = (): NodeJS.ReadStream => process.stdin;
/** For a question to the person: asked on stderr, because stdout carries results. */
export const conversation = (): {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
} => ({
  input: process.stdin,
  output: process.stderr,
});
export const inputIsTty = (): boolean => process.stdin.isTTY;
