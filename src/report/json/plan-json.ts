/**
 * Plans and events for programs. Owns the order of keys; leaves out what a step was given (`args`) and what
 * the plan was computed from.
 */
import type { Event, RunResult } from '../../model/event.ts';
import type { Finding, Plan, Step } from '../../model/plan.ts';
import { asciiControls } from '../printable.ts';

export const planJson = (plan: Plan): string =>
  pretty({
    formatVersion: 1,
    cluster: plan.cluster,
    changes: plan.changes,
    findings: plan.findings.map(findingJson),
    steps: plan.steps.map(stepJson),
    diffs: plan.diffs.map(({ subject, before, after }) => ({ subject, before, after })),
  });

/** One line, without its end. */
export const eventJson = (event: Event): string => {
  const { type, ...rest } = event;
  return asciiControls(JSON.stringify({ type, ...rest }));
};

/** The last line. */
export const resultJson = ({ outcome, transaction, failures, owed }: RunResult, exitCode: number): string =>
  asciiControls(JSON.stringify({ type: 'result', outcome, exitCode, transaction, failures, owed }));

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

export const stepJson = (s: Step): Record<Exclude<keyof Step, 'args'>, unknown> => ({
  id: s.id,
  action: s.action,
  subject: s.subject,
  nodes: s.nodes,
  risk: s.risk,
  summary: s.summary,
  reason: s.reason,
  undo: s.undo,
  after: s.after,
});
