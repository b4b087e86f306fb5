/**
 * `glusterctl doctor`: what is wrong with the cluster. Works with nodes missing, and says so by its exit
 * code.
 */
import { findAll, findRisks } from '../../findings/index.ts';
import { makeView } from '../../view/view.ts';
import { type FormatOf, FORMATS } from '../formats.ts';
import { load, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { exitWith } from '../process.ts';
import { openAny, type Session } from '../session.ts';
import { unreadable } from '../unreadable.ts';

export interface DoctorFlags extends SshFlags, WithoutFlags {
  readonly format: FormatOf<'doctor'>;
  readonly verbose?: boolean;
}

export async function doctorCommand(file: string, flags: DoctorFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const findings = [...findAll(view, desired), ...findRisks(view, desired)];
  const text = await FORMATS[flags.format].doctor(
    {
      cluster: desired.cluster,
      findings,
      unread: [...view.failed.values()],
      without: [...view.leftOut.keys()],
    },
    { colour: session.terminal.colour, verbose: flags.verbose ?? false },
  );
  session.terminal.out(`${text.trimEnd()}\n`);
  if (unreadable(view.failed, session)) return;
  exitWith(findings.some((f) => f.severity !== 'info') ? 2 : 0);
}
