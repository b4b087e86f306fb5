/**
 * Plain text, for every folder: which characters cannot be printed, how a number of things is written, lists
 * in words and in groups. Knows nothing of gluster.
 */

/**
 * Control characters, format characters (direction marks, zero width), halves of surrogate pairs, line and
 * paragraph separators: they move the cursor, start a line or turn the direction of writing.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

export const hasUnprintable = (text: string): boolean => UNPRINTABLE.test(text);

/** Each such character replaced by what `escape` makes of it. */
export const replaceUnprintable = (text: string, escape: (character: string) => string): string =>
  text.replaceAll(new RegExp(UNPRINTABLE, 'gu'), escape);

/** `\x1b`, `\u{202e}`. */
export function codePointEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** "1 brick", "2 bricks". */
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A limit, as it is said: "90 s", "15 min", "7 days". */
export const limitWords = (ms: number): string => {
  if (ms < MINUTE_MS) return `${String(ms / 1000)} s`;
  return ms % DAY_MS === 0 ? count(ms / DAY_MS, 'day') : `${String(Math.round(ms / MINUTE_MS))} min`;
};

export const count = (n: number, noun: string): string => `${String(n)} ${noun}${n === 1 ? '' : 's'}`;

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** "348 B", "3.1 MB". */
export function bytesWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? String(bytes) : value.toFixed(1)} ${UNITS[power] ?? ''}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** Nodes of equal value together, largest group first; the value that most nodes have is first. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const of = groups.get(key(item));
    if (of === undefined) groups.set(key(item), [item]);
    else of.push(item);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}
