/**
 * Damages text as disks, networks and attackers do. Works on bytes held in latin1 strings, so that invalid
 * UTF-8 is possible.
 */
import type { Random } from '../../../src/simulator/random.ts';

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

export const NUMBERS = [
  '-1',
  '0',
  '-0',
  '1',
  '3',
  '65535',
  '65536',
  '4294967296',
  '9007199254740993',
  '99999999999999999999',
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '0x10',
  '1.5',
  '9'.repeat(400),
  '-'.concat('9'.repeat(30)),
] as const;

export const NAMES = [
  '../x',
  '..',
  '.',
  '/',
  '//',
  '../../etc/passwd',
  '/etc/passwd',
  'a/../b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '$(reboot)',
  '`id`',
  '; rm -rf /',
  '\'"',
  '--force',
  '-',
  '\0',
  'a\0b',
  '\xff\xfe',
  '\xc3',
  utf8('é'),
  utf8('\u202e'),
  '',
  ' ',
  '\t',
  '\r',
  '\n',
  'a\nb',
  '\\',
  '%s%n',
  '*',
  '[Misc]',
  '[Volumes]',
  '=',
  ': ',
  'null',
  '~',
  'all',
] as const;

const LONG = [
  'A'.repeat(9000),
  '1'.repeat(3000),
  '\n'.repeat(2000),
  ' '.repeat(5000),
  '1.'.repeat(2000),
  '['.repeat(3000),
] as const;

const word = (random: Random): string =>
  random.chance(0.02) ? random.pick(LONG) : random.chance(0.4) ? random.pick(NUMBERS) : random.pick(NAMES);

type Damage = (random: Random, text: string) => string;

const place = (random: Random, text: string): number => random.int(0, text.length);

/** `change` sees the lines and one of their places. */
const onLines =
  (change: (lines: string[], at: number, random: Random) => void): Damage =>
  (random, text) => {
    const lines = text.split('\n');
    change(lines, random.int(0, lines.length - 1), random);
    return lines.join('\n');
  };

/** Replaces one field between the separators of a line. */
const field: Damage = onLines((lines, at, random) => {
  const parts = (lines[at] ?? '').split(/(: |[=\t ,])/);
  parts[random.int(0, Math.ceil(parts.length / 2) - 1) * 2] = word(random);
  lines[at] = parts.join('');
});

const number: Damage = (random, text) => {
  const from = place(random, text);
  const found = /\d+/.exec(text.slice(from, from + 4000));
  if (found === null) return text;
  const at = from + found.index;
  return text.slice(0, at) + random.pick(NUMBERS) + text.slice(at + found[0].length);
};

const DAMAGES: readonly [Damage, ...Damage[]] = [
  field,
  field,
  field,
  number,
  number,
  (random, text) => {
    const at = place(random, text);
    return text.slice(0, at) + String.fromCharCode(random.int(0, 255)) + text.slice(at + 1);
  },
  (random, text) => text.slice(0, place(random, text)),
  (random, text) => {
    const at = place(random, text);
    return text.slice(0, at) + text.slice(at + random.int(1, 40));
  },
  (random, text) => {
    const at = place(random, text);
    return text.slice(0, at) + word(random) + text.slice(at);
  },
  onLines((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at, random) => {
    const other = random.int(0, lines.length - 1);
    [lines[at], lines[other]] = [lines[other] ?? '', lines[at] ?? ''];
  }),
  onLines((lines, at, random) => lines.splice(at, 0, word(random))),
];

/** Most inputs are damaged once: of several damages only the first would be found. */
export function spoil(random: Random, text: string): string {
  let spoilt = text;
  do spoilt = random.pick(DAMAGES)(random, spoilt);
  while (random.chance(0.3));
  return spoilt;
}

export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
export const latin1 = (content: Buffer): string => content.toString('latin1');
