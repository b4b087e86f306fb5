/** `glusterctl apply`: a cluster file, or a saved plan, to a change. */
import { saidNewIn } from '../../plan/resets.ts';
import { quote } from '../../core/shell.ts';
import { applyChange } from '../../change/apply.ts';
import { failure, FailureError } from '../../core/failure.ts';
import type { Plan } from '../../model/plan.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { type ConsentFlags, consentOf } from '../consent-flags.ts';
import { load, type NewDiskFlags, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { preferences } from '../options.ts';
import { readSavedPlan } from '../saved-plan.ts';
import type { Session } from '../session.ts';

export interface ApplyFlags extends SshFlags, ChangeFlags, ConsentFlags, WithoutFlags, NewDiskFlags {
  readonly allowDestroy: readonly string[];
  readonly prefer: readonly string[];
  /** False: `--no-repair`. */
  readonly repair: boolean;
  /** In milliseconds, of `--wait`; false: `--no-wait`. */
  readonly wait?: number | boolean;
}

export async function applyCommand(file: string, flags: ApplyFlags, session: Session): Promise<void> {
  const given = await readSource(file);
  const saved = readSavedPlan(given);
  if (saved !== undefined) session.onClusterFile?.(saved.source.file);
  const { desired, warnings } = load(
    saved?.source ?? given,
    saved === undefined ? flags : asPlanned(saved.plan, flags),
  );
  session.warn(warnings);
  const { allowDestroy, repair, wait } = flags;
  const change = applyChange({
    desired,
    saved: saved?.plan,
    file: quote(file),
    ...(saved !== undefined && { clusterFile: quote(saved.source.file) }),
    allowDestroy,
    prefer: preferences(flags.prefer),
    noRepair: !repair,
    consent: consentOf(flags),
    ...(wait === false ? { waitMs: 'none' } : typeof wait === 'number' ? { waitMs: wait } : {}),
  });
  await changeOnTerminal(change, flags, session);
}

/** A saved plan is applied exactly: without the same nodes, and with the same new disks. */
function asPlanned(plan: Plan, flags: ApplyFlags): ApplyFlags {
  const [made, given] = [plan.without ?? [], flags.without ?? []];
  if (given.length > 0 && [...given].sort().join(' ') !== [...made].sort().join(' '))
    throw new FailureError(
      failure('plan-outdated', 'the saved plan was made with other nodes left out', {
        cause: `plan: ${made.join(', ') || 'none'}; flags: ${given.join(', ')}`,
        fix: 'make the plan again with these flags, review it, and apply that',
      }),
    );
  return { ...flags, without: made, newDisk: [...(flags.newDisk ?? []), ...saidNewIn(plan)] };
}
