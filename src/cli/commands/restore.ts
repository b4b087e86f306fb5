/**
 * `glusterctl restore`: the store as it was before an earlier transaction, by the id that `history` prints.
 */
import { quote } from '../../core/shell.ts';
import { restoreChange } from '../../change/restore.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';

export interface RestoreFlags extends SshFlags, ChangeFlags {
  readonly allowDestroy: readonly string[];
}

export async function restoreCommand(
  file: string,
  id: string,
  flags: RestoreFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const { allowDestroy } = flags;
  await changeOnTerminal(restoreChange({ desired, file: quote(file), id, allowDestroy }), flags, session);
}
