/** The six ways a text is marked on a terminal. Owns the escape codes; with colour off it adds not a byte. */
export type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

export const plain: Paint = (text) => text;

export function palette(colour: boolean): Palette {
  const sgr = (on: number, off: number): Paint =>
    colour ? (text) => (text === '' ? '' : `\u001b[${String(on)}m${text}\u001b[${String(off)}m`) : plain;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}
