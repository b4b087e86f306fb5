/** Long lines on a terminal: broken between words, never inside a command, and never a table. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { palette } from '../../../src/report/text/sgr.ts';
import { wrapped } from '../../../src/report/wrap.ts';

const { red, bold } = palette(true);
const LONG =
  'volume data differs on gu2: the copies of gu1 and gu3 have version 7, and the one of gu2 has version 9';

describe('a long line', () => {
  it('is broken between words, with the indent of its text', () => {
    expect(wrapped(`  ${LONG}`, 60)).toBe(
      [
        '  volume data differs on gu2: the copies of gu1 and gu3 have',
        '  version 7, and the one of gu2 has version 9',
      ].join('\n'),
    );
  });

  it('is as wide as the terminal, and at least 60', () => {
    expect(wrapped(LONG, 200)).toBe(LONG);
    expect(wrapped(LONG, 20)).toBe(wrapped(LONG, 60));
  });

  it('counts no colour', () => {
    const coloured = `${red('error')}: ${bold('word')} ${'x'.repeat(46)}`;
    expect(wrapped(coloured, 60)).toBe(coloured);
  });

  it.each([
    `  fix: glusterctl recover ${'cluster-file-with-a-long-name.yaml '.repeat(3)}`,
    `  ssh -p 22 root@node01 ${'word '.repeat(20)}`,
    `node01  connected  ${'10.3  '.repeat(12)}x`,
    `00:38:27.266 node01 gluster --mode=script volume set data ${'network.ping-timeout 21 '.repeat(3)}ok`,
  ])('that is a command or a table stays whole: %s', (line) => {
    expect(wrapped(line, 60)).toBe(line);
  });

  it.each(['  1.    ', '  2. !  ', '  10. !! '])('of a step hangs below its words: %s', (mark) => {
    const [first = '', ...rest] = wrapped(`${mark}${LONG}`, 60).split('\n');
    expect(first.startsWith(`${mark}volume data differs`)).toBe(true);
    expect(rest.map((line) => /^ */.exec(line)?.[0].length)).toEqual(rest.map(() => mark.length));
  });

  it.each([`    ${red(LONG)}`, red(`    ${LONG}`), `  1. ${red('!')}  ${LONG}`])(
    'stands where it stood without its colours: %s',
    (line) => {
      const plain = (text: string): string => text.replaceAll(/\u001b\[[\d;]*m/g, '');
      expect(plain(wrapped(line, 60))).toBe(wrapped(plain(line), 60));
    },
  );

  it('that begins with a command in quotes is broken after it', () => {
    const text =
      '  remedy: "glusterctl recover cluster.yaml"; for a volume that the file does not name: another';
    expect(wrapped(text, 60).split('\n')).toEqual([
      '  remedy: "glusterctl recover cluster.yaml"; for a volume',
      '     that the file does not name: another',
    ]);
  });

  it('keeps a command in quotes together', () => {
    const text = `${'word '.repeat(9)}"glusterctl recover cluster.yaml" puts it right, and nothing else does`;
    expect(wrapped(text, 60)).toContain('\n"glusterctl recover cluster.yaml" puts');
  });

  it('keeps a command at its end together, and hangs below what begins it', () => {
    const text = `  fix: check that the node is up; try by hand: ssh -p 2222 ${'x'.repeat(30)}@node01 true`;
    expect(wrapped(text, 60).split('\n')).toEqual([
      '  fix: check that the node is up; try by hand:',
      `     ssh -p 2222 ${'x'.repeat(30)}@node01 true`,
    ]);
    expect(wrapped(`1. ${LONG}`, 60).split('\n')[1]).toMatch(/^ {3}\S/);
  });

  it('loses no word, adds none, and is never wider than its longest word needs', () => {
    const word = fc.string({ minLength: 1, maxLength: 20 }).filter((w) => !/[\s"]/.test(w));
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 60 }),
        fc.nat(12),
        fc.integer({ min: 1, max: 120 }),
        (words, indent, columns) => {
          const text = `${' '.repeat(indent)}${words.join(' ')}`;
          const lines = wrapped(text, columns).split('\n');
          expect(lines.join(' ').split(/\s+/).filter(Boolean)).toEqual(words);
          const isWhole = lines.length === 1;
          for (const line of lines) expect(isWhole || line.length <= Math.max(60, columns)).toBe(true);
        },
      ),
    );
  });
});
