/** What is wrong with a cluster, for a pull request; and which nodes that is not known of. */
import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../model/plan.ts';
import { HEALTHY, UNJUDGED } from '../text/doctor-text.ts';
import { findingsMarkdown } from './findings-markdown.ts';
import { code, fit, prose } from './markdown.ts';

/** GitHub takes 65,536 characters; what is around it needs some. */
const MARKDOWN_BYTES = 50_000;
const UNREAD_BYTES = 8_000;

export function doctorMarkdown(
  cluster: string,
  findings: readonly Finding[],
  unread: readonly Failure[] = [],
  without: readonly string[] = [],
): string {
  const healthy = unread.length + without.length === 0 ? HEALTHY : UNJUDGED;
  const body = findings.length === 0 ? [healthy] : findingsMarkdown(findings, MARKDOWN_BYTES);
  const title = `### glusterctl doctor: ${prose(cluster)}`;
  return `${[title, ...unreadBlock(unread, without), ...body].join('\n\n')}\n`;
}

function unreadBlock(unread: readonly Failure[], without: readonly string[]): readonly string[] {
  if (unread.length + without.length === 0) return [];
  const failed = unread.map((f) => {
    const cause = f.cause === undefined ? '' : `: ${prose(f.cause)}`;
    return `- ${prose(f.node ?? '')}: ${prose(f.title)} (${code(f.code)})${cause}`;
  });
  const lines = [...failed, ...without.map((node) => `- ${prose(node)}: left out by the command`)];
  const { kept, cut } = fit(lines, UNREAD_BYTES);
  const more = cut > 0 ? [`- … and ${String(cut)} more`] : [];
  return ['#### Not read, so not judged', [...kept, ...more].join('\n')];
}
