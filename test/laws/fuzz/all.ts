/** The fuzzed parsers, and one input judged with its place in the run. */
import { type Case, chanceOf, type Fuzzed } from './case.ts';
import { clusterFuzz } from './cluster.ts';
import { probeFuzz } from './probe.ts';
import { stateFuzz } from './state.ts';
import { storeFuzz } from './store.ts';

export const FUZZED: readonly Fuzzed[] = [probeFuzz, storeFuzz, stateFuzz, clusterFuzz];

export interface Judged {
  readonly name: string;
  readonly input: Buffer;
  readonly accepted: boolean;
  readonly ms: number;
  /** The law that was broken, or what was thrown. */
  readonly broken: string | undefined;
}

/** Which parser has the n-th input: in every hundred each has its share. */
export function parserOf(n: number): Fuzzed {
  let left = n % 100;
  for (const one of FUZZED) {
    if (left < one.share) return one;
    left -= one.share;
  }
  return clusterFuzz;
}

export const caseOf = (seed: number, n: number): Case => {
  const { name, draw } = parserOf(n);
  return draw(chanceOf(seed, name, n));
};

export function judgeOne(seed: number, n: number): Judged {
  const { name } = parserOf(n);
  const { input, judge } = caseOf(seed, n);
  const started = performance.now();
  try {
    const accepted = judge();
    return { name, input, accepted, ms: performance.now() - started, broken: undefined };
  } catch (error) {
    const broken =
      error instanceof Error
        ? error.name === 'BrokenLaw'
          ? error.message
          : (error.stack ?? '')
        : String(error);
    return { name, input, accepted: false, ms: performance.now() - started, broken };
  }
}
