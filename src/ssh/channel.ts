/**
 * How a script runs on the remote side: command line, standard input, and one channel in a slot of its own.
 * A script runs as a whole or not at all, and the shell has to prove that it ran it.
 */
import type { Client, ClientChannel } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { quote, type Script } from '../core/shell.ts';
import { answerSudo, refusalOf, rootCommand, type Root } from './become.ts';
import { CHANNEL_RETRY_MS, CHANNEL_TRIES, type Slots } from './limits.ts';
import { interrupted, type Target } from './target.ts';

/** A live connection, as its channels see it. */
export interface Link {
  readonly target: Target;
  readonly client: Client;
  readonly slots: Slots;
  /** Set once, when the connection is gone. */
  lost: boolean;
  /** How its commands become root's. */
  root: Root;
}

/**
 * Printed before the script's own output, on a line of its own. Output of a login shell's start-up files
 * comes before it and is dropped. Without it no shell ran (sudo refused, a forced command, nologin).
 */
const STARTED = 'glusterctl:started';
export const STARTED_LINE = Buffer.from(`${STARTED}\n`);

export const EXEC_COMMAND = 'sh -s';

/**
 * The shell reads the whole compound before it runs any of it, so a script cut short is only a syntax error.
 * Standard input is empty, because inner commands must not read the script's own text. The shell ends with
 * the script: a controller that is frozen may never end the input, and the script's files would stay open.
 */
export const execInput = (script: Script): string => `echo '${STARTED}'\n{\n${script}\n} </dev/null; exit\n`;

const WHOLE = '# whole';

/**
 * What a session sends first. Not in its command line: every user of the node can read that, and sudo logs
 * it.
 */
export const sessionInput = (script: Script): Buffer => Buffer.from(`echo '${STARTED}'\n${script}\n${WHOLE}`);

/**
 * The command line of a session: the shell reads exactly that input and runs it if it came whole. What comes
 * after it are the lines of the session.
 */
export const sessionCommand = ({ length }: Buffer): string =>
  `sh -c ${quote(
    `script=$(head -c ${String(length)}); case $script in *'${WHOLE}') eval "$script" ;; *) exit 70 ;; esac`,
  )}`;

export const connectionLost = (target: Target, doing: string): Failure =>
  failure('connection-lost', `lost the connection while ${doing}`, { node: target.node });

/** Waits for a slot; fails where the connection is lost by then. */
export async function takeSlot(link: Link, signal: AbortSignal | undefined): Promise<Failure | undefined> {
  if (!(await link.slots.acquire(signal))) return interrupted(link.target.node, 'waiting for a free channel');
  if (!link.lost) return undefined;
  link.slots.release();
  return connectionLost(link.target, 'waiting for a free channel');
}

/**
 * Opens a channel in the slot that the caller holds, for a command that runs as root. The slot is released
 * when the channel closes, not when the caller stops waiting. Where sudo asks for the password, it has been
 * answered.
 */
export function openChannel(
  link: Link,
  command: string,
  onOpened: (channel: Result<ClientChannel, Failure>) => void,
  attempt = 1,
): void {
  const refused = (error: Error): void => {
    if (attempt < CHANNEL_TRIES && NO_ROOM.test(error.message)) {
      setTimeout(openChannel, CHANNEL_RETRY_MS * 2 ** (attempt - 1), link, command, onOpened, attempt + 1);
      return;
    }
    link.slots.release();
    onOpened(err(notOpened(link, error)));
  };
  const { root } = link;
  if (root.kind === 'refused') {
    link.slots.release();
    onOpened(err(root.failure));
    return;
  }
  try {
    link.client.exec(rootCommand(root, command), (error, channel) => {
      if (error !== undefined) {
        refused(error);
        return;
      }
      channel.once('close', () => {
        link.slots.release();
      });
      // The stream reports writes after its end here; 'close' reports how the script ended.
      channel.on('error', () => undefined);
      if (root.kind !== 'password') {
        onOpened(ok(channel));
        return;
      }
      answerSudo(channel, link.target, root.password, (why) => {
        if (why?.code === 'sudo-password-wrong') link.root = { kind: 'refused', failure: why };
        onOpened(why === undefined ? ok(channel) : err(link.lost ? connectionLost(link.target, DOING) : why));
      });
    });
  } catch (error) {
    refused(error instanceof Error ? error : new Error(String(error)));
  }
}

const DOING = 'sudo was asking for the password';

/** The server opened no channel, so nothing has run. */
const NO_ROOM = /^\(SSH\) Channel open failure/;

function notOpened(link: Link, error: Error): Failure {
  const { target } = link;
  if (link.lost || error.message === 'Not connected') return connectionLost(target, 'opening a channel');
  return failure('node-unreachable', `sshd at ${target.route.hostName} refused to open another channel`, {
    node: target.node,
    cause: error.message,
    fix: 'raise MaxSessions in its sshd_config to 10 or more; commands that hang on the node count as well',
  });
}

/** No shell ran the script: nothing happened on the node. */
export function notStarted({ target, root }: Link, code: number | null, output: string): Failure {
  if (root.kind === 'sudo') return refusalOf(target, output, code);
  const lastLines = output.trim() === '' ? [] : output.trim().split('\n').slice(-5);
  const { user, hostName } = target.route;
  return failure('privilege-denied', `${user} at ${hostName} does not get a shell`, {
    node: target.node,
    cause: lastLines.at(-1) ?? `exit status ${code === null ? 'unknown' : String(code)}, no output`,
    fix: 'give the account a shell such as /bin/sh, and no forced command for the key in use',
    ...(lastLines.length > 1 ? { details: lastLines } : {}),
  });
}
