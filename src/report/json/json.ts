/** What all documents for programs share: how they are laid out, and a finding. */
import type { Finding } from '../../model/plan.ts';
import { asciiControls } from '../printable.ts';

export const pretty = (value: unknown): string => `${asciiControls(JSON.stringify(value, null, 2))}\n`;

/** Written out key by key: the order is a promise, and what a maker adds later does not leak. */
export const findingJson = (f: Finding): Record<keyof Finding, unknown> => ({
  code: f.code,
  severity: f.severity,
  subject: f.subject,
  nodes: f.nodes,
  message: f.message,
  evidence: f.evidence,
  remedy: f.remedy,
});
