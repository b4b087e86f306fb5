/**
 * What is said to a person, fitted to the terminal and the time of day. Owns which texts those are: what
 * another program reads (a cluster file, JSON, a script) is not touched, nor is what goes into a pipe.
 */
import type { Command } from 'commander';
import { withAges } from '../report/ago.ts';
import { wrapped } from '../report/wrap.ts';
import type { Session } from './session.ts';

export interface Fitted extends Session {
  readonly onCommand: (command: Command) => void;
}

const MOVES_CURSOR = /\r|\u001b\[[\d;?]*[^\d;?m]/;

export function fitted(session: Session): Fitted {
  let isForPeople = false;
  const { terminal } = session;
  const fit = (text: string): string =>
    MOVES_CURSOR.test(text) ? text : wrapped(withAges(text, new Date()), terminal.columns);
  return {
    ...session,
    terminal: {
      ...terminal,
      out: (text) => {
        terminal.out(isForPeople && terminal.outIsTty ? fit(text) : text);
      },
      err: (text) => {
        terminal.err(terminal.errIsTty ? fit(text) : text);
      },
    },
    onCommand: (command) => {
      const { format, json } = command.opts<{ format?: string; json?: boolean }>();
      isForPeople = command.name() === 'explain' || (format === 'text' && json !== true);
    },
  };
}
