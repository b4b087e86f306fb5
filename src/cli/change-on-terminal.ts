/**
 * A change at the command line: what run-change.ts asks for, taken from the session and this process. Owns
 * the exit code of a change.
 */
import type { Change, Host } from '../change/change.ts';
import { runChange } from '../change/run-change.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ChangeView } from './change-views.ts';
import { type FormatOf, FORMATS } from './formats.ts';
import { newOwner } from './owner.ts';
import { exitWith, inputIsTty } from './process.ts';
import { confirmed } from './prompt.ts';
import { openAny, type Session } from './session.ts';

export interface ChangeFlags {
  readonly format: FormatOf<'change'>;
  readonly yes?: boolean;
}

/** Runs it, prints the result, and sets the exit code. */
export async function changeOnTerminal(change: Change, flags: ChangeFlags, session: Session): Promise<void> {
  const view = await FORMATS[flags.format].change(session.terminal);
  const result = await runChange(change, hostOf(view, flags.yes ?? false, session));
  const exitCode = exitCodeOf(result);
  view.showResult(result, exitCode, change.name);
  exitWith(exitCode);
}

/** `yes`: every question is answered with it. */
function hostOf(view: ChangeView, yes: boolean, session: Session): Host {
  const { terminal, signal } = session;
  return {
    ...view,
    signal,
    newOwner,
    open: (desired) => openAny(desired, session, view.onEvent),
    remark: (sentence) => {
      terminal.err(`${sentence}\n`);
    },
    canAsk: () => yes || inputIsTty(),
    confirm: async (question) => yes || (await confirmed(question, signal)),
  };
}
