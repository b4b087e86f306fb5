/**
 * `export`: the live cluster as a cluster file whose plan is empty. Reports what it leaves out, and what
 * keeps that plan from being empty.
 */
import { quote } from '../../core/shell.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { liveFile } from '../live-file.ts';
import { observeCluster, type Session } from '../session.ts';

export async function exportCommand(file: string, flags: SshFlags, session: Session): Promise<void> {
  const source = await readSource(file);
  const { desired, warnings } = load(source, flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const live = liveFile(source, desired, cluster, flags, `glusterctl recover ${quote(file)}`);
  session.terminal.out(live.text);
  live.remark(session.terminal);
}
