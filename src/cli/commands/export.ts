/**
 * `export`: the live cluster as a cluster file whose plan is empty. Reports what keeps that plan from being
 * empty.
 */
import { FailureError } from '../../core/failure.ts';
import { withVolumes } from '../../cluster-file/write.ts';
import { compile } from '../../plan/compile.ts';
import { liveVolumes } from '../../plan/export.ts';
import { makeView } from '../../view/view.ts';
import { printable } from '../../report/printable.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { observeCluster, type Session } from '../session.ts';

export async function exportCommand(file: string, flags: SshFlags, session: Session): Promise<void> {
  const source = await readSource(file);
  const { desired, warnings } = load(source, flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const view = makeView(cluster.observed);
  const volumes = liveVolumes(desired, view);
  if (!volumes.ok) throw new FailureError(...volumes.error);
  const written = withVolumes(source.text, volumes.value);
  if (!written.ok) throw new FailureError(written.error);
  session.terminal.out(written.value);
  // A cluster may be what a file may not: that is reported as mistakes of the file that was just printed.
  const { desired: live } = load({ ...source, file: 'exported file', text: written.value }, flags);
  const { steps } = compile(live, view).plan;
  if (steps.length === 0) return;
  session.terminal.err(
    [
      'the cluster is not as it should be by itself; "glusterctl plan" of this file would still say:',
      ...steps.map((s) => `  ${printable(s.summary)}`),
      '',
    ].join('\n'),
  );
}
