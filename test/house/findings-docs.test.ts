/**
 * docs/findings is generated from the same words as `glusterctl explain`; this keeps it up to date, and `-u`
 * writes it again.
 */
import { describe, expect, it } from 'vitest';
import { FINDING_PAGES } from '../../src/cli/explained.ts';
import { FINDINGS } from '../../src/findings/index.ts';
import { PLANNER_CODES } from '../../src/plan/codes.ts';
import type { FindingSpec } from '../../src/findings/finding.ts';

const EXPLAINED: readonly Pick<FindingSpec, 'code' | 'explain' | 'repair'>[] = [
  ...FINDINGS,
  ...PLANNER_CODES,
];
const page = (name: string): string => new URL(`../../docs/findings/${name}.md`, import.meta.url).pathname;

describe('docs/findings', () => {
  it.each(FINDING_PAGES)('$code', async ({ code, title, parts }) => {
    const text = [`# ${code}\n\n${title}.\n`, ...parts.map(([name, body]) => `## ${name}\n\n${body}\n`)];
    await expect(text.join('\n')).toMatchFileSnapshot(page(code));
  });

  it('has a table of all codes', async () => {
    const rows = EXPLAINED.map(
      ({ code, explain, repair }) =>
        `| [${code}](${code}.md) | ${explain.title} | ${repair === undefined ? 'explained' : 'yes'} |`,
    );
    const text = [
      '# All findings',
      '',
      'Causes before effects, as `glusterctl doctor` prints them. ' +
        '`glusterctl explain CODE` says the same as each page.',
      '',
      '| code | what it says | `recover` repairs it |',
      '|---|---|---|',
      ...rows,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(page('README'));
  });
});
