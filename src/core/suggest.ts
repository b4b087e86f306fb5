/**
 * "Did you mean …?": the nearest of a list of words. Owns the distance; refuses to guess when nothing is
 * near.
 */
import { hasUnprintable } from './text.ts';

const WORD_LENGTH_MAX = 64;

/** The candidate that `word` is a typing error of, if there is one. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length === 0 || word.length > WORD_LENGTH_MAX) return undefined;
  const typed = word.toLowerCase();
  let best: string | undefined;
  // A third of the word may be wrong, never all of it.
  let bestDistance = Math.min(Math.max(1, Math.floor(word.length / 3)) + 1, word.length);
  for (const candidate of candidates) {
    // A name that cannot be printed is no help, and may be an attack on the terminal.
    if (hasUnprintable(candidate)) continue;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(typed, candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const near = suggest(word, candidates);
  return near === undefined ? '' : `; did you mean "${near}"?`;
}

/** Damerau-Levenshtein (restricted): insertions, deletions, substitutions and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
