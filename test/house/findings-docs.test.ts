/**
 * docs/findings is generated from the same words as `glusterctl explain`; this keeps it up to date, and `-u`
 * writes it again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDING_PAGES } from '../../src/cli/explained.ts';
import { FINDINGS } from '../../src/findings/index.ts';
import { PLANNER_CODES } from '../../src/plan/codes.ts';
import type { FindingSpec } from '../../src/findings/finding.ts';
import { FAULTS } from '../lab/recover-faults/index.ts';
import type { FindingCase } from '../unit/findings/case.ts';

const EXPLAINED: readonly Pick<FindingSpec, 'code' | 'explain' | 'repair'>[] = [
  ...FINDINGS,
  ...PLANNER_CODES,
];
const page = (name: string): string => new URL(`../../docs/findings/${name}.md`, import.meta.url).pathname;

const transcript = (code: string): string => page(`transcripts/${code}`).replace(/\.md$/, '.txt');

const CASES = new URL('../unit/findings/cases/', import.meta.url);

/** Cases of each kind. */
const counted = new Map<string, number>(
  await Promise.all(
    readdirSync(CASES).map(async (file): Promise<[string, number]> => {
      const cases = (await import(new URL(file, CASES).href)) as { readonly CASES: readonly FindingCase[] };
      return [file.replace(/\.ts$/, ''), cases.CASES.length];
    }),
  ),
);
const inUnit = (code: string): number => counted.get(code) ?? 0;
/** Faults laid on real hosts that doctor has to name so. */
const onHosts = (code: string): number => FAULTS.filter((f) => f.found.some(([c]) => c === code)).length;
const sum = (numbers: readonly number[]): string => String(numbers.reduce((a, b) => a + b, 0));

describe('docs/findings', () => {
  it.each(FINDING_PAGES)('$code', async ({ code, title, parts }) => {
    const text = [`# ${code}\n\n${title}.\n`, ...parts.map(([name, body]) => `## ${name}\n\n${body}\n`)];
    const kept = transcript(code);
    if (existsSync(kept))
      text.push(`## On real hosts\n\n\`\`\`\n${readFileSync(kept, 'utf8').trimEnd()}\n\`\`\`\n`);
    await expect(text.join('\n')).toMatchFileSnapshot(page(code));
  });

  it('has every code that the page for 3 a.m. sends to', () => {
    const table = readFileSync(page('../troubleshooting'), 'utf8').split('\n## ')[1] ?? '';
    const rows = table.split('\n').filter((line) => line.startsWith('| '));
    const codesIn = (row: string): readonly string[] =>
      [...(row.split(' | ')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code);
    const sent = rows.flatMap(codesIn);
    const known = EXPLAINED.map((e) => e.code);
    expect(sent.length).toBeGreaterThan(20);
    expect(sent.filter((code) => !known.includes(code))).toEqual([]);
  });

  it('has a table of all codes', async () => {
    const rows = EXPLAINED.map(
      ({ code, explain, repair }) =>
        `| [${code}](${code}.md) | ${explain.title} | ${repair === undefined ? 'explained' : 'yes'} | ` +
        `${String(inUnit(code))} | ${String(onHosts(code))} |`,
    );
    const kinds = FINDINGS.map((f) => f.code);
    const real = kinds.filter((code) => onHosts(code) > 0);
    const text = [
      '# All findings',
      '',
      'Causes before effects, as `glusterctl doctor` prints them. ' +
        '`glusterctl explain CODE` says the same as each page.',
      '',
      `${String(kinds.length)} kinds are found in a cluster. ${sum(kinds.map(inUnit))} cases say what each ` +
        `is, and what \`recover\` does about it; ${String(FAULTS.length)} faults, ` +
        `of ${String(real.length)} of the kinds, ` +
        'are laid on real GlusterFS hosts by `npm run test:lab`. The rest are codes of plans.',
      '',
      '| code | what it says | `recover` repairs it | cases | on real hosts |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(page('README'));
  });
});
