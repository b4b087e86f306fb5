/** `glusterctl recover`: the repairs alone, and whose copy is right where a person says so. */
import { recoverChange } from '../../change/recover.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { preferences } from '../options.ts';
import type { Session } from '../session.ts';

export interface RecoverFlags extends SshFlags, ChangeFlags {
  readonly prefer: readonly string[];
  readonly allowDestroy: readonly string[];
}

export async function recoverCommand(file: string, flags: RecoverFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const { allowDestroy } = flags;
  const prefer = preferences(flags.prefer);
  await changeOnTerminal(recoverChange({ desired, file, allowDestroy, prefer }), flags, session);
}
