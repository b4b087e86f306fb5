/**
 * Which text is quoted, so that readers of YAML 1.1 (PyYAML, and so ansible) take it for the same text. Owns
 * what those read by meaning; the syntax is the YAML writer's.
 */
import { Scalar, visit, type Document } from 'yaml';

/** Booleans and null, in any case; its specification counts `y` and `n` among them. */
const WORDS: ReadonlySet<string> = new Set(['y', 'n', 'yes', 'no', 'on', 'off', 'true', 'false', 'null']);
/** Null, the merge key, and a default value that PyYAML refuses. */
const SIGNS: ReadonlySet<string> = new Set(['', '~', '<<', '=']);
/** Every number (also 12:30:45, 1_000, 0o7, .inf; some take e0 for one) and every date has these alone. */
const LIKE_A_NUMBER = /^([-+.\d][-+.:\w\s]*|e[-+]?\d+)$/i;
const IPV4 = /^\d+(\.\d+){3}$/;

const readsOtherwise = (text: string): boolean =>
  WORDS.has(text.toLowerCase()) || SIGNS.has(text) || (LIKE_A_NUMBER.test(text) && !IPV4.test(text));

/** A word of a YAML text that is written by hand. */
export const quotedForAll = (text: string): string =>
  /^[\w/~][\w./~-]*$/.test(text) && !readsOtherwise(text) ? text : JSON.stringify(text);

/** Quotes keys and values that need it; a merge key that was read from a file stays one. */
export function quoteForAll(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value !== 'string' || (node.type !== undefined && node.type !== Scalar.PLAIN)) return;
      const merges = key === 'key' && node.value === '<<' && node.type === Scalar.PLAIN;
      if (!merges && readsOtherwise(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
}
