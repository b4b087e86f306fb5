/**
 * This process: streams, terminal, signals, exit. The only file, besides the entry, that touches `process`.
 */
import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setMaxListeners } from 'node:events';
import { userInfo } from 'node:os';
import { isatty } from 'node:tty';
import type { Terminal } from '../report/terminal.ts';
import { secondSignal, STOP_SIGNALS } from './stop-signals.ts';

type ColourWhen = 'auto' | 'always' | 'never';

/** `--color` before anything is parsed: mistakes on the command line are printed too. */
export function colourAsked(argv: readonly string[]): ColourWhen {
  const at = argv.findIndex((word) => word === '--color' || word.startsWith('--color='));
  const word = argv[at]?.includes('=') === true ? argv[at].slice('--color='.length) : argv[at + 1];
  return at !== -1 && (word === 'always' || word === 'never') ? word : 'auto';
}

/** The flag decides, then FORCE_COLOR, then NO_COLOR and a dull terminal. */
export function isColoured(
  when: ColourWhen,
  env: Readonly<Record<string, string | undefined>>,
  isTty: boolean,
): boolean {
  if (when !== 'auto') return when === 'always';
  const { FORCE_COLOR: force = '', NO_COLOR: none = '', TERM: term } = env;
  if (force !== '') return force !== '0' && force !== 'false';
  return isTty && none === '' && term !== 'dumb';
}

export function terminal(when: ColourWhen): Terminal {
  const { stdout, stderr, env } = process;
  [stdout, stderr].forEach(knowWidth);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTty: stdout.isTTY,
    errIsTty: stderr.isTTY,
    colour: isColoured(when, env, stdout.isTTY),
    columns: stderr.columns || stdout.columns || COLUMNS_UNKNOWN,
    rows: stderr.rows || 24,
  };
}

const COLUMNS_UNKNOWN = 80;

/**
 * A terminal without a size says that it has no columns. Libraries read the width from the stream itself, so
 * it is put right there.
 */
function knowWidth(stream: NodeJS.WriteStream): void {
  const repair = (): void => {
    if (stream.isTTY && stream.columns === 0) stream.columns = COLUMNS_UNKNOWN;
  };
  repair();
  stream.on('resize', repair);
}

/** For a person who wants to stop: the first signal aborts, a second one ends the process. */
export function interruptSignal(): AbortSignal {
  const isSecond = secondSignal();
  // Every node listens to it.
  setMaxListeners(0, stopping.signal);
  // Persistent: a library that finds itself the last listener of a signal would end the process.
  for (const name of STOP_SIGNALS)
    process.on(name, () => {
      if (isSecond(name, performance.now())) process.exit(lastWords());
      interrupt();
    });
  return stopping.signal;
}

const stopping = new AbortController();
/** As a first signal does: at a question, Ctrl-C is a key. */
export const interrupt = (): void => {
  stopping.abort();
};

const NOTHING_BEGUN = (): number => 130;
let lastWords = NOTHING_BEGUN;

/** What is said when a second signal ends the process, and its exit code. Answers what takes it back. */
export function onSecondSignal(words: () => number): () => void {
  lastWords = words;
  return () => {
    lastWords = NOTHING_BEGUN;
  };
}

/**
 * A closed pipe (`| head`) or a terminal that is gone is no reason to leave a cluster half changed: the run
 * goes on, its output is lost. Node would abort at the end, over a terminal that cannot be reset any more.
 */
export function surviveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const terminals = STDIO.filter((fd) => isatty(fd));
  process.on('exit', () => {
    for (const fd of terminals) if (!isatty(fd)) closeQuietly(fd);
  });
}

const STDIO = [0, 1, 2];

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was closed before.
  }
}

export const exitWith = (code: number): void => {
  process.exitCode = code;
};

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

/**
 * Runs a program here, with the environment of this process and these variables. Its exit code; 128 of one
 * that was ended by a signal, 127 of one that is not there. `isQuiet`: standard output is taken.
 */
export const runHere = (
  [program = '', ...words]: readonly string[],
  variables: Readonly<Record<string, string>>,
  isQuiet: boolean,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['ignore', isQuiet ? 2 : 'inherit', 'inherit'],
      env: { ...process.env, ...variables },
      signal,
      timeout: timeoutMs,
      killSignal: 'SIGTERM',
    });
    child.once('error', (error) => {
      if (error.name === 'AbortError') return;
      process.stderr.write(`${program}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code) => {
      resolve(code ?? 128);
    });
  });
