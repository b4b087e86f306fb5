/**
 * `glusterctl doctor`: what is wrong with the cluster. Works with nodes missing, and says so by its exit
 * code.
 */
import { findAll, findRisks } from '../../findings/index.ts';
import type { Finding } from '../../model/plan.ts';
import { makeView, type View } from '../../view/view.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { exitWith } from '../process.ts';
import { openAny, type Session } from '../session.ts';
import { unreadable } from '../unreadable.ts';

export interface DoctorFlags extends SshFlags {
  readonly format: 'text' | 'json' | 'markdown';
  readonly verbose?: boolean;
}

export async function doctorCommand(file: string, flags: DoctorFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const findings = [...findAll(view, desired), ...findRisks(view, desired)];
  const text = await render(desired.cluster, findings, view, { flags, session });
  session.terminal.out(`${text.trimEnd()}\n`);
  if (unreadable(view.failed, session)) return;
  exitWith(findings.some((f) => f.severity !== 'info') ? 2 : 0);
}

async function render(
  cluster: string,
  findings: readonly Finding[],
  view: View,
  { flags, session }: { readonly flags: DoctorFlags; readonly session: Session },
): Promise<string> {
  switch (flags.format) {
    case 'json':
      return (await import('../../report/json/doctor-json.ts')).doctorJson(cluster, findings);
    case 'markdown':
      return (await import('../../report/markdown/doctor-markdown.ts')).doctorMarkdown(cluster, findings);
    case 'text': {
      const { doctorText } = await import('../../report/text/doctor-text.ts');
      const { colour } = session.terminal;
      return doctorText(cluster, findings, {
        colour,
        verbose: flags.verbose ?? false,
        unread: [...view.failed.keys()],
      });
    }
  }
}
