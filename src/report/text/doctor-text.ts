/**
 * What is wrong with a cluster, for a person. Refuses to repair or to rank beyond severity.
 */
import type { Finding } from '../../model/plan.ts';
import { findingLines } from './findings-text.ts';
import { printable } from '../printable.ts';
import { palette } from './sgr.ts';
import { tally } from './words.ts';

export const HEALTHY = 'No disagreement and no fault found.';
/** Where a node could not be read, nobody can say that the cluster is well. */
export const UNJUDGED = 'No disagreement and no fault found on the nodes that were read.';

export interface DoctorTextOptions {
  readonly colour: boolean;
  readonly verbose?: boolean;
  /** Nodes that could not be read, and those left out. */
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
    return `${title}\n\n${unread.length === 0 ? p.green(HEALTHY) : p.yellow(`${UNJUDGED}${missing}`)}\n`;
  const sum = p.bold(`Found: ${tally(findings)}.`);
  const lines = findingLines(findings, p, verbose).join('\n');
  return `${title}\n\n${lines}\n\n${sum}${missing} Nothing was changed.\n`;
}
