/** The list of finding kinds is complete, and each is explained. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../../src/findings/index.ts';

/** What lies beside the kinds: the contract, the list, and what kinds share. */
const NO_KIND = ['finding', 'index', 'shared'];
const folder = new URL('../../../src/findings', import.meta.url).pathname;

describe('the list of findings', () => {
  it('names every file of the folder once, and nothing else', () => {
    const files = readdirSync(folder)
      .map((f) => f.replace(/\.ts$/, ''))
      .filter((f) => !NO_KIND.includes(f));
    expect(FINDINGS.map((f) => f.code).sort()).toEqual(files.sort());
  });

  it.each(FINDINGS.map((f) => [f.code, f] as const))('%s is explained in full', (code, { explain }) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const { byHand, ...texts } = explain;
    for (const text of Object.values(texts)) expect(text.length).toBeGreaterThan(4);
    for (const text of [explain.meaning, explain.cause, explain.looksAt, explain.repair, explain.risk])
      expect(text).toMatch(/\.$/);
    expect(byHand.length).toBeGreaterThan(0);
  });
});
