/**
 * The volumes of a cluster that was read, put into the text of a cluster file. Names what the file leaves
 * out, and what keeps its plan from being empty.
 */
import { FailureError } from '../core/failure.ts';
import { soundFile } from '../cluster-file/sound.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Desired } from '../model/desired.ts';
import { compile } from '../plan/compile.ts';
import { liveVolumes } from '../plan/export.ts';
import { printable } from '../report/printable.ts';
import { makeView } from '../view/view.ts';
import { judge, type Source, type SshFlags } from './input.ts';
import type { Terminal } from '../report/terminal.ts';

interface LiveFile {
  readonly text: string;
  /** Prints the remarks, once the text is where it should be. */
  readonly remark: (terminal: Terminal) => void;
}

/**
 * `source` is a cluster file without mistakes, `desired` what it says, and `repair` what to do where nodes
 * disagree.
 */
export function liveFile(
  source: Source,
  desired: Desired,
  { observed }: Cluster,
  flags: SshFlags,
  repair: string,
): LiveFile {
  const view = makeView(observed);
  const volumes = liveVolumes(desired, view, repair);
  if (!volumes.ok) throw new FailureError(...volumes.error);
  const sound = soundFile(source.text, volumes.value.volumes, (text) =>
    judge({ ...source, file: 'exported file', text }, flags),
  );
  if (!sound.ok) throw new FailureError(sound.error);
  const { text, desired: said, unsaid } = sound.value;
  return {
    text,
    remark: (terminal) => {
      const remark = (title: string, lines: readonly string[]): void => {
        if (lines.length > 0) terminal.err([title, ...lines.map((l) => `  ${printable(l)}`), ''].join('\n'));
      };
      remark(
        'left out, because a cluster file must not say it; it stays as it is on the nodes:',
        [...volumes.value.unsaid, ...unsaid].map(({ what, why }) => `${what}: ${why}`),
      );
      remark(
        'the cluster is not as it should be by itself; "glusterctl plan" of this file would still say:',
        compile(said, view).plan.steps.map((s) => s.summary),
      );
    },
  };
}
