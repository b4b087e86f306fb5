/**
 * Times as a person at a terminal reads them: how long ago, and the time of day here. What goes into a file
 * or to a program keeps the time itself. Pure.
 */
import { count } from '../core/text.ts';

const TIME = /\b(since |at )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)\b/g;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

/** A time that is still to come stays as it is: the clocks do not agree. */
export const withAges = (text: string, now: Date): string =>
  text.replaceAll(TIME, (whole, before: string | undefined, iso: string) => {
    const then = new Date(iso);
    const seconds = Math.floor((now.getTime() - then.getTime()) / 1000);
    if (Number.isNaN(seconds) || seconds < 0) return whole;
    const clock = clockOf(then, now);
    return before === 'since '
      ? `for ${lengthOf(seconds)} (since ${clock})`
      : `${lengthOf(seconds)} ago (${clock})`;
  });

function lengthOf(seconds: number): string {
  if (seconds < MINUTE_S) return `${String(seconds)} s`;
  if (seconds < HOUR_S) return count(Math.floor(seconds / MINUTE_S), 'minute');
  if (seconds < DAY_S) return count(Math.floor(seconds / HOUR_S), 'hour');
  return count(Math.floor(seconds / DAY_S), 'day');
}

/** Of another day: with its date. */
function clockOf(then: Date, now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(':');
  if (then.toDateString() === now.toDateString()) return time;
  return `${[then.getFullYear(), then.getMonth() + 1, then.getDate()].map(two).join('-')} ${time}`;
}
