/**
 * Questions about plain text: its bytes, what cannot be printed, how to show it to a person. Knows nothing of
 * gluster.
 */

/**
 * Control characters, halves of surrogate pairs, and the separators and direction marks that rearrange a
 * terminal's line.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const SHOWN_LENGTH_MAX = 120;

const encoder = new TextEncoder();
export const byteLength = (text: string): number => encoder.encode(text).length;

export const hasUnprintable = (text: string): boolean => UNPRINTABLE.test(text);

/** Safe for a terminal, and short. */
export function printable(text: string): string {
  const short = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
  return short.replaceAll(new RegExp(UNPRINTABLE, 'gu'), (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

export const quoted = (text: string): string => `"${printable(text)}"`;

/** "1 brick", "2 bricks". */
export const count = (n: number, noun: string): string => `${String(n)} ${noun}${n === 1 ? '' : 's'}`;
