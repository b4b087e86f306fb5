/**
 * The byte streams that SSH runs over: a TCP socket, a ProxyCommand, or a channel of another connection. Logs
 * in nowhere.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { err, ok, type Result } from '../core/result.ts';
import { PROXY_END_MS, PROXY_STDERR_BYTES } from './limits.ts';

export interface Pipe {
  readonly stream: Duplex;
  /** False while a socket is still being connected. */
  readonly isOpen: () => boolean;
  /** What is known about an end that SSH itself knows nothing of. */
  readonly lastWords: () => string | undefined;
}

/**
 * How long each address of a name may take before the next is tried as well. Node's 250 ms is too short for a
 * far host.
 */
const NEXT_ADDRESS_AFTER_MS = 2_000;

export function openSocket(address: string, port: number): Pipe {
  const stream = connect({
    host: address,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
  });
  let isConnected = false;
  stream.once('connect', () => (isConnected = true));
  return { stream, isOpen: () => isConnected, lastWords: () => undefined };
}

/**
 * The standard streams of a shell command. It is a process group of its own: Ctrl-C is for us, and must not
 * cut the connection that a rollback needs. It ends with the stream.
 */
export function openCommand(command: string): Pipe {
  const child = spawn('/bin/sh', ['-c', `exec ${command}`], { stdio: 'pipe', detached: true });
  const stream = new CommandStream(child);
  let said = Buffer.alloc(0);
  let status: string | undefined;
  child.stderr.on('data', (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]).subarray(-PROXY_STDERR_BYTES);
  });
  child.once('exit', (code, signal) => {
    status = `exit status ${code === null ? (signal ?? '') : String(code)}`;
  });
  return {
    stream,
    isOpen: () => true,
    lastWords: () =>
      `the ProxyCommand ended: ${lastLine(said.toString()) ?? status ?? 'it closed its output'}`,
  };
}

class CommandStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(child: ChildProcessWithoutNullStreams) {
    super({ allowHalfOpen: false });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    // A command that reads no more is about to end, and that is what is reported.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => this.destroy(error));
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.push(null);
      isOver = true;
    };
    // Its last words may come after its output has ended; a process that it leaves behind may never close
    // them.
    child.once('close', end);
    child.once('exit', () => setTimeout(end, PROXY_END_MS).unref());
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, written: () => void): void {
    this.#child.stdin.write(chunk, () => {
      written();
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}

function lastLine(text: string): string | undefined {
  const line = text.trim().split('\n').at(-1);
  return line === '' ? undefined : line;
}

/** A connection from the other end of this one, as `ssh -W` makes it. The error is in words. */
export async function openForward(
  client: Client,
  hostName: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Result<Pipe, string>> {
  return await new Promise((resolve) => {
    let isOver = false;
    const finish = (answer: Result<Pipe, string>): void => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(answer);
    };
    const onAbort = (): void => {
      finish(err('interrupted'));
    };
    const timer = setTimeout(() => {
      finish(err('no answer in time'));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
        if (error !== undefined) finish(err(error.message.replace(/^\(SSH\) Channel open failure: /, '')));
        else if (isOver) stream.destroy();
        else finish(ok({ stream, isOpen: () => true, lastWords: () => undefined }));
      });
    } catch (error) {
      finish(err(error instanceof Error ? error.message : String(error)));
    }
  });
}
