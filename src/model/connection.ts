/**
 * A node's shell as the rest of the program knows it: run a script once, or keep one running and exchange
 * lines with it. Implemented by `ssh/ssh.ts`. Callers see no SSH, no jump host, no sudo.
 */
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import type { Script } from '../core/shell.ts';
import type { NodeName } from './names.ts';

export interface ExecOptions {
  /**
   * After this the channel is closed, with a `timeout` failure. The remote process may live on.
   */
  readonly timeoutMs: number;
  /** More output than this on either stream closes the channel with `output-too-large`. */
  readonly maxOutputBytes: number;
  /** Stops waiting, as a timeout does; the remote process may live on. */
  readonly signal?: AbortSignal;
  /** Gets the output as it comes, however long it is; the result has none of it then. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', chunk: Buffer) => void;
}

export interface ExecResult {
  /** Exit status; null when the process was ended by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A script that keeps running on the node and exchanges lines. Ends when either side closes. */
export interface Session {
  /**
   * Sends one line to the script's standard input and adds the newline. False: it can no longer be
   * delivered.
   */
  send(line: string): boolean;
  /** Next line of its standard output; null after it ended. Never rejects; a timeout is a failure. */
  readLine(timeoutMs: number): Promise<Result<string | null, Failure>>;
  /** Resolves when the script has ended or the connection is lost, with the reason. */
  readonly ended: Promise<SessionEnd>;
  /** Closes the script's standard input; the script is expected to end by itself. */
  close(): void;
}

export interface SessionEnd {
  /** Null when the connection was lost before an exit status arrived. */
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * One node's shell, as root (by login or by sudo). Several calls may run in parallel; the implementation
 * bounds and queues them.
 */
export interface Connection extends AsyncDisposable {
  readonly node: NodeName;
  /**
   * Runs `sh -s` with the script on standard input, all of it or nothing: a script cut short by a lost
   * connection does not start. Failures: `connection-lost`, `timeout`, `output-too-large`, `interrupted` —
   * after each of them it is unknown what the script did.
   */
  exec(script: Script, options: ExecOptions): Promise<Result<ExecResult, Failure>>;
  /** Starts a script whose standard input stays open for `send`. */
  session(script: Script, options: { readonly signal?: AbortSignal }): Promise<Result<Session, Failure>>;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
}

/**
 * Opens a connection to a node; failures: `node-unreachable`, `host-key-unknown`, `host-key-changed`,
 * `auth-failed`, `privilege-denied`, `sudo-…`, `timeout`.
 */
export interface Connector {
  connect(node: NodeName, options: { readonly signal?: AbortSignal }): Promise<Result<Connection, Failure>>;
}
