/**
 * Plans for programs. Owns the order of keys. Leaves out a step's arguments (`args`) and the input of the
 * plan.
 */
import type { Plan, Step } from '../../model/plan.ts';
import { findingJson, pretty } from './json.ts';

export const planJson = (plan: Plan): string =>
  pretty({
    formatVersion: 1,
    cluster: plan.cluster,
    changes: plan.changes,
    ...(plan.without !== undefined && { without: plan.without }),
    findings: plan.findings.map(findingJson),
    steps: [
      ...plan.steps.map((s) => ({ ...stepJson(s), kind: plan.isRepair === true ? 'repair' : 'change' })),
      ...(plan.later ?? []).map((s) => ({ ...stepJson(s), kind: 'change' })),
    ],
    ...(plan.running !== undefined && { running: plan.running }),
    diffs: plan.diffs.map(({ subject, before, after }) => ({ subject, before, after })),
  });

export const stepJson = (s: Step): Record<Exclude<keyof Step, 'args'>, unknown> => ({
  id: s.id,
  action: s.action,
  subject: s.subject,
  nodes: s.nodes,
  risk: s.risk,
  destroys: s.destroys ?? [],
  summary: s.summary,
  reason: s.reason,
  undo: s.undo,
  after: s.after,
});
