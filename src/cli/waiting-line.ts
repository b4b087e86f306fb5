/**
 * One line on the terminal while nodes are read: how many have answered, and for whom it waits. Written after
 * a second, wiped at the end; without a terminal there is none.
 */
import { printable } from '../report/printable.ts';
import type { Terminal } from '../report/terminal.ts';

const TICK_MS = 1000;
const NAMES_SHOWN = 3;
const WIPE = '\r\u001b[K';

export interface WaitingLine {
  readonly onNode: (node: string, status: 'started' | 'done' | 'failed') => void;
  /** Takes the line away; it comes back with the next second. */
  readonly wipe: () => void;
  /** Without the line until it is done: the person may be asked something meanwhile. */
  readonly paused: <T>(work: () => Promise<T>) => Promise<T>;
  readonly end: () => void;
}

export function waitingLine(
  { errIsTty, err, columns }: Terminal,
  nodes: readonly string[],
  now: () => number = () => performance.now(),
): WaitingLine {
  if (!errIsTty)
    return {
      onNode: () => undefined,
      wipe: () => undefined,
      paused: async (work) => await work(),
      end: () => undefined,
    };
  const began = now();
  const waiting = new Set(nodes);
  let isShown = false;
  let pauses = 0;
  const wipe = (): void => {
    if (isShown) err(WIPE);
    isShown = false;
  };
  const timer = setInterval(() => {
    if (waiting.size === 0 || pauses > 0) return;
    const [done, seconds] = [nodes.length - waiting.size, Math.round((now() - began) / 1000)];
    const text =
      `reading ${String(done)} of ${String(nodes.length)} nodes; ` +
      `waiting for ${namesOf([...waiting])} (${String(seconds)} s)`;
    err(`${WIPE}${text.slice(0, Math.max(1, columns - 1))}`);
    isShown = true;
  }, TICK_MS);
  return {
    onNode: (node, status) => {
      if (status !== 'started') waiting.delete(node);
    },
    wipe,
    paused: async (work) => {
      wipe();
      pauses += 1;
      try {
        return await work();
      } finally {
        pauses -= 1;
      }
    },
    end: () => {
      clearInterval(timer);
      wipe();
    },
  };
}

function namesOf(waiting: readonly string[]): string {
  const more = waiting.length - NAMES_SHOWN;
  const names = waiting.slice(0, NAMES_SHOWN).map(printable).join(', ');
  return more > 0 ? `${names} and ${String(more)} more` : names;
}
