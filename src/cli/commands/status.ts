/**
 * `glusterctl status`: nodes, volumes and bricks at a glance. Works with nodes missing, and says so by its
 * exit code.
 */
import { movedIn } from '../../change/progress.ts';
import { findAll } from '../../findings/index.ts';
import { statusOf } from '../../view/status.ts';
import { makeView } from '../../view/view.ts';
import { type FormatOf, FORMATS } from '../formats.ts';
import { load, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { openAny, type Session } from '../session.ts';
import { unreadable } from '../unreadable.ts';

export interface StatusFlags extends SshFlags, WithoutFlags {
  readonly format: FormatOf<'status'>;
}

export async function statusCommand(file: string, flags: StatusFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const status = statusOf(desired, view, findAll(view, desired), await movedIn(cluster.links, view));
  const text = await FORMATS[flags.format].status(status, session.terminal);
  session.terminal.out(`${text.trimEnd()}\n`);
  unreadable(view.failed, session);
}
