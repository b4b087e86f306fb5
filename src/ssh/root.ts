/**
 * Becomes root on a fresh connection: without a password where sudo wants none, else with the one that is
 * given. Only a node that asks is given it.
 */
import type { ClientChannel } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import { asksForPassword, refusalOf, TRIAL } from './become.ts';
import { connectionLost, openChannel, takeSlot, type Link } from './channel.ts';
import { SUDO_OUTPUT_BYTES, SUDO_TIMEOUT_MS } from './limits.ts';
import { interrupted } from './target.ts';

/** Undefined: there is none, and nobody to ask. */
export type AskPassword = () => Promise<Result<string | undefined, Failure>>;

/** The failure, or undefined where commands of the connection are root's from now on. */
export async function becomeRoot(
  link: Link,
  ask: AskPassword,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  const refusal = await tryOut(link, TRIAL, signal);
  if (refusal === undefined) {
    link.root = { kind: 'sudo' };
    return undefined;
  }
  if (!asksForPassword(refusal)) return refusal;
  const given = await ask();
  if (!given.ok) return { ...given.error, node: link.target.node };
  if (given.value === undefined) return refusal;
  link.root = { kind: 'password', password: given.value };
  return await tryOut(link, 'sh -c :', signal);
}

async function tryOut(
  link: Link,
  command: string,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  const { target } = link;
  const noSlot = await takeSlot(link, signal);
  if (noSlot !== undefined) return noSlot;
  return await new Promise((resolve) => {
    let channel: ClientChannel | undefined;
    const finish = (why: Failure | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (why !== undefined) channel?.close();
      resolve(why);
    };
    const onAbort = (): void => {
      finish(interrupted(target.node, 'sudo was tried'));
    };
    const timer = setTimeout(() => {
      const cause = 'a module of PAM, or the host name that sudo resolves, may hang';
      const seconds = String(SUDO_TIMEOUT_MS / 1000);
      finish(failure('timeout', `sudo did not answer within ${seconds} s`, { node: target.node, cause }));
    }, SUDO_TIMEOUT_MS);
    signal?.addEventListener('abort', onAbort, { once: true });
    openChannel(link, command, (opened) => {
      if (!opened.ok) {
        finish(opened.error);
        return;
      }
      channel = opened.value;
      collect(channel, (said, code) => {
        if (code === 0) finish(undefined);
        else finish(link.lost ? connectionLost(target, 'sudo was tried') : refusalOf(target, said, code));
      });
    });
  });
}

/** Ends the input, and gives what was written to both streams with the exit status. */
function collect(channel: ClientChannel, done: (said: string, code: number | null) => void): void {
  let said = '';
  const gather = (chunk: Buffer): void => {
    said = `${said}${chunk.toString()}`.slice(-SUDO_OUTPUT_BYTES);
  };
  channel.on('data', gather);
  channel.stderr.on('data', gather);
  const errorsRead = new Promise<void>((resolve) => channel.stderr.once('end', resolve));
  channel.once('close', (code: number | null | undefined) => {
    void errorsRead.then(() => {
      done(said, code ?? null);
    });
  });
  channel.end();
}
