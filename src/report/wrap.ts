/**
 * Lines that are too long for a terminal, broken between words. Leaves tables and commands whole: a command
 * that is copied with a break in it is another command.
 */

/** Narrower than this, a terminal breaks lines itself. */
const WIDTH_MIN = 60;
const INDENT_MAX = 20;
/** As far as `1. ` goes; below a longer word, what follows stands a little further in. */
const HANG_MAX = 3;

const SGR = /\u001b\[[\d;]*m/g;
const PROGRAMS = 'gluster|glusterctl|ssh|ssh-\\w+|systemctl|setfattr|getfattr|getent|diff|rm|mv|cp|tail|df';
const COMMAND = new RegExp(`^(?:[-*] |\\d+\\. |\\w+: )?(?:(?:${PROGRAMS})\\s|"[^"]*"$)`);
/** A line of a log begins with its time: what follows may be a command. */
const LOG = /^\d\d:\d\d:\d\d\.\d{3} /;
/** Columns of a table, or a picture of something. */
const COLUMNS = /\S {2,}\S.* {2,}\S|\t/;
/** A command in quotes is one word, and so is one that ends the line. */
const WORDS = new RegExp(`(?<=: )(?:${PROGRAMS})\\s.*$|[("]*"[^"]*"\\S*|\\S+`, 'g');
/** Of a list, of a step with its risk, and of what is named first. */
const MARK = /^(?:[-*] |(?<step>\d+\. +(?:!{1,2} +)?)|\w+: )/;

const widthOf = (text: string): number => text.replaceAll(SGR, '').length;

export const wrapped = (text: string, columns: number): string =>
  text
    .split('\n')
    .flatMap((line) => wrapLine(line, Math.max(WIDTH_MIN, columns)))
    .join('\n');

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const plain = line.replaceAll(SGR, '');
  if ([COMMAND, COLUMNS, LOG].some((kind) => kind.test(plain.trimStart()))) return [line];
  const indent = /^ */.exec(plain)?.[0] ?? '';
  const { 0: mark = '', groups } = MARK.exec(plain.trimStart()) ?? {};
  const hang = groups?.['step'] === undefined ? Math.min(mark.length, HANG_MAX) : mark.length;
  const hanging = ' '.repeat(Math.min(INDENT_MAX, indent.length + hang));
  const [head, rest] = cut(line, indent.length + mark.length);
  const lines: string[] = [];
  let current = head;
  let isBegun = false;
  for (const word of rest.match(WORDS) ?? []) {
    const longer = isBegun ? `${current} ${word}` : `${current}${word}`;
    if (isBegun && widthOf(longer) > width) {
      lines.push(current);
      current = `${hanging}${word}`;
    } else current = longer;
    isBegun = true;
  }
  return [...lines, current];
}

/** The first so many columns as they are, with the colours before and in them, and what follows. */
function cut(line: string, columns: number): readonly [string, string] {
  let at = 0;
  for (let seen = 0; seen < columns;) {
    const colour = /^\u001b\[[\d;]*m/.exec(line.slice(at))?.[0];
    at += colour?.length ?? 1;
    if (colour === undefined) seen += 1;
  }
  at += /^(?:\u001b\[[\d;]*m)*/.exec(line.slice(at))?.[0].length ?? 0;
  return [line.slice(0, at), line.slice(at)];
}
