/**
 * docs/findings is generated from the same words as `glusterctl explain`; this keeps it up to date, and `-u`
 * writes it again.
 */
import { describe, expect, it } from 'vitest';
import { FINDINGS } from '../../src/findings/index.ts';
import { PLANNER_CODES } from '../../src/plan/codes.ts';
import type { FindingSpec } from '../../src/findings/finding.ts';

const EXPLAINED: readonly Pick<FindingSpec, 'code' | 'explain' | 'repair'>[] = [
  ...FINDINGS,
  ...PLANNER_CODES,
];
const page = (name: string): string => new URL(`../../docs/findings/${name}.md`, import.meta.url).pathname;

describe('docs/findings', () => {
  it.each(EXPLAINED)('$code', async ({ code, explain }) => {
    const part = (title: string, text: string): string => `## ${title}\n\n${text}\n`;
    const text = [
      `# ${code}\n\n${explain.title}.\n`,
      part('What it means', explain.meaning),
      part('How it comes about', explain.cause),
      part('What is checked', explain.looksAt),
      part('Repair', explain.repair),
      part('Risk', explain.risk),
      part('By hand', explain.byHand.map((line, i) => `${String(i + 1)}. ${line}`).join('\n')),
    ].join('\n');
    await expect(text).toMatchFileSnapshot(page(code));
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
