/**
 * A run as log lines, for CI and for pipes: a time, a phase, what happened. No colour, no cursor; refuses
 * events that say nothing new.
 */
import type { Event } from '../../model/event.ts';
import { emptyRun, take } from './run-model.ts';
import { printable } from '../printable.ts';
import { elapsed, nodeList } from '../text/words.ts';

/** What every transaction does on every node; worth a line only where it fails. */
const QUIET = /^(journal-|check-)/;
const PHASE_WIDTH = 'post-validate'.length;

/** Makes a function that turns each event into a line, or into nothing. */
export function runLines(now: () => Date): (event: Event) => string | undefined {
  const run = emptyRun();
  return (event) => {
    const at = now();
    const took = take(run, event, at.getTime());
    const words = lineWords(event, took === undefined ? '' : ` (${elapsed(took)})`);
    return words === undefined ? undefined : `${clock(at)} ${words}`;
  };
}

function lineWords(event: Event, took: string): string | undefined {
  switch (event.type) {
    case 'phase':
      return `${column(event.phase)}  ${event.status}${took}`;
    case 'node': {
      // Thirty nodes that start and end as they should are one line: the phase's.
      if (event.status !== 'failed' && (event.detail === undefined || QUIET.test(event.detail)))
        return undefined;
      const detail = event.detail === undefined ? '' : `: ${printable(event.detail)}`;
      const status = event.status === 'started' ? '' : ` ${event.status}${took}`;
      return `${column(event.phase)}  ${printable(event.node)}${status}${detail}`;
    }
    case 'step': {
      const what = `${printable(event.action)} ${printable(bare(event.subject))}`;
      const head = `${column(event.phase)}  ${nodeList(event.nodes)}  ${what}`;
      if (event.status === 'started') return `${head}: ${printable(event.summary)}`;
      const message = event.message === undefined ? '' : `: ${printable(event.message)}`;
      return `${head}: ${event.status}${took}${message}`;
    }
    case 'notice':
      return `${column(event.level === 'warning' ? 'warning' : 'note')}  ${printable(event.message)}`;
  }
}

const column = (text: string): string => text.padEnd(PHASE_WIDTH);

/** "volume/mode" → "mode": the action says already what kind of thing it is. */
const bare = (subject: string): string => subject.slice(subject.indexOf('/') + 1);

const clock = (at: Date): string =>
  [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
