/**
 * The bounds of one connection, with their units, and the semaphore for its channels. Owns no socket.
 */

/**
 * sshd allows 10 sessions a connection (MaxSessions). Two are spare, for channels whose remote process goes
 * on after a timeout.
 */
export const MAX_CHANNELS = 8;
/**
 * A silent connection is found dead after (count + 1) intervals: 25 s. The node gives our lock up at 30 s.
 */
export const KEEPALIVE_INTERVAL_MS = 5_000;
export const KEEPALIVE_MISSES = 4;
/**
 * sshd counts a session until it has read all that came with its close. A channel that is opened right then
 * may be one too many, and is requested again after 50, 100, 200 … ms.
 */
export const CHANNEL_TRIES = 5;
export const CHANNEL_RETRY_MS = 50;
/**
 * Nodes that are connected and read at the same time, unless a flag says otherwise. A handshake is work for
 * this one thread, and with hundreds together each would take longer than the connect timeout. The time
 * begins when a login does.
 */
export const NODES_AT_ONCE = 50;
/** Of "ssh -G": a process each, for a few milliseconds. */
export const CONFIGS_AT_ONCE = 8;
/** A "Match exec" of the configuration may run anything. */
export const CONFIG_TIMEOUT_MS = 10_000;
/** From the question for the keys of an agent to its answer. */
export const AGENT_TIMEOUT_MS = 5_000;
/**
 * A jump host that could not be reached is not tried again for so long: the nodes behind it share the
 * failure.
 */
export const JUMP_RETRY_AFTER_MS = 5_000;
/** From the exit of a ProxyCommand to the end of the connection, where its output stays open. */
export const PROXY_END_MS = 500;
/** Of what a ProxyCommand says. */
export const PROXY_STDERR_BYTES = 4096;
/** Only for a server that closes the connection before the handshake, as MaxStartups makes it. */
export const CONNECT_RETRIES = 2;
export const RETRY_BACKOFF_MS = 250;
/** From the request of a session until its shell runs. */
export const SESSION_START_TIMEOUT_MS = 20_000;
/** From the start of sudo to its prompt and its answer: PAM waits some seconds after a wrong password. */
export const SUDO_TIMEOUT_MS = 20_000;
export const SUDO_OUTPUT_BYTES = 16 * 1024;
export const SESSION_LINE_BYTES = 64 * 1024;
/** Output that was not read, or input that the node has not accepted: with more, a session is broken. */
export const SESSION_BACKLOG_BYTES = 1024 * 1024;
export const SESSION_STDERR_BYTES = 64 * 1024;
/** It is held in a variable of the node's shell. */
export const SESSION_SCRIPT_BYTES = 120 * 1024;
export const DISCONNECT_TIMEOUT_MS = 1_000;

/** A semaphore: at most `size` holders, the others wait in order. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = size;
  }

  /** Waits for a slot. False: the signal was aborted first, and no slot is held. */
  async acquire(signal: AbortSignal | undefined): Promise<boolean> {
    if (signal?.aborted === true) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return await new Promise((resolve) => {
      const granted = (): void => {
        signal?.removeEventListener('abort', aborted);
        resolve(true);
      };
      const aborted = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        resolve(false);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.#waiting.push(granted);
    });
  }

  /** Does it in a slot, however it ends. */
  async held<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire(undefined);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }

  /**
   * Admits every caller from now on: the connection is gone, and each caller finds that out for itself.
   */
  open(): void {
    this.#free = Infinity;
    for (const granted of this.#waiting.splice(0)) granted();
  }
}
