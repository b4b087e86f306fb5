/**
 * The password that sudo asks for on the nodes: from a file, or asked once for all of them. Keeps it in
 * memory only, and refuses a file that others can read.
 */
import { open } from 'node:fs/promises';
import { failure, type Failure, FailureError } from '../core/failure.ts';
import { quote } from '../core/shell.ts';
import { err, ok, type Result } from '../core/result.ts';
import { contacted, type Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import { inputIsTty, standardInput } from './process.ts';
import { hiddenAnswer } from './prompt.ts';
import type { ContactFlags } from './contact-flags.ts';

/** Undefined: there is none, and nobody to ask. */
export type PasswordOf = (node: NodeName) => Promise<Result<string | undefined, Failure>>;

const MODES = [0o600, 0o400];

/**
 * Files are read and `--ask-become-pass` asks before any node is contacted; a node that asks may ask later.
 */
export async function passwordOf(
  desired: Desired,
  flags: ContactFlags,
  signal: AbortSignal,
): Promise<PasswordOf> {
  const nodes = contacted(desired).filter((node) => node.ssh.become);
  if (flags.askBecomePass === true && flags.becomePasswordFile !== undefined)
    throw new FailureError(eitherOr());
  if (nodes.length === 0) return () => Promise.resolve(ok(undefined));
  let asked: Promise<Result<string | undefined, Failure>> | undefined;
  const ask = async (): Promise<Result<string | undefined, Failure>> => await (asked ??= askOnce(signal));
  if (flags.askBecomePass === true) {
    if (!mayAsk(flags)) throw new FailureError(nobodyToAsk());
    const answer = await ask();
    if (!answer.ok) throw new FailureError(answer.error);
    return ask;
  }
  const named = new Map(
    nodes.map(({ name, ssh }) => [name, flags.becomePasswordFile ?? ssh.becomePasswordFile]),
  );
  const read = new Map<string, string>();
  for (const path of new Set(named.values()))
    if (path !== undefined) read.set(path, await readPassword(path));
  return async (node) => {
    const path = named.get(node);
    if (path !== undefined) return ok(read.get(path));
    return mayAsk(flags) ? await ask() : ok(undefined);
  };
}

const mayAsk = ({ input }: ContactFlags): boolean => input !== false && inputIsTty();

async function askOnce(signal: AbortSignal): Promise<Result<string | undefined, Failure>> {
  const answer = await hiddenAnswer('Password for sudo on the nodes: ', signal);
  if (answer === undefined)
    return err(failure('interrupted', 'interrupted while the sudo password was asked'));
  return ok(answer === '' ? undefined : answer);
}

/** One line, without its end. */
async function readPassword(path: string): Promise<string> {
  const text = path === '-' ? await fromStandardInput() : await fromFile(path);
  const line = text.replace(/\r?\n$/, '');
  if (line === '' || /[\r\n\0]/.test(line)) throw new FailureError(notOneLine(path));
  return line;
}

async function fromStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of standardInput()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function fromFile(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const mode = (await file.stat()).mode & 0o777;
      if (!MODES.includes(mode)) throw new FailureError(readableByOthers(path, mode));
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(
      failure('invalid-input', `the password file ${path} cannot be read`, {
        cause: error instanceof Error ? error.message : String(error),
        fix: 'give the path of a file that holds the sudo password, in one line',
      }),
    );
  }
}

const eitherOr = (): Failure =>
  failure('invalid-input', '--ask-become-pass and --become-password-file are both given', {
    fix: 'give one',
  });

const nobodyToAsk = (): Failure =>
  failure('invalid-input', '--ask-become-pass has nobody to ask', {
    cause: 'standard input is no terminal, or --no-input was given',
    fix: 'give --become-password-file FILE',
  });

const readableByOthers = (path: string, mode: number): Failure =>
  failure('invalid-input', `the password file ${path} is not for its owner alone`, {
    cause: `its mode is 0${mode.toString(8)}`,
    fix: `chmod 0600 ${quote(path)}`,
  });

const notOneLine = (path: string): Failure =>
  failure('invalid-input', `${path === '-' ? 'standard input' : path} does not hold the sudo password`, {
    cause: 'it has to be one line, and not an empty one',
    fix: 'write the password into it, and nothing else',
  });
