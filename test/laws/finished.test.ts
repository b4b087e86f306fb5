/** Unfinished transactions that once could not be finished, or cost bricks as they were: each by its draw. */
import { expect, it } from 'vitest';
import { type Kind, play, scenarioOf } from './play.ts';

const DRAWN: readonly (readonly [why: string, seed: number, kind: Kind])[] = [
  ['a glusterd remembers more than it shows after an incomplete rollback', 3257, 'beside'],
  ['a restarted glusterd reads the ports of all its bricks', 10728, 'return'],
  ['a volume that was never started is stopped again', 11652, 'beside'],
  ['options were undone in part', 11547, 'beside'],
];

it.each(DRAWN)('%s (%i)', async (_, seed, kind) => {
  const { broken, exits, trace } = await play(seed, scenarioOf(seed, [kind]));
  expect({ broken, last: exits.at(-1) }).toEqual({ broken: [], last: 0 });
  const recovery = trace.findIndex((line) => line.includes('recovery') && line.includes(' lock '));
  expect(trace.slice(recovery).filter((line) => line.includes('imports old'))).toEqual([]);
});
