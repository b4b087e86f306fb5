/** `explain` knows every code that is printed: of findings, of the planner, and of errors. */
import { describe, expect, it } from 'vitest';
import { explainCommand } from '../../../src/cli/commands/offline.ts';
import { exitCodeOfFailures } from '../../../src/cli/exit-codes.ts';
import { PAGES, PAGES_OF_FAILURES } from '../../../src/cli/explained.ts';
import { failure, FailureError, type FailureCode } from '../../../src/core/failure.ts';
import { failureText } from '../../../src/report/text/failure-text.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { filesUnder, read } from '../../house/sources.ts';
import { sessionOn } from './session-on.ts';

function said(code?: string): string {
  let out = '';
  explainCommand(
    code,
    sessionOn(SimCluster.create({ seed: 1, nodes: [] }), { out: (t) => (out += t), err: () => undefined }),
  );
  return out;
}

/** What the product gives to a failure or to a finding, read from its text. */
const printed = new Set(
  filesUnder('src', '.ts').flatMap((file) =>
    [...read(file).matchAll(/(?:\bfailure\(\s*|^\s*code: )'([a-z]+(?:-[a-z]+)*)'/gm)].flatMap(
      ([, code]) => code ?? [],
    ),
  ),
);

describe('explain', () => {
  it('has a page of every code that a source file prints', () => {
    expect(printed.size).toBeGreaterThan(60);
    const known = new Set(PAGES.map(({ code }) => code));
    expect([...printed].filter((code) => !known.has(code))).toEqual([]);
  });

  it('has one page of each, and lists them all', () => {
    const codes = PAGES.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(
      said()
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(codes);
  });

  it.each(PAGES_OF_FAILURES)(
    '$code: says what it means, how it comes about and what to do',
    ({ code, title }) => {
      const text = said(code);
      expect(text).toContain(`${code}: ${title}\n`);
      for (const part of ['What it means\n  ', 'How it comes about\n  ', 'What to do\n  1. '])
        expect(text).toContain(part);
      const made = failure(code as FailureCode, 'x');
      expect(text).toContain(`Exit code\n  ${String(exitCodeOfFailures([made]))}\n`);
      expect(failureText([made], false)).toContain(`[${code}]`);
    },
  );

  it('proposes a code for one that is nearly right', () => {
    expect(() => said('node-unreachble')).toThrow(FailureError);
    expect(() => said('node-unreachble')).toThrow(
      /no code "node-unreachble"; did you mean "node-unreachable"\?/,
    );
  });
});
