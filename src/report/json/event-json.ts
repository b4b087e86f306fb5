/** A run for programs: one event a line, its result last. */
import type { Event, RunResult } from '../../model/event.ts';
import { asciiControls } from '../printable.ts';

/** One line, without its end. */
export const eventJson = (event: Event): string => {
  const { type, ...rest } = event;
  return asciiControls(JSON.stringify({ type, ...rest }));
};

/** The last line. */
export function resultJson(result: RunResult, exitCode: number): string {
  const { outcome, transaction, failures, owed, changed = [], without, pending, running } = result;
  const keys = { outcome, exitCode, transaction, failures, owed, changed, without, pending, running };
  return asciiControls(JSON.stringify({ type: 'result', ...keys }));
}
