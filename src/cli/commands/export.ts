/**
 * `export`: the live cluster as a cluster file whose plan is empty. Reports what it leaves out, and what
 * keeps that plan from being empty.
 */
import { FailureError } from '../../core/failure.ts';
import { soundFile } from '../../cluster-file/sound.ts';
import { compile } from '../../plan/compile.ts';
import { liveVolumes } from '../../plan/export.ts';
import { makeView } from '../../view/view.ts';
import { printable } from '../../report/printable.ts';
import { judge, load, readSource, type SshFlags } from '../input.ts';
import { observeCluster, type Session } from '../session.ts';

export async function exportCommand(file: string, flags: SshFlags, session: Session): Promise<void> {
  const source = await readSource(file);
  const { desired, warnings } = load(source, flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const view = makeView(cluster.observed);
  const volumes = liveVolumes(desired, view);
  if (!volumes.ok) throw new FailureError(...volumes.error);
  const sound = soundFile(source.text, volumes.value.volumes, (text) =>
    judge({ ...source, file: 'exported file', text }, flags),
  );
  if (!sound.ok) throw new FailureError(sound.error);
  session.terminal.out(sound.value.text);
  const remark = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0)
      session.terminal.err([title, ...lines.map((l) => `  ${printable(l)}`), ''].join('\n'));
  };
  remark(
    'left out, because a cluster file must not say it; it stays as it is on the nodes:',
    [...volumes.value.unsaid, ...sound.value.unsaid].map(({ what, why }) => `${what}: ${why}`),
  );
  remark(
    'the cluster is not as it should be by itself; "glusterctl plan" of this file would still say:',
    compile(sound.value.desired, view).plan.steps.map((s) => s.summary),
  );
}
