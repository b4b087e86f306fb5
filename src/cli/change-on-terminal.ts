/**
 * A change as a person or a program at the command line sees it: the plan, the question, the progress, the
 * result. Owns what is printed in which format; what happens is the change's.
 */
import type { Change, Host } from '../change/change.ts';
import { runChange } from '../change/run-change.ts';
import type { Event, RunResult } from '../model/event.ts';
import { eventJson, resultJson } from '../report/json/plan-json.ts';
import { printable } from '../report/printable.ts';
import { createRunView } from '../report/progress/run-view.ts';
import { planText } from '../report/text/plan-text.ts';
import { resultText } from '../report/text/result-text.ts';
import { exitCodeOf } from './exit-codes.ts';
import { newOwner } from './owner.ts';
import { exitWith, inputIsTty } from './process.ts';
import { confirmed } from './prompt.ts';
import { openAny, type Session } from './session.ts';

export interface ChangeFlags {
  readonly format: 'text' | 'json';
  readonly yes?: boolean;
}

/** Runs it, prints the result, and sets the exit code. */
export async function changeOnTerminal(change: Change, flags: ChangeFlags, session: Session): Promise<void> {
  const result = await runChange(change, hostOf(flags, session));
  const exitCode = exitCodeOf(result);
  printResult(result, exitCode, change.name, flags, session);
  exitWith(exitCode);
}

function printResult(
  result: RunResult,
  exitCode: number,
  command: Change['name'],
  { format }: ChangeFlags,
  { terminal }: Session,
): void {
  if (format === 'json') {
    terminal.out(`${resultJson(result, exitCode)}\n`);
    return;
  }
  const print = exitCode === 0 ? terminal.out : terminal.err;
  print(`${resultText(result, { colour: terminal.colour, command }).trimEnd()}\n`);
}

/** As JSON, everything is an event on standard output; as text, results are, and all else goes beside them. */
function hostOf({ format, yes = false }: ChangeFlags, session: Session): Host {
  const { terminal, signal } = session;
  const isText = format === 'text';
  const emit = (event: Event): void => {
    terminal.out(`${eventJson(event)}\n`);
  };
  return {
    signal,
    newOwner,
    open: (desired) => openAny(desired, session, isText ? undefined : emit),
    showPlan: (plan) => {
      if (isText) terminal.out(`${planText(plan, { colour: terminal.colour }).trimEnd()}\n`);
    },
    showUnfinished: (sentences) => {
      if (isText) terminal.out(`${sentences.map(printable).join('\n')}\n`);
    },
    remark: (sentence) => {
      terminal.err(`${sentence}\n`);
    },
    notify: (message) => {
      if (isText) terminal.err(`${printable(message)}\n`);
      else emit({ type: 'notice', level: 'info', message });
    },
    canAsk: () => yes || inputIsTty(),
    confirm: async (question) => yes || (await confirmed(question, signal)),
    progress: () => createRunView(terminal, isText ? 'human' : 'json', () => new Date()),
  };
}
