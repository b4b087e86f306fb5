/** A short slice of `npm run fuzz`. */
import { describe, expect, it } from 'vitest';
import { FUZZED, judgeOne } from './fuzz/all.ts';

const SLICE_MS = 2000;

describe('hostile input', () => {
  it('breaks no law of any parser', { timeout: 20_000 }, () => {
    const ends = performance.now() + SLICE_MS;
    const counts = new Map(FUZZED.map(({ name }) => [name, { accepted: 0, refused: 0 }]));
    // Always the same seed: new ones are for the long run.
    for (let n = 0; n < 100 || performance.now() < ends; n++) {
      const { name, accepted, broken } = judgeOne(7, n);
      expect(broken, `input ${String(n)} of seed 7`).toBeUndefined();
      const count = counts.get(name);
      if (count !== undefined) count[accepted ? 'accepted' : 'refused'] += 1;
    }
    // Otherwise the laws were not tested.
    for (const [name, count] of counts) expect(count.accepted, name).toBeGreaterThan(0);
  });
});
