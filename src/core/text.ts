/**
 * Plain text, for every folder: which characters cannot be printed, how a number of things is written. Knows
 * nothing of gluster.
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
export const count = (n: number, noun: string): string => `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
