/**
 * Root on a node by sudo: without a password where it asks for none, with one where it asks. The password
 * goes to sudo alone: after its prompt was seen, once for each node, and never in front of a script.
 */
import type { ClientChannel } from 'ssh2';
import { failure, type Failure } from '../core/failure.ts';
import { quote } from '../core/shell.ts';
import { SUDO_OUTPUT_BYTES, SUDO_TIMEOUT_MS } from './limits.ts';
import type { Target } from './target.ts';

/** How commands of a connection become root's. */
export type Root =
  | { readonly kind: 'login' }
  | { readonly kind: 'sudo' }
  | { readonly kind: 'password'; readonly password: string }
  /** The password was wrong: it is not tried again, because accounts are locked after a few times. */
  | { readonly kind: 'refused'; readonly failure: Failure };

const PROMPT = 'glusterctl:password:';
/** Printed by the command that sudo runs: from here on, nothing that is sent is read by sudo. */
const READY = 'glusterctl:root';
const READY_LINE = Buffer.from(`${READY}\n`);

/** In English, so that its refusals can be read. */
const SUDO = 'env LC_ALL=C sudo';

/** What sudo is asked first: whether it runs a shell without a password. */
export const TRIAL = `${SUDO} -n -- sh -c :`;

export function rootCommand(root: Root, command: string): string {
  if (root.kind === 'sudo') return `${SUDO} -n -- ${command}`;
  if (root.kind === 'password')
    return `${SUDO} -S -p ${PROMPT} -- sh -c ${quote(`echo ${READY}; exec ${command}`)}`;
  return command;
}

/**
 * Answers the prompt of sudo on a channel, and calls back when the command runs, before it has read anything.
 * The callback attaches its listeners immediately.
 */
export function answerSudo(
  channel: ClientChannel,
  target: Target,
  password: string,
  onRunning: (failure: Failure | undefined) => void,
): void {
  let output = Buffer.alloc(0);
  let errors = '';
  let isAnswered = false;
  const finish = (why: Failure | undefined): void => {
    clearTimeout(timer);
    channel.removeListener('data', onOutput);
    channel.stderr.removeListener('data', onErrors);
    channel.removeListener('close', onClose);
    if (why !== undefined) {
      channel.end();
      channel.resume();
      channel.stderr.resume();
    }
    onRunning(why);
  };
  const onOutput = (chunk: Buffer): void => {
    output = Buffer.concat([output, chunk]).subarray(-SUDO_OUTPUT_BYTES);
    if (output.includes(READY_LINE)) finish(undefined);
  };
  const onErrors = (chunk: Buffer): void => {
    errors = `${errors}${chunk.toString()}`.slice(-SUDO_OUTPUT_BYTES);
    const prompts = errors.split(PROMPT).length - 1;
    if (prompts === 1 && !isAnswered) {
      isAnswered = true;
      channel.write(`${password}\n`);
    } else if (prompts > 1) finish(passwordWrong(target, 'sudo asked again'));
  };
  const onClose = (code: number | null | undefined): void => {
    finish(refusalOf(target, errors.replaceAll(PROMPT, ''), code ?? null));
  };
  const timer = setTimeout(() => {
    finish(silent(target, errors.replaceAll(PROMPT, '')));
  }, SUDO_TIMEOUT_MS);
  channel.on('data', onOutput);
  channel.stderr.on('data', onErrors);
  channel.once('close', onClose);
}

/** What sudo says, in English, and what it means. */
const REFUSALS: readonly (readonly [pattern: RegExp, make: (target: Target, cause: string) => Failure])[] = [
  [/must have a tty/i, needsTty],
  [/incorrect password|sorry, try again/i, passwordWrong],
  [/password is required|terminal is required/i, passwordNeeded],
  [/not in the sudoers file|not allowed to (execute|run)|may not run sudo/i, notAllowed],
];

/** Why sudo ran nothing. */
export function refusalOf(target: Target, said: string, code: number | null): Failure {
  const lines = said.trim() === '' ? [] : said.trim().split('\n').slice(-5);
  for (const [pattern, make] of REFUSALS) {
    const cause = lines.find((line) => pattern.test(line));
    if (cause !== undefined) return make(target, cause);
  }
  const { user, hostName } = target.route;
  return failure('privilege-denied', `${user} does not become root on ${hostName}`, {
    node: target.node,
    cause: lines.at(-1) ?? `sudo: exit status ${code === null ? 'unknown' : String(code)}, no output`,
    fix: `see what it says on the node: sudo -n -- sh -c :, as ${user}; or log in as root`,
    ...(lines.length > 1 && { details: lines }),
  });
}

/**
 * Of a trial without a password: sudo may ask for one. Whether the user may run anything, only that shows.
 */
export const asksForPassword = (why: Failure): boolean => why.code === 'sudo-password-needed';

function passwordNeeded(target: Target, cause: string): Failure {
  const { user, hostName } = target.route;
  return failure('sudo-password-needed', `sudo asks for the password of ${user} on ${hostName}`, {
    node: target.node,
    cause,
    fix:
      'give it: --ask-become-pass, or --become-password-file FILE; or let the user do without, on the ' +
      'node with ' +
      `visudo: ${user} ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh`,
  });
}

function passwordWrong(target: Target, cause: string): Failure {
  const { user, hostName } = target.route;
  return failure('sudo-password-wrong', `sudo does not take the password of ${user} on ${hostName}`, {
    node: target.node,
    cause: `${cause}; it was tried once, and is not tried again`,
    fix:
      'give the password of this user on this node; one that differs goes into becomePasswordFile of ' +
      'the node',
  });
}

function notAllowed(target: Target, cause: string): Failure {
  const { user, hostName } = target.route;
  return failure('sudo-not-allowed', `the sudoers of ${hostName} do not let ${user} run a shell as root`, {
    node: target.node,
    cause,
    fix: `on the node, with visudo: ${user} ALL=(root) /bin/sh, /usr/bin/sh; or log in as root`,
  });
}

function needsTty(target: Target, cause: string): Failure {
  const { user, hostName } = target.route;
  return failure('sudo-needs-tty', `sudo on ${hostName} wants a terminal (requiretty)`, {
    node: target.node,
    cause,
    fix: `on the node, with visudo: Defaults:${user} !requiretty`,
  });
}

function silent(target: Target, said: string): Failure {
  const lastWords = said.trim().split('\n').at(-1) ?? '';
  return failure('timeout', `sudo did not answer within ${String(SUDO_TIMEOUT_MS / 1000)} s`, {
    node: target.node,
    cause: `${lastWords === '' ? 'it said nothing' : lastWords}; a second factor is not supported`,
    fix: `try by hand: ${target.route.byHand.replace(/ true$/, '')} sudo -S id`,
  });
}
