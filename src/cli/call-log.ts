/**
 * What is asked of each node, what came of it and how long it took: a line for a person (`-v`), and all of it
 * in a file (`--log-file`). Owns the words of an entry, and lets no secret into one.
 */
import { appendFileSync, closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import { failure, FailureError } from '../core/failure.ts';
import { printable, printableLines } from '../report/printable.ts';
import type { Terminal } from '../report/terminal.ts';
import type { ContactFlags } from './contact-flags.ts';
import { commandLine } from './process.ts';

export interface Call {
  readonly node: string;
  readonly what: string;
  readonly tookMs: number;
  /** `ok`, or what it was instead. */
  readonly outcome: string;
  /** What it printed, for the file. */
  readonly output?: string;
}

export interface CallLog {
  readonly add: (call: Call) => void;
  /** Never shows this again. */
  readonly hide: (secret: string) => void;
}

type Write = (text: string) => void;

/** Undefined: nobody asked for one. */
export function callLogOf(flags: ContactFlags, { err }: Terminal): CallLog | undefined {
  const { v: isShown = false, logFile } = flags;
  if (!isShown && logFile === undefined) return undefined;
  const file = logFile === undefined ? undefined : appendTo(logFile, err);
  return callLog(isShown ? err : undefined, file, () => new Date(), commandLine());
}

export function callLog(
  show: Write | undefined,
  file: Write | undefined,
  now: () => Date,
  command: string,
): CallLog {
  const secrets = new Set<string>();
  const safe = (text: string): string => withoutSecrets(text, secrets);
  file?.(`${now().toISOString()} ${printable(safe(command))}\n`);
  return {
    hide: (secret) => {
      // An empty one would be everywhere.
      if (secret !== '') secrets.add(secret);
    },
    add: ({ node, what, tookMs, outcome, output = '' }) => {
      const at = now();
      const [first = '', ...more] = printableLines(safe(outcome));
      const entry = `${printable(`${node} ${safe(what)}`)} ${(tookMs / 1000).toFixed(2)} s ${first}`;
      show?.(`${clockOf(at)} ${entry}\n`);
      const rest = [...more, ...printableLines(safe(output))];
      file?.([`${at.toISOString()} ${entry}`, ...rest.map((line) => `  ${line}`), ''].join('\n'));
    },
  };
}

/** The time of day where this program runs. */
function clockOf(at: Date): string {
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

const HIDDEN = '***';
/** Those of glusterd's info files, and whatever else is called so. */
const NAMED = /((?:username|password|passphrase|secret)\s*[=:]\s*)(?:'[^']*'|"[^"]*"|\S+)/gi;
/** An option of that name with its value, as words of a command. */
const OPTION = /(\S*\.\S*(?:password|passphrase|secret)\S*\s+)(?:'[^']*'|\S+)/gi;
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  const kept = [...secrets].reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return kept.replaceAll(KEY, HIDDEN).replaceAll(NAMED, `$1${HIDDEN}`).replaceAll(OPTION, `$1${HIDDEN}`);
}

/** Readable by its owner alone, one that was there before too. A disk that is full later stops no change. */
function appendTo(path: string, err: Write): Write {
  try {
    const fd = openSync(path, 'a', 0o600);
    if (fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
    closeSync(fd);
  } catch (error) {
    throw new FailureError(
      failure('invalid-input', `the log cannot be written to ${path}`, {
        cause: error instanceof Error ? error.message : String(error),
        fix: 'give --log-file a path that can be written',
      }),
    );
  }
  let isLost = false;
  return (text) => {
    if (isLost) return;
    try {
      appendFileSync(path, text, { mode: 0o600 });
    } catch (error) {
      isLost = true;
      err(`the log ends here, ${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  };
}
