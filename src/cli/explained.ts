/** Every code that is printed, with its page: of findings, of what the planner says, and of failures. */
import { failure } from '../core/failure.ts';
import type { FindingSpec } from '../findings/finding.ts';
import { FINDINGS } from '../findings/index.ts';
import { PLANNER_CODES } from '../plan/codes.ts';
import { exitCodeOfFailures } from './exit-codes.ts';
import { FAILURE_PAGES, type FailurePage } from './failure-pages.ts';

export interface Page {
  readonly code: string;
  readonly title: string;
  readonly parts: readonly (readonly [title: string, text: string])[];
}

const numbered = (lines: readonly string[]): string =>
  lines.map((line, i) => `${String(i + 1)}. ${line}`).join('\n');

const ofFinding = ({ code, explain }: Pick<FindingSpec, 'code' | 'explain'>): Page => ({
  code,
  title: explain.title,
  parts: [
    ['What it means', explain.meaning],
    ['How it comes about', explain.cause],
    ['What is checked', explain.looksAt],
    ['Repair', explain.repair],
    ['Risk', explain.risk],
    ['By hand', numbered(explain.byHand)],
  ],
});

const ofFailure = (code: keyof typeof FAILURE_PAGES, page: FailurePage): Page => ({
  code,
  title: page.title,
  parts: [
    ['What it means', page.meaning],
    ['How it comes about', page.cause],
    ['What to do', numbered(page.fix)],
    ['Exit code', String(exitCodeOfFailures([failure(code, '')]))],
  ],
});

export const FINDING_PAGES: readonly Page[] = [...FINDINGS, ...PLANNER_CODES].map(ofFinding);

export const PAGES_OF_FAILURES: readonly Page[] = Object.entries(FAILURE_PAGES).map(([code, page]) =>
  ofFailure(code as keyof typeof FAILURE_PAGES, page),
);

/** In the order of the alphabet. */
export const PAGES: readonly Page[] = [...FINDING_PAGES, ...PAGES_OF_FAILURES].sort((a, b) =>
  a.code < b.code ? -1 : 1,
);
