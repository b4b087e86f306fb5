/**
 * What is wrong with a cluster, for a person, a program and a pull request. Refuses to repair or to rank
 * beyond severity.
 */
import type { Finding } from '../../model/plan.ts';
import { findingsMarkdown } from '../markdown/findings-markdown.ts';
import { findingLines } from './findings-text.ts';
import { prose } from '../markdown/markdown.ts';
import { findingJson, pretty } from '../json/plan-json.ts';
import { printable } from '../printable.ts';
import { palette } from './sgr.ts';
import { tally } from './words.ts';

const MARKDOWN_BYTES = 58_000;
const HEALTHY = 'No disagreement and no fault found.';

export interface DoctorTextOptions {
  readonly colour: boolean;
  readonly verbose?: boolean;
  /** Nodes that could not be read. */
  readonly unread?: readonly string[];
}

export function doctorText(
  cluster: string,
  findings: readonly Finding[],
  { colour, verbose = true, unread = [] }: DoctorTextOptions,
): string {
  const p = palette(colour);
  const title = p.bold(`Cluster ${printable(cluster)}`);
  const missing = unread.length === 0 ? '' : ` Not read, so not judged: ${unread.map(printable).join(', ')}.`;
  if (findings.length === 0)
    return `${title}\n\n${unread.length === 0 ? p.green(HEALTHY) : `${HEALTHY}${missing}`}\n`;
  const sum = p.bold(`Found: ${tally(findings)}.`);
  return `${title}\n\n${findingLines(findings, p, verbose).join('\n')}\n\n${sum}${missing} Nothing was changed.\n`;
}

export const doctorJson = (cluster: string, findings: readonly Finding[]): string =>
  pretty({ formatVersion: 1, cluster, findings: findings.map(findingJson) });

export function doctorMarkdown(cluster: string, findings: readonly Finding[]): string {
  const body = findings.length === 0 ? [HEALTHY] : findingsMarkdown(findings, MARKDOWN_BYTES);
  return `${[`### glusterctl doctor: ${prose(cluster)}`, ...body].join('\n\n')}\n`;
}
