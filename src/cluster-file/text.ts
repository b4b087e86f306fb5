/**
 * Text of a cluster file: its length in bytes, and how a message quotes it. Knows nothing of gluster.
 */
import { codePointEscape, replaceUnprintable } from '../core/text.ts';

const SHOWN_LENGTH_MAX = 120;

const encoder = new TextEncoder();
export const byteLength = (text: string): number => encoder.encode(text).length;

/** Safe for a terminal, and short. */
export function printable(text: string): string {
  const short = text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
  return replaceUnprintable(short, codePointEscape);
}

export const quoted = (text: string): string => `"${printable(text)}"`;
