/**
 * Lines that are too long for a terminal, broken between words. Leaves tables and commands whole: a command
 * that is copied with a break in it is another command.
 */

/** Narrower than this, a terminal breaks lines itself. */
const WIDTH_MIN = 60;
const INDENT_MAX = 20;
/** As far as `1. ` goes; below a longer one, what follows stands a little further in. */
const MARK_MAX = 3;

const SGR = /\u001b\[[\d;]*m/g;
const PROGRAMS = 'gluster|glusterctl|ssh|ssh-\\w+|systemctl|setfattr|getfattr|getent|diff|rm|mv|cp|tail|df';
const COMMAND = new RegExp(`^(?:[-*] |\\d+\\. |\\w+: )?"?(?:${PROGRAMS})\\s`);
/** Columns of a table, or a picture of something. */
const COLUMNS = /\S {2,}\S.* {2,}\S|\t/;
/** A command in quotes is one word, and so is one that ends the line. */
const WORDS = new RegExp(`(?<=: )(?:${PROGRAMS})\\s.*$|[("]*"[^"]*"\\S*|\\S+`, 'g');
/** Of a list, and of what is named first. */
const MARK = /^(?:[-*] |\d+\. |\w+: )/;

const widthOf = (text: string): number => text.replaceAll(SGR, '').length;

export const wrapped = (text: string, columns: number): string =>
  text
    .split('\n')
    .flatMap((line) => wrapLine(line, Math.max(WIDTH_MIN, columns)))
    .join('\n');

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const plain = line.replaceAll(SGR, '');
  if (COMMAND.test(plain.trimStart()) || COLUMNS.test(plain.trimStart())) return [line];
  const indent = /^ */.exec(plain)?.[0] ?? '';
  const mark = MARK.exec(plain.trimStart())?.[0] ?? '';
  const hanging = ' '.repeat(Math.min(INDENT_MAX, indent.length + Math.min(mark.length, MARK_MAX)));
  const lines: string[] = [];
  let current = '';
  for (const word of line.trimStart().match(WORDS) ?? []) {
    const start = lines.length === 0 ? indent : hanging;
    const longer = current === '' ? `${start}${word}` : `${current} ${word}`;
    if (current !== '' && widthOf(longer) > width) {
      lines.push(current);
      current = `${hanging}${word}`;
    } else current = longer;
  }
  return [...lines, current];
}
