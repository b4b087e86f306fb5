/**
 * A fuzzed parser draws an input at random and judges the result. Owns the shapes, and the seed of each
 * input.
 */
import { type Random, seeded } from '../../../src/simulator/random.ts';

export interface Case {
  readonly input: Buffer;
  /** Whether the input was accepted; throws where a law is broken. */
  readonly judge: () => boolean;
}

export interface Fuzzed {
  readonly name: string;
  /** Percent of all inputs. */
  readonly share: number;
  readonly draw: (random: Random) => Case;
}

export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

export function law(holds: boolean, what: string): asserts holds {
  if (!holds) throw new BrokenLaw(what);
}

/** The n-th input is the same for the same seed, whatever was drawn before it. */
export const chanceOf = (seed: number, name: string, n: number): Random =>
  seeded(
    Array.from(name).reduce(
      (h, c) => Math.imul(h ^ c.charCodeAt(0), 16_777_619),
      Math.imul(seed, 2_654_435_761) ^ n,
    ),
  );
