/** The screen of a terminal as a picture: text with colours in, SVG out. Knows the few colours we use. */

const COLUMN = 8.4;
const ROW = 18;
const MARGIN = 14;
const PAPER = '#1b1f24';
const INK = '#d7dce1';
const DIM = '#8b949e';
/** Red to cyan, as SGR counts them. */
const COLOURS = ['#6e7681', '#ff7b72', '#5fd38a', '#e3b341', '#79b8ff', '#d2a8ff', '#76e3ea', '#d7dce1'];

interface Style {
  readonly ink: string;
  readonly isBold: boolean;
}

const PLAIN: Style = { ink: INK, isBold: false };

function styled(before: Style, codes: string): Style {
  return codes.split(';').reduce((style, word): Style => {
    const code = Number(word);
    if (code === 0) return PLAIN;
    if (code === 1) return { ...style, isBold: true };
    if (code === 2) return { ...style, ink: DIM };
    if (code === 22) return { ...style, isBold: false, ink: style.ink === DIM ? INK : style.ink };
    if (code === 39) return { ...style, ink: INK };
    const colour = COLOURS[code >= 90 ? code - 90 : code - 30];
    return colour === undefined ? style : { ...style, ink: colour };
  }, before);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function svgOf(screen: string, columns: number): string {
  const lines = screen.trimEnd().split('\n');
  let style = PLAIN;
  const texts = lines.map((line, row) => {
    let column = 0;
    const parts = line.split(/\u001b\[([\d;]*)m/).map((part, i) => {
      if (i % 2 === 1) {
        style = styled(style, part === '' ? '0' : part);
        return '';
      }
      const at = column;
      column += part.length;
      if (part.trim() === '') return '';
      const blanks = part.length - part.trimStart().length;
      const x = (MARGIN + (at + blanks) * COLUMN).toFixed(1);
      const bold = style.isBold ? ' font-weight="bold"' : '';
      const ink = style.ink === INK ? '' : ` fill="${style.ink}"`;
      return `<tspan x="${x}"${ink}${bold}>${escaped(part.trim())}</tspan>`;
    });
    const y = String(MARGIN + (row + 1) * ROW - 5);
    const text = parts.join('');
    return text === '' ? '' : `<text y="${y}">${text}</text>\n`;
  });
  const [width, height] = [2 * MARGIN + columns * COLUMN, 2 * MARGIN + lines.length * ROW];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${String(height)}" ` +
    `width="${width.toFixed(0)}" font-family="ui-monospace, Menlo, Consolas, monospace" ` +
    `font-size="14" fill="${INK}" xml:space="preserve">\n` +
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>\n${texts.join('')}</svg>\n`
  );
}
