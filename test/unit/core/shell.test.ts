/** Whatever a word holds, the shell hands it on unchanged: tried on the shells themselves. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embed, lines, quote, raw, sh } from '../../../src/core/shell.ts';

const SHELLS = ['dash', 'bash'].filter((name) => spawnSync(name, ['-c', ':']).status === 0);
const HOSTILE = [
  '',
  ' ',
  "'",
  "'\\''",
  '"',
  '$(id)',
  '`id`',
  '$HOME',
  ';',
  '&',
  '|',
  '*',
  '~',
  '-n',
  '\\',
  '\n',
  '\t',
  '!',
  '#',
  '=',
  '{a,b}',
  'ü',
  '\u0001',
  '${x}',
];

const echoed = (shell: string, words: readonly string[]): readonly string[] => {
  const script = sh`for w in ${words}; do printf '%s\0' "$w"; done`;
  const { stdout } = spawnSync(shell, ['-s'], { input: script, encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
};

describe.each(SHELLS)('%s', (shell) => {
  it('hands hostile words on unchanged', () => {
    expect(echoed(shell, HOSTILE)).toEqual(HOSTILE);
  });

  it('hands any words on unchanged', () => {
    const word = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .filter((s) => !s.includes('\0') && Buffer.from(s).toString() === s);
    fc.assert(
      fc.property(fc.array(word, { minLength: 50, maxLength: 200 }), (words) => {
        expect(echoed(shell, words)).toEqual(words);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a script', () => {
  it('quotes values, keeps its own text, and takes a parameter expansion as the shell writes it', () => {
    expect(sh`rm -- ${'a b'} ${['x', "y'z"]} ${3} \${p%/*}`).toBe(`rm -- 'a b' x 'y'\\''z' 3 \${p%/*}`);
    expect(sh`${raw`f() { :; }`}; ${embed(lines(sh`a ${'$x'}`, sh`b`))}`).toBe("f() { :; }; a '$x'\nb");
  });

  it('refuses what no program can be given', () => {
    expect(() => quote('a\0b')).toThrow('NUL');
  });
});
