/**
 * Findings for a terminal: what, where, the evidence, what to do. Refuses to judge which matter: all are
 * shown.
 */
import type { Finding } from '../../model/plan.ts';
import { printable } from '../printable.ts';
import type { Palette } from './sgr.ts';
import { bySeverity, nodeList, severityPaint } from './words.ts';

const EVIDENCE_LINES = 8;

export function findingLines(findings: readonly Finding[], p: Palette, verbose = false): string[] {
  return bySeverity(findings).flatMap(({ cause, effects }, i) => [
    ...(i > 0 ? [''] : []),
    ...oneFinding(cause, p, verbose),
    ...effects.flatMap((effect) => oneEffect(effect, p, verbose)),
  ]);
}

/** A line without a remedy, which is that of the cause. */
function oneEffect(
  { code, severity, subject, message, evidence }: Finding,
  p: Palette,
  verbose: boolean,
): string[] {
  const what = severityPaint(severity, p)(`${severity}: ${printable(code)}`);
  return [
    `    because of it, ${what} ${p.bold(printable(subject))}: ${printable(message)}`,
    ...(verbose ? evidence.map((line) => p.dim(`      ${printable(line)}`)) : []),
  ];
}

function oneFinding(finding: Finding, p: Palette, verbose: boolean): string[] {
  const paint = severityPaint(finding.severity, p);
  const shown = verbose ? finding.evidence : finding.evidence.slice(0, EVIDENCE_LINES);
  const hidden = finding.evidence.length - shown.length;
  const where = finding.nodes.length > 0 ? p.dim(` (${nodeList(finding.nodes)})`) : '';
  const subject = p.bold(printable(finding.subject));
  return [
    `  ${paint(`${finding.severity}: ${printable(finding.code)}`)} ${subject}${where}`,
    `    ${printable(finding.message)}`,
    ...shown.map((line) => p.dim(`      ${printable(line)}`)),
    ...(hidden > 0 ? [p.dim(`      … and ${String(hidden)} more`)] : []),
    ...(finding.remedy === '' ? [] : [`    remedy: ${printable(finding.remedy)}`]),
  ];
}
