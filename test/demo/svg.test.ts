/** A picture has the words of the screen, each in its column, and none of the terminal's codes. */
import { expect, it } from 'vitest';
import { svgOf } from './svg.ts';

it('keeps words, columns and colours', () => {
  const svg = svgOf('\u001b[1mbold\u001b[0m  a < b\n\n    \u001b[31mred\u001b[39m plain\n', 80);
  expect(svg).not.toContain('\u001b');
  expect(svg.match(/<text /g)).toHaveLength(2);
  expect(svg).toContain('font-weight="bold">bold</tspan>');
  expect(svg).toContain('>a &lt; b</tspan>');
  const x = (text: string): number => Number(new RegExp(`x="([\\d.]+)"[^>]*>${text}`).exec(svg)?.[1]);
  expect(x('red') - x('bold')).toBeCloseTo(4 * 8.4);
  expect(x('plain') - x('bold')).toBeCloseTo(8 * 8.4);
  expect(/<tspan[^>]*fill="([^"]+)">red/.exec(svg)?.[1]).not.toBeUndefined();
  expect(/<tspan[^>]*fill=[^>]*>plain/.exec(svg)).toBeNull();
});
