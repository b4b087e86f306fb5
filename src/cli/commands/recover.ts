/** `glusterctl recover`: the repairs alone, and whose copy is right where a person says so. */
import { quote } from '../../core/shell.ts';
import { recoverChange } from '../../change/recover.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { type ConsentFlags, consentOf } from '../consent-flags.ts';
import { load, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { preferences } from '../options.ts';
import type { Session } from '../session.ts';

export interface RecoverFlags extends SshFlags, ChangeFlags, ConsentFlags, WithoutFlags {
  readonly abandon?: readonly string[];
  readonly prefer: readonly string[];
  readonly allowDestroy: readonly string[];
}

export async function recoverCommand(file: string, flags: RecoverFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const { allowDestroy } = flags;
  const prefer = preferences(flags.prefer);
  const consent = consentOf(flags, flags.abandon);
  const change = recoverChange({ desired, file: quote(file), allowDestroy, prefer, consent });
  await changeOnTerminal(change, flags, session);
}
