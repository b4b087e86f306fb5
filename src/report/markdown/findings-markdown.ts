/**
 * Findings for a pull-request comment, evidence folded away, within a size. Refuses to drop one silently:
 * what is cut is counted.
 */
import type { Finding } from '../../model/plan.ts';
import { code, details, fenced, fit, prose } from './markdown.ts';
import { printable } from '../printable.ts';
import { count } from '../../core/text.ts';
import { bySeverity, nodeList, tally } from '../text/words.ts';

const EVIDENCE_BYTES = 4_000;
const SIGN = { error: '❌', warning: '⚠️', info: 'ℹ️' } as const;

export function findingsMarkdown(findings: readonly Finding[], limitBytes: number): string[] {
  if (findings.length === 0) return [];
  const blocks = bySeverity(findings).map(({ cause, effects }) =>
    [oneFinding(cause), ...effects.map(oneEffect)].join('\n\n'),
  );
  const { kept, cut } = fit(blocks, limitBytes);
  return [
    `#### Findings: ${tally(findings)}`,
    ...kept,
    ...(cut > 0 ? [`*${count(cut, 'more finding')} cut for length.*`] : []),
  ];
}

/** A line without a remedy, which is that of the cause. */
const oneEffect = ({ severity, code: name, subject, message }: Finding): string =>
  `- because of it: ${SIGN[severity]} **${severity}** ${code(name)} · ${code(subject)}: ${prose(message)}`;

function oneFinding(finding: Finding): string {
  const where = finding.nodes.length > 0 ? ` on ${prose(nodeList(finding.nodes))}` : '';
  const evidence = fit(finding.evidence.map(printable), EVIDENCE_BYTES);
  const lines = evidence.cut > 0 ? [...evidence.kept, `… and ${String(evidence.cut)} more`] : evidence.kept;
  const kind = `${SIGN[finding.severity]} **${finding.severity}** ${code(finding.code)}`;
  return [
    `${kind} · ${code(finding.subject)}${where}`,
    prose(finding.message),
    ...(finding.remedy === '' ? [] : [`**Remedy:** ${prose(finding.remedy)}`]),
    ...(lines.length === 0 ? [] : [details('Evidence', fenced(lines))]),
  ].join('\n\n');
}
