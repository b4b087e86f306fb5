/** The fuzzed parsers, and the judgement of one input by its number in the run. */
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

/** The parser of the n-th input: of every hundred each has its share. */
export function parserOf(n: number): Fuzzed {
  let rest = n % 100;
  for (const one of FUZZED) {
    if (rest < one.share) return one;
    rest -= one.share;
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
