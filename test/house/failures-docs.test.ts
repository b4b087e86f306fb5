/**
 * docs/failures is generated from the same words as `glusterctl explain`; this keeps it up to date, and `-u`
 * writes it again.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PAGES_OF_FAILURES } from '../../src/cli/explained.ts';
import { ROOT } from './sources.ts';

const page = (name: string): string => join(ROOT, 'docs/failures', `${name}.md`);

describe('docs/failures', () => {
  it.each(PAGES_OF_FAILURES)('$code', async ({ code, title, parts }) => {
    const text = [`# ${code}\n\n${title}.\n`, ...parts.map(([name, body]) => `## ${name}\n\n${body}\n`)];
    await expect(text.join('\n')).toMatchFileSnapshot(page(code));
  });

  it('has a table of all codes', async () => {
    const exit = (parts: (typeof PAGES_OF_FAILURES)[number]['parts']): string =>
      parts.find(([name]) => name === 'Exit code')?.[1] ?? '';
    const text = [
      '# All errors',
      '',
      'The words in brackets at the end of an error. `glusterctl explain CODE` says the same as each page.',
      'Where several come together, the gravest decides the [exit code](../exit-codes.md).',
      '',
      '| code | what it says | exit code |',
      '|---|---|---|',
      ...PAGES_OF_FAILURES.map(
        ({ code, title, parts }) => `| [${code}](${code}.md) | ${title} | ${exit(parts)} |`,
      ),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(page('README'));
  });

  it('has no page of a code that is no longer there', () => {
    const names = ['README', ...PAGES_OF_FAILURES.map(({ code }) => code)];
    expect(readdirSync(join(ROOT, 'docs/failures')).sort()).toEqual(names.map((n) => `${n}.md`).sort());
  });
});
