/**
 * A plan for a person at a terminal: what is wrong, what would change, the steps, the sum. Refuses to decide
 * anything.
 */
import type { Plan, Risk, Step, SubjectDiff } from '../../model/plan.ts';
import { findingLines } from './findings-text.ts';
import { planCautions, planSummary, type PlanUse } from './plan-words.ts';
import { printable } from '../printable.ts';
import { palette, plain, type Paint, type Palette } from './sgr.ts';
import { diffView, type DiffLine } from './subject-diff.ts';
import { nodeList, tally, undoWords } from './words.ts';

export interface PlanTextOptions extends PlanUse {
  readonly colour: boolean;
  /** All evidence, and each step's id and what it waits for. */
  readonly verbose?: boolean;
}

export function planText(plan: Plan, { colour, verbose = false, ...use }: PlanTextOptions): string {
  const p = palette(colour);
  const blocks: string[][] = [[p.bold(`Plan for cluster ${printable(plan.cluster)}`)]];
  if (plan.findings.length > 0) {
    blocks.push([`Findings: ${tally(plan.findings)}`], findingLines(plan.findings, p, verbose));
  }
  const { steps, later = [], running = [] } = plan;
  if (plan.isRepair === true) blocks.push(...stepBlocks(steps, p, verbose, { title: 'Repairs first:' }));
  if (plan.diffs.length > 0) {
    blocks.push(['Changes:'], ...plan.diffs.map((diff) => diffLines(diff, p)));
  }
  if (plan.isRepair !== true && steps.length > 0) blocks.push(...stepBlocks(steps, p, verbose));
  if (later.length > 0) blocks.push(...stepBlocks(later, p, verbose, { title: THEN, from: steps.length }));
  if (running.length > 0)
    blocks.push(
      ['Running:'],
      running.map((what) => `  ${printable(what)}`),
    );
  blocks.push([p.bold(planSummary(plan, use)), ...planCautions(plan, use).map((line) => p.yellow(line))]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const THEN = 'Then, as far as can be seen now:';

const CHANGE_WORDS = { new: ' (new)', removed: ' (removed)', changed: '' } as const;

function diffLines(diff: SubjectDiff, p: Palette): string[] {
  const view = diffView(diff);
  const paints: Record<DiffLine['kind'], Paint> = {
    hunk: p.cyan,
    added: p.green,
    removed: p.red,
    same: plain,
  };
  return [
    `  ${p.bold(printable(diff.subject))}${CHANGE_WORDS[view.change]}`,
    ...view.lines.map((line) => `    ${paints[line.kind](line.text)}`.trimEnd()),
  ];
}

/** A heading, then a block for each step, numbered; `from`: how many there were before these. */
export function stepBlocks(
  steps: readonly Step[],
  p: Palette,
  verbose: boolean,
  { title = 'Steps:', from = 0 }: { readonly title?: string; readonly from?: number } = {},
): readonly string[][] {
  const width = String(from + steps.length).length;
  return [[title], ...steps.map((step, i) => stepLines(step, from + i + 1, width, p, verbose))];
}

const RISK_MARK: Record<Risk, string> = { safe: '  ', disruptive: '! ', destructive: '!!' };

function stepLines(step: Step, number: number, width: number, p: Palette, verbose: boolean): string[] {
  const paint = { safe: plain, disruptive: p.yellow, destructive: p.red }[step.risk];
  const indent = ' '.repeat(width + 7);
  const risk = step.risk === 'safe' ? '' : paint(` (${step.risk})`);
  const ids = step.after.length > 0 ? `${step.id}, after ${step.after.join(', ')}` : step.id;
  const mark = `${String(number).padStart(width)}. ${paint(RISK_MARK[step.risk])}`;
  return [
    `  ${mark} ${p.bold(printable(step.summary))}${risk}`,
    `${indent}on ${nodeList(step.nodes, verbose ? Infinity : undefined)}`,
    `${indent}reason: ${printable(step.reason)}`,
    `${indent}undo: ${printable(undoWords(step))}`,
    ...(verbose ? [p.dim(`${indent}id: ${printable(ids)}`)] : []),
  ];
}
