/** Runs one script in one channel and collects its output, within the caller's bounds. */
import type { ClientChannel } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Script } from '../core/shell.ts';
import type { ExecOptions, ExecResult } from '../model/connection.ts';
import {
  connectionLost,
  EXEC_COMMAND,
  execInput,
  notStarted,
  openChannel,
  STARTED_LINE,
  takeSlot,
  type Link,
} from './channel.ts';
import { interrupted } from './target.ts';

type Answer = Result<ExecResult, Failure>;

/** The time limit starts with the script: the wait for a free channel does not count. */
export async function exec(link: Link, script: Script, options: ExecOptions): Promise<Answer> {
  const { timeoutMs, maxOutputBytes, signal, onOutput } = options;
  const input = execInput(script);
  const noSlot = await takeSlot(link, signal);
  if (noSlot !== undefined) return err(noSlot);
  return await new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    let settled = false;
    const finish = (answer: Answer): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (!answer.ok) channel?.close();
      resolve(answer);
    };
    const onAbort = (): void => {
      finish(err(interrupted(link.target.node, 'a script was running')));
    };
    const timer = setTimeout(() => {
      finish(err(timedOut(link, timeoutMs)));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    openChannel(link, EXEC_COMMAND, (opened) => {
      if (!opened.ok) {
        finish(opened);
        return;
      }
      channel = opened.value;
      collect(link, channel, { maxBytes: maxOutputBytes, onOutput }, finish);
      if (settled) channel.close();
      else channel.end(input);
    });
  });
}

/**
 * Collects both streams until the channel closes. It reads on after a failure, because an unread channel
 * never closes.
 */
function collect(
  link: Link,
  channel: ClientChannel,
  { maxBytes, onOutput }: { readonly maxBytes: number; readonly onOutput: ExecOptions['onOutput'] },
  finish: (answer: Answer) => void,
): void {
  const stdout = new Gathered(maxBytes + STARTED_LINE.length);
  const stderr = new Gathered(maxBytes);
  const gather = (stream: Gathered, name: string, chunk: Buffer): void => {
    if (!stream.add(chunk)) finish(err(tooLarge(link, name, maxBytes)));
  };
  let isStarted = false;
  channel.on('data', (chunk: Buffer) => {
    if (isStarted) {
      onOutput?.('stdout', chunk);
      return;
    }
    gather(stdout, 'standard output', chunk);
    if (onOutput === undefined) return;
    const [bytes, mark] = [stdout.bytes(), stdout.bytes().indexOf(STARTED_LINE)];
    isStarted = mark >= 0;
    if (isStarted && bytes.length > mark + STARTED_LINE.length)
      onOutput('stdout', bytes.subarray(mark + STARTED_LINE.length));
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    if (onOutput === undefined) gather(stderr, 'standard error', chunk);
    else {
      stderr.add(chunk);
      onOutput('stderr', chunk);
    }
  });
  const errorsRead = new Promise<void>((resolve) => channel.stderr.once('end', resolve));
  channel.once('close', (code: number | null | undefined, signal?: string) => {
    // The connection may be lost between the exit status and the end of the output: a status alone does not
    // prove that the output is complete.
    const complete = !link.lost && code !== undefined;
    void errorsRead.then(() => {
      if (!complete) finish(err(connectionLost(link.target, 'a script was running')));
      else finish(result(link, code, signal ?? null, stdout.bytes(), stderr.bytes().toString()));
    });
  });
}

function result(
  link: Link,
  code: number | null,
  signal: string | null,
  output: Buffer,
  stderr: string,
): Answer {
  const mark = output.indexOf(STARTED_LINE);
  if (mark < 0) return err(notStarted(link, code, stderr.trim() === '' ? output.toString() : stderr));
  return ok({ code, signal, stdout: output.subarray(mark + STARTED_LINE.length), stderr });
}

/** Chunks up to a bound; past it they are dropped. */
class Gathered {
  readonly #chunks: Buffer[] = [];
  readonly #max: number;
  #size = 0;

  constructor(maxBytes: number) {
    this.#max = maxBytes;
  }

  /** False: too much. */
  add(chunk: Buffer): boolean {
    this.#size += chunk.length;
    if (this.#size <= this.#max) this.#chunks.push(chunk);
    return this.#size <= this.#max;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

const timedOut = (link: Link, timeoutMs: number): Failure =>
  failure('timeout', `a script did not end within ${String(timeoutMs / 1000)} s`, {
    node: link.target.node,
    cause: 'it may still be running on the node',
  });

const tooLarge = (link: Link, stream: string, maxBytes: number): Failure =>
  failure('output-too-large', `a script wrote more than ${String(maxBytes)} bytes to ${stream}`, {
    node: link.target.node,
  });
