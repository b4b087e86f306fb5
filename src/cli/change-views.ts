/**
 * A change as a person or a program sees it. As text, results go to standard output and all else beside them;
 * as JSON, everything is an event on standard output, a line each.
 */
import type { Change, Host } from '../change/change.ts';
import type { Event, RunResult } from '../model/event.ts';
import { eventJson, resultJson } from '../report/json/event-json.ts';
import { printable } from '../report/printable.ts';
import { createRunView } from '../report/progress/run-view.ts';
import type { Terminal } from '../report/terminal.ts';
import { planText } from '../report/text/plan-text.ts';
import { resultText } from '../report/text/result-text.ts';

/** A change, from its first observation to its result. */
export interface ChangeView extends Pick<Host, 'showPlan' | 'showUnfinished' | 'notify' | 'progress'> {
  /** While the cluster is opened. */
  readonly onEvent: (event: Event) => void;
  readonly showResult: (result: RunResult, exitCode: number, command: Change['name']) => void;
}

const now = (): Date => new Date();

export function textChange(terminal: Terminal): ChangeView {
  const { colour, out, err } = terminal;
  return {
    onEvent: () => undefined,
    showPlan: (plan) => {
      out(`${planText(plan, { colour, isOfChange: true }).trimEnd()}\n`);
    },
    showUnfinished: (sentences) => {
      out(`${sentences.map(printable).join('\n')}\n`);
    },
    notify: (message) => {
      err(`${printable(message)}\n`);
    },
    progress: () => createRunView(terminal, 'human', now),
    showResult: (result, exitCode, command) => {
      const print = exitCode === 0 ? out : err;
      print(`${resultText(result, { colour, command }).trimEnd()}\n`);
    },
  };
}

export function jsonChange(terminal: Terminal): ChangeView {
  const onEvent = (event: Event): void => {
    terminal.out(`${eventJson(event)}\n`);
  };
  return {
    onEvent,
    showPlan: () => undefined,
    showUnfinished: () => undefined,
    notify: (message) => {
      onEvent({ type: 'notice', level: 'info', message });
    },
    progress: () => createRunView(terminal, 'json', now),
    showResult: (result, exitCode) => {
      terminal.out(`${resultJson(result, exitCode)}\n`);
    },
  };
}
