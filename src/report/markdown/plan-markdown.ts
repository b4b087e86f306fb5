/**
 * A plan as a comment on a pull request: the sum on top, long parts folded, within a comment's size. Refuses
 * markup from nodes or files: everything that is not ours is escaped.
 */
import type { Plan, Step, SubjectDiff } from '../../model/plan.ts';
import { findingsMarkdown } from './findings-markdown.ts';
import { code, details, fenced, fit, prose } from './markdown.ts';
import { planCautions, planSummary, type PlanUse } from '../text/plan-words.ts';
import { diffView } from '../text/subject-diff.ts';
import { count } from '../../core/text.ts';
import { nodeList, undoWords } from '../text/words.ts';

/** GitHub takes 65 536 characters; the shares leave room for headings and notes. */
const FINDINGS_BYTES = 18_000;
const DIFFS_BYTES = 22_000;
const ONE_DIFF_BYTES = 12_000;
const STEPS_BYTES = 18_000;
/** Steps that follow repairs, which have used up their own share. */
const LATER_BYTES = 4_000;
const OPEN_LINES_MAX = 30;
const CELL_CHARACTERS_MAX = 600;

export function planMarkdown(plan: Plan, use: PlanUse = {}): string {
  const isRepair = plan.isRepair === true;
  const blocks = [
    `### glusterctl plan: ${prose(plan.cluster)}`,
    `**${planSummary(plan, use)}**`,
    ...(plan.running ?? []).map((what) => `> Running: ${prose(what)}`),
    ...planCautions(plan, use).map((line) => `> ${prose(line)}`),
    ...findingsMarkdown(plan.findings, FINDINGS_BYTES),
    ...(isRepair ? stepBlocks(plan.steps, { title: 'Repairs first' }) : []),
    ...diffBlocks(plan.diffs),
    ...(isRepair ? [] : stepBlocks(plan.steps, { title: 'Steps' })),
    ...stepBlocks(plan.later ?? [], { title: 'Then, as far as can be seen now', from: plan.steps.length }),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function diffBlocks(diffs: readonly SubjectDiff[]): string[] {
  if (diffs.length === 0) return [];
  const { kept, cut } = fit(diffs.map(oneDiff), DIFFS_BYTES);
  return [
    '#### Changes',
    ...kept,
    ...(cut > 0 ? [`*${count(cut, 'more changed subject')} cut for length.*`] : []),
  ];
}

function oneDiff(diff: SubjectDiff): string {
  const { change, lines } = diffView(diff);
  const head = change === 'changed' ? code(diff.subject) : `${code(diff.subject)} (${change})`;
  const { kept, cut } = fit(
    lines.map((line) => line.text),
    ONE_DIFF_BYTES,
  );
  const body = fenced(kept, 'diff');
  const note = cut > 0 ? `\n\n*${count(cut, 'more line')} cut for length.*` : '';
  return lines.length > OPEN_LINES_MAX
    ? `${head}\n\n${details(count(lines.length, 'line'), body + note)}`
    : `${head}\n\n${body}${note}`;
}

const RISK = { safe: 'safe', disruptive: '⚠️ disruptive', destructive: '🛑 **destructive**' } as const;

function stepBlocks(
  steps: readonly Step[],
  { title, from = 0 }: { readonly title: string; readonly from?: number },
): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map((step, i) => stepRow(step, from + i));
  const { kept, cut } = fit(rows, from === 0 ? STEPS_BYTES : LATER_BYTES);
  const table = ['| # | Step | Nodes | Risk | Undo |', '|--:|---|---|---|---|', ...kept].join('\n');
  const note = cut > 0 ? [`*${count(cut, 'more step')} cut for length; the sum above counts them.*`] : [];
  const long = kept.length > OPEN_LINES_MAX;
  return [`#### ${title}`, long ? details(count(steps.length, 'step'), table) : table, ...note];
}

const stepRow = (step: Step, i: number): string => {
  const what = `**${cell(step.summary)}**<br>${cell(step.reason)}`;
  const cells = [String(i + 1), what, prose(nodeList(step.nodes)), RISK[step.risk], cell(undoWords(step))];
  return `| ${cells.join(' | ')} |`;
};

/** One table cell must not use up the room of all. */
const cell = (text: string): string =>
  prose(text.length > CELL_CHARACTERS_MAX ? `${text.slice(0, CELL_CHARACTERS_MAX)}…` : text);
