/** `glusterctl apply`: a cluster file, or a saved plan, to a change. */
import { applyChange } from '../../change/apply.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { type ConsentFlags, consentOf } from '../consent-flags.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { preferences } from '../options.ts';
import { readSavedPlan } from '../saved-plan.ts';
import type { Session } from '../session.ts';

export interface ApplyFlags extends SshFlags, ChangeFlags, ConsentFlags {
  readonly allowDestroy: readonly string[];
  readonly prefer: readonly string[];
  /** False: `--no-repair`. */
  readonly repair: boolean;
}

export async function applyCommand(file: string, flags: ApplyFlags, session: Session): Promise<void> {
  const given = await readSource(file);
  const saved = readSavedPlan(given);
  const { desired, warnings } = load(saved?.source ?? given, flags);
  session.warn(warnings);
  const { allowDestroy, repair } = flags;
  const change = applyChange({
    desired,
    saved: saved?.plan,
    file,
    allowDestroy,
    prefer: preferences(flags.prefer),
    noRepair: !repair,
    consent: consentOf(flags),
  });
  await changeOnTerminal(change, flags, session);
}
