/** Times on a terminal: how long ago, and the time of day where the person is. */
import { expect, it } from 'vitest';
import { withAges } from '../../../src/report/ago.ts';

const NOW = new Date(2026, 10, 29, 12, 0, 0);
const before = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();

it.each<readonly [string, string]>([
  [before(12), '12 s ago (11:59:48)'],
  [before(60), '1 minute ago (11:59:00)'],
  [before(200), '3 minutes ago (11:56:40)'],
  [before(2 * 3600), '2 hours ago (10:00:00)'],
  [before(20 * 3600), '20 hours ago (2026-11-28 16:00:00)'],
  [before(49 * 3600), '2 days ago (2026-11-27 11:00:00)'],
  [`  ${before(12)}  by ann`, '  12 s ago (11:59:48)  by ann'],
  [`begun by ann at ${before(12)}: x`, 'begun by ann 12 s ago (11:59:48): x'],
  [`locked by ann since ${before(200)}`, 'locked by ann for 3 minutes (since 11:56:40)'],
])('%s', (text, words) => {
  expect(withAges(text, NOW)).toBe(words);
});

it.each([before(-10), '20261129T120000Z-0123abcd', '2026-13-45T99:99:99Z', '2026-11-29', `x${before(1)}`])(
  '%s stays as it is',
  (text) => {
    expect(withAges(text, NOW)).toBe(text);
  },
);
