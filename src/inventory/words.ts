/** Lines of an INI inventory cut into words, as Python's shlex does it: quotes, backslashes, comments. */

export interface Word {
  readonly text: string;
  /** 1-based. */
  readonly column: number;
}

/** The words, or why the line has none. */
export function wordsOf(
  line: string,
  hasComments = true,
): readonly Word[] | { readonly problem: string; readonly column: number } {
  const words: Word[] = [];
  let text: string | undefined;
  let start = 0;
  const end = (): void => {
    if (text !== undefined) words.push({ text, column: start + 1 });
    text = undefined;
  };
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (/\s/.test(c)) {
      end();
      continue;
    }
    if (c === '#' && hasComments) break;
    if (text === undefined) [text, start] = ['', i];
    if (c === '\\') {
      if (i + 1 >= line.length) return { problem: 'ends with a backslash', column: i + 1 };
      text += line.charAt(++i);
    } else if (c === '"' || c === "'") {
      const closed = quotedPart(line, i);
      if (closed === undefined) return { problem: 'has a quote that is not closed', column: i + 1 };
      text += closed.text;
      i = closed.end;
    } else text += c;
  }
  end();
  return words;
}

function quotedPart(line: string, from: number): { readonly text: string; readonly end: number } | undefined {
  const quote = line.charAt(from);
  let text = '';
  for (let i = from + 1; i < line.length; i++) {
    const c = line.charAt(i);
    if (c === quote) return { text, end: i };
    const next = line.charAt(i + 1);
    if (quote === '"' && c === '\\' && (next === '"' || next === '\\')) {
      text += next;
      i++;
    } else text += c;
  }
  return undefined;
}
