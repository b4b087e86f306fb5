/** What all documents for programs share: how they are laid out, and a finding. */
import type { Failure } from '../../core/failure.ts';
import type { Finding } from '../../model/plan.ts';
import { asciiControls } from '../printable.ts';

export const pretty = (value: unknown): string => `${asciiControls(JSON.stringify(value, null, 2))}\n`;

/** Written out key by key: the order is a promise, and what a maker adds later does not leak. */
export const findingJson = (f: Finding): Record<Exclude<keyof Finding, 'causedBy'>, unknown> => ({
  code: f.code,
  severity: f.severity,
  subject: f.subject,
  nodes: f.nodes,
  message: f.message,
  evidence: f.evidence,
  remedy: f.remedy,
  ...(f.causedBy !== undefined && { causedBy: f.causedBy }),
});

/** A node that could not be read: what the document says does not hold for it. */
export const unreadJson = ({
  node,
  code,
  title,
  cause,
}: Failure): Readonly<Record<string, string | null>> => ({
  node: node ?? null,
  code,
  title,
  cause: cause ?? null,
});
