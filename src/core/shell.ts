/**
 * The only place that quotes for a shell. Only the `sh` tag makes a `Script`, and it quotes every value.
 * Connections run nothing but scripts, so an unquoted string cannot reach a node.
 */
import type { Brand } from './brand.ts';
import { InternalError } from './invariant.ts';

/** POSIX shell text that is safe to run: all interpolated values were quoted. */
export type Script = Brand<string, 'Script'>;

/** One word for a POSIX shell, whatever its characters. NUL cannot be passed to a program: refused. */
export function quote(word: string): string {
  if (word.includes('\0')) throw new InternalError('a NUL character cannot be passed to a shell');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `\\${` in a template stands for the shell's own `${`; everything else is taken as typed. */
const literal = (text: string): string => text.replaceAll('\\${', '${');

type Interpolated = string | number | readonly string[] | Script;

class Fragment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Shell text of our own source, put into a `sh` template unquoted. It takes no values.
 */
export type Raw = Fragment;
export const raw = (strings: TemplateStringsArray): Raw => new Fragment(literal(strings.raw.join('')));

/**
 * Shell text with every interpolated value quoted; an array becomes several words; `Raw` goes in as it is.
 * A parameter expansion of the shell is written `\\${name%/*}`.
 */
export function sh(strings: TemplateStringsArray, ...values: readonly (Interpolated | Raw)[]): Script {
  let text = literal(strings.raw[0] ?? '');
  values.forEach((value, i) => {
    text += word(value) + literal(strings.raw[i + 1] ?? '');
  });
  return text as Script;
}

/** Puts a finished script into a `sh` template as shell text instead of as one quoted word. */
export const embed = (script: Script): Raw => new Fragment(script);

/** Scripts one after the other, a line each. */
export const lines = (...scripts: readonly Script[]): Script => scripts.join('\n') as Script;

function word(value: Interpolated | Raw): string {
  if (value instanceof Fragment) return value.text;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quote(value);
  return value.map(quote).join(' ');
}
