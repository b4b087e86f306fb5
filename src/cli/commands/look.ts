/**
 * `status` and `doctor`: the cluster as it is. Both work with nodes missing, and say so by their exit code.
 */
import { failureText } from '../../report/text/failure-text.ts';
import { findAll, findRisks } from '../../findings/index.ts';
import { makeView } from '../../view/view.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { exitWith } from '../process.ts';
import { openAny, type Session } from '../session.ts';
import { statusOf } from '../status-model.ts';

export interface LookFlags extends SshFlags {
  readonly format: 'text' | 'json' | 'markdown';
  readonly verbose?: boolean;
}

export async function statusCommand(file: string, flags: LookFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const status = statusOf(desired, view, findAll(view, desired));
  const { statusJson, statusText } = await import('../../report/text/status-text.ts');
  const text =
    flags.format === 'json' ? statusJson(status) : statusText(status, { colour: session.terminal.colour });
  session.terminal.out(`${text.trimEnd()}\n`);
  unreadable(view.failed, session);
}

export async function doctorCommand(file: string, flags: LookFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const findings = [...findAll(view, desired), ...findRisks(view, desired)];
  const { doctorJson, doctorMarkdown, doctorText } = await import('../../report/text/doctor-text.ts');
  const options = {
    colour: session.terminal.colour,
    verbose: flags.verbose ?? false,
    unread: [...view.failed.keys()],
  };
  const text =
    flags.format === 'json'
      ? doctorJson(desired.cluster, findings)
      : flags.format === 'markdown'
        ? doctorMarkdown(desired.cluster, findings)
        : doctorText(desired.cluster, findings, options);
  session.terminal.out(`${text.trimEnd()}\n`);
  if (unreadable(view.failed, session)) return;
  exitWith(findings.some((f) => f.severity !== 'info') ? 2 : 0);
}

function unreadable(failed: ReturnType<typeof makeView>['failed'], session: Session): boolean {
  if (failed.size === 0) return false;
  session.terminal.err(`${failureText([...failed.values()], session.terminal.colour).trimEnd()}\n`);
  exitWith(7);
  return true;
}
