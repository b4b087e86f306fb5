/**
 * What a person or a program sees during a run. Owns the choice between live rows, log lines and JSON.
 * Refuses to influence the run: a view that cannot be drawn falls back to lines, and never throws.
 */
import type { Event } from '../../model/event.ts';
import { eventJson } from '../json/event-json.ts';
import { runLines } from './run-lines.ts';
import type { Terminal } from '../terminal.ts';
import type { RunView } from './view.ts';

export function createRunView(terminal: Terminal, format: 'human' | 'json', now: () => Date): RunView {
  if (format === 'json') return jsonView(terminal);
  return terminal.errIsTty ? liveView(terminal, now) : lineView(terminal, now);
}

const jsonView = (terminal: Terminal): RunView => ({
  onEvent: (event) => {
    terminal.out(`${eventJson(event)}\n`);
  },
  finish: () => Promise.resolve(),
});

function lineView(terminal: Terminal, now: () => Date): RunView {
  const lineOf = runLines(now);
  return {
    onEvent: (event) => {
      const line = lineOf(event);
      if (line !== undefined) terminal.err(`${line}\n`);
    },
    finish: () => Promise.resolve(),
  };
}

/**
 * The drawing library is loaded beside the run, so that other commands do not pay for it. Events wait
 * meanwhile.
 */
function liveView(terminal: Terminal, now: () => Date): RunView {
  const early: Event[] = [];
  let view: RunView | undefined;
  const ready = import('./run-live.ts')
    .then(({ startLive }) => startLive(terminal, now))
    .catch(() => lineView(terminal, now))
    .then((started) => {
      view = started;
      for (const event of early.splice(0)) started.onEvent(event);
      return started;
    });
  return {
    onEvent: (event) => {
      if (view === undefined) early.push(event);
      else view.onEvent(event);
    },
    finish: async () => {
      await (await ready).finish();
    },
  };
}
