/**
 * A script that keeps running and exchanges lines. Holds its channel's slot for as long as it lives. Bounds
 * all that it buffers: a session whose output is not read is ended.
 */
import type { ClientChannel } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { invariant } from '../core/invariant.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Script } from '../core/shell.ts';
import type { Session, SessionEnd } from '../model/connection.ts';
import {
  connectionLost,
  notStarted,
  openChannel,
  sessionCommand,
  sessionInput,
  STARTED_LINE,
  takeSlot,
  type Link,
} from './channel.ts';
import {
  SESSION_BACKLOG_BYTES,
  SESSION_LINE_BYTES,
  SESSION_SCRIPT_BYTES,
  SESSION_START_TIMEOUT_MS,
  SESSION_STDERR_BYTES,
} from './limits.ts';
import { LineQueue, type Line } from './line-queue.ts';
import { interrupted } from './target.ts';

/**
 * Resolves once the node's shell has begun the script. The signal ends that wait only: an open session ends
 * by `close`.
 */
export async function openSession(
  link: Link,
  script: Script,
  signal: AbortSignal | undefined,
): Promise<Result<Session, Failure>> {
  const input = sessionInput(script);
  invariant(input.length <= SESSION_SCRIPT_BYTES, 'a session script is too long for one value of a shell');
  const noSlot = await takeSlot(link, signal);
  if (noSlot !== undefined) return err(noSlot);
  return await new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    let settled = false;
    const finish = (answer: Result<Session, Failure>): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (!answer.ok) channel?.close();
      resolve(answer);
    };
    const onAbort = (): void => {
      finish(err(interrupted(link.target.node, 'starting a session')));
    };
    const timer = setTimeout(() => {
      finish(err(failure('timeout', 'a session did not start in time', { node: link.target.node })));
    }, SESSION_START_TIMEOUT_MS);
    signal?.addEventListener('abort', onAbort, { once: true });
    openChannel(link, sessionCommand(input), (opened) => {
      if (!opened.ok) {
        finish(opened);
        return;
      }
      channel = opened.value;
      channel.write(input);
      const session = new SshSession(link, channel, () => {
        finish(ok(session));
      });
      void session.ended.then((end) => {
        finish(err(link.lost ? connectionLost(link.target, 'starting a session') : session.refused(end)));
      });
      if (settled) channel.close();
    });
  });
}

class SshSession implements Session {
  readonly ended: Promise<SessionEnd>;
  readonly #link: Link;
  readonly #channel: ClientChannel;
  readonly #lines: LineQueue;
  /** Output before the script's own; undefined once that has begun. */
  #prelude: Buffer | undefined = Buffer.alloc(0);
  #closing = false;

  constructor(link: Link, channel: ClientChannel, started: () => void) {
    this.#link = link;
    this.#channel = channel;
    this.#lines = new LineQueue(link.target.node, SESSION_LINE_BYTES, SESSION_BACKLOG_BYTES);
    channel.on('data', (chunk: Buffer) => {
      const output = this.#prelude === undefined ? chunk : this.#skipPrelude(chunk, started);
      if (output !== undefined && !this.#lines.push(output)) channel.close();
    });
    this.ended = this.#watchEnd();
  }

  send(line: string): boolean {
    invariant(!line.includes('\n'), 'a line sent to a session holds a newline');
    if (this.#closing || this.#link.lost || !this.#channel.writable) return false;
    if (this.#channel.writableLength > SESSION_BACKLOG_BYTES) return false;
    this.#channel.write(`${line}\n`);
    return true;
  }

  async readLine(timeoutMs: number): Promise<Line> {
    return await this.#lines.next(timeoutMs);
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#channel.end();
  }

  /** Why no script ran, by the end of the session. */
  refused(end: SessionEnd): Failure {
    const output = end.stderr.trim() === '' ? (this.#prelude?.toString() ?? '') : end.stderr;
    return notStarted(this.#link, end.code, output);
  }

  #skipPrelude(chunk: Buffer, started: () => void): Buffer | undefined {
    const seen = Buffer.concat([this.#prelude ?? Buffer.alloc(0), chunk]);
    const mark = seen.indexOf(STARTED_LINE);
    if (mark < 0) {
      this.#prelude = seen;
      if (seen.length > SESSION_LINE_BYTES) this.#channel.close();
      return undefined;
    }
    this.#prelude = undefined;
    started();
    return seen.subarray(mark + STARTED_LINE.length);
  }

  async #watchEnd(): Promise<SessionEnd> {
    const channel = this.#channel;
    const errors: Buffer[] = [];
    let bytes = 0;
    channel.stderr.on('data', (chunk: Buffer) => {
      const room = SESSION_STDERR_BYTES - bytes;
      if (room > 0) errors.push(chunk.subarray(0, room));
      bytes += chunk.length;
    });
    const errorsRead = new Promise<void>((resolve) => channel.stderr.once('end', resolve));
    const code = await new Promise<number | null>((resolve) => {
      channel.once('close', (status: number | null | undefined) => {
        const lost = this.#link.lost || status === undefined;
        this.#closing = true;
        this.#lines.end(!lost);
        resolve(lost ? null : status);
      });
    });
    await errorsRead;
    return { code, stderr: Buffer.concat(errors).toString() };
  }
}
