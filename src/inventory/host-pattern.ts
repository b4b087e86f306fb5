/**
 * A host of an inventory as it is written: with a port, with ranges. Owns how many hosts that is; whether
 * each is a host at all is the cluster file's to judge.
 */

interface Hosts {
  readonly names: readonly string[];
  readonly port: number | undefined;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The hosts, or why the pattern cannot be. */
export function hostsOf(pattern: string, max: number): Hosts | string {
  const { base, port } = withoutPort(pattern);
  let names: readonly string[] = [base];
  if (/^\[[0-9A-Fa-f:.]+\]$/.test(base) && base.split(':').length > 3)
    return { names: [base.slice(1, -1)], port };
  while (names[0]?.includes('[') === true) {
    const next: string[] = [];
    for (const name of names) {
      const range = rangeOf(name);
      if (typeof range === 'string') return range;
      if (next.length + range.parts.length > max) return `is more than ${String(max)} hosts`;
      next.push(...range.parts.map((part) => `${range.head}${part}${range.tail}`));
    }
    names = next;
  }
  return { names, port };
}

/** A colon outside of brackets, and the only one, begins a port; an IPv6 address with a port has brackets. */
function withoutPort(pattern: string): { readonly base: string; readonly port: number | undefined } {
  const match = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(pattern);
  return match === null
    ? { base: pattern, port: undefined }
    : { base: match[1] ?? '', port: Number(match[2]) };
}

interface Range {
  readonly head: string;
  readonly parts: readonly string[];
  readonly tail: string;
}

function rangeOf(name: string): Range | string {
  const match = /^([^[]*)\[([^\]]*)\](.*)$/.exec(name);
  const [head = '', inside = '', tail = ''] = match?.slice(1) ?? [];
  const [begin = '', end = '', step = '1', ...more] = inside.split(':');
  if (match === null || !inside.includes(':') || more.length > 0)
    return 'is no range: write [FIRST:LAST] or [FIRST:LAST:STEP]';
  const parts =
    /^\d+$/.test(step) && Number(step) > 0
      ? partsOf(begin === '' ? '0' : begin, end, Number(step))
      : 'has a step that is no number';
  return typeof parts === 'string' ? parts : { head, parts, tail };
}

const RANGE_MAX = 100_000;

function partsOf(begin: string, end: string, step: number): readonly string[] | string {
  const isLetter = (text: string): boolean => text.length === 1 && LETTERS.includes(text);
  if (isLetter(begin) && isLetter(end))
    return counted(LETTERS.indexOf(begin), LETTERS.indexOf(end), step, (n) => LETTERS.charAt(n));
  if (!/^\d+$/.test(begin) || !/^\d+$/.test(end))
    return 'has a range that is neither of numbers nor of letters';
  // With leading zeros, all have as many digits.
  const isPadded = begin.length > 1 && begin.startsWith('0');
  if (isPadded && begin.length !== end.length)
    return 'has a range whose first and last number differ in length';
  return counted(Number(begin), Number(end), step, (n) =>
    isPadded ? String(n).padStart(begin.length, '0') : String(n),
  );
}

function counted(
  from: number,
  to: number,
  step: number,
  text: (n: number) => string,
): readonly string[] | string {
  if (from > to) return 'has a range whose first is after its last';
  if ((to - from) / step > RANGE_MAX) return `is more than ${String(RANGE_MAX)} hosts`;
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => text(from + i * step));
}
