/** `glusterctl drain` and `undrain`: a node out of service for some work on it, and back. */
import { drainChange, undrainChange } from '../../change/drain.ts';
import { failure, FailureError } from '../../core/failure.ts';
import { quote } from '../../core/shell.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Desired } from '../../model/desired.ts';
import type { NodeName } from '../../model/names.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { newOwner } from '../owner.ts';
import type { Session } from '../session.ts';

export interface UndrainFlags extends SshFlags, ChangeFlags {}

export interface DrainFlags extends UndrainFlags {
  readonly reason?: string;
}

/** For the heals of what a drained node has missed. */
const HEALS_MS = 30 * 60_000;

export async function drainCommand(
  file: string,
  name: string,
  flags: DrainFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const { user, host, since } = newOwner();
  const mark = { who: `${user}@${host}`, when: since, why: flags.reason ?? '' };
  await changeOnTerminal(drainChange({ desired, node: namedNode(name, desired), mark }), flags, session);
}

export async function undrainCommand(
  file: string,
  name: string,
  flags: UndrainFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const node = namedNode(name, desired);
  await changeOnTerminal(
    undrainChange({ desired, node, file: quote(file), waitMs: HEALS_MS }),
    flags,
    session,
  );
}

/** A node of the file by its name there. */
export function namedNode(name: string, { nodes }: Desired): NodeName {
  const found = nodes.find((n) => n.name === name);
  if (found !== undefined) return found.name;
  const names = nodes.map((n) => n.name);
  throw new FailureError(
    failure('invalid-input', `the file names no node ${name}${didYouMean(name, names)}`, {
      fix: `give one of ${names.join(', ')}`,
    }),
  );
}
