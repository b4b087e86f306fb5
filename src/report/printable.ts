/**
 * The one gate between a node's words and a terminal, a log or a pull request. Shows as an escape what could
 * move the cursor, start a new line or turn the direction of writing. Refuses to judge the words.
 */

import { codePointEscape, replaceUnprintable } from '../core/text.ts';

/** Longer than any honest message; a node must not be able to flood the screen. */
const SHOWN_CHARACTERS_MAX = 4000;

/** One line, safe to print, bounded. */
export function printable(text: string): string {
  if (text.length <= SHOWN_CHARACTERS_MAX) return replaceUnprintable(text, escaped);
  const cut = replaceUnprintable(text.slice(0, SHOWN_CHARACTERS_MAX), escaped);
  return `${cut}… (${String(text.length - SHOWN_CHARACTERS_MAX)} more characters)`;
}

/**
 * The lines of a text that may have several (a command, a diff), each safe; an empty last line is no line.
 */
export function printableLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map(printable);
}

/** Code points: near enough to columns for the names and paths that are aligned and cut. */
export const characters = (text: string): string[] => Array.from(text);

/** The same for JSON: escapes what JSON leaves as it is, and the value that is read back stays equal. */
export const asciiControls = (json: string): string =>
  json.replace(/[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return codePointEscape(character);
}
