/** What is wrong with a cluster, for a pull request. */
import type { Finding } from '../../model/plan.ts';
import { HEALTHY } from '../text/doctor-text.ts';
import { findingsMarkdown } from './findings-markdown.ts';
import { prose } from './markdown.ts';

/** GitHub takes 65,536 characters; what is around it needs some. */
const MARKDOWN_BYTES = 58_000;

export function doctorMarkdown(cluster: string, findings: readonly Finding[]): string {
  const body = findings.length === 0 ? [HEALTHY] : findingsMarkdown(findings, MARKDOWN_BYTES);
  return `${[`### glusterctl doctor: ${prose(cluster)}`, ...body].join('\n\n')}\n`;
}
