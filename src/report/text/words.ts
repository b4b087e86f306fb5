/**
 * Small words that all reports share: counts, node lists, durations, orders. Refuses layout, which each
 * report owns.
 */
import { byCause, type Caused } from '../../model/causes.ts';
import type { Finding, Severity, Step } from '../../model/plan.ts';
import { count } from '../../core/text.ts';
import { printable } from '../printable.ts';
import type { Paint, Palette } from './sgr.ts';

const NODES_NAMED_MAX = 3;

/** "node01, node02", or "12 nodes" where names would fill the line. */
export const nodeList = (nodes: readonly string[], namedMax = NODES_NAMED_MAX): string =>
  nodes.length > namedMax ? count(nodes.length, 'node') : nodes.map(printable).join(', ');

/** "0.4 s", "42 s", "3 min 07 s": as exact as a person reads it. */
export function elapsed(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** Causes with their effects: errors first; within a severity as the planner ordered them. */
export const bySeverity = (findings: readonly Finding[]): Caused[] =>
  [...byCause(findings)].sort((a, b) => RANK[a.cause.severity] - RANK[b.cause.severity]);

export const severityPaint = (severity: Severity, p: Palette): Paint =>
  ({ error: p.red, warning: p.yellow, info: p.cyan })[severity];

/** "2 errors, 1 warning", or "" for none. */
export const tally = (findings: readonly Finding[]): string =>
  (['error', 'warning', 'info'] as const)
    .map((severity) => ({ severity, n: findings.filter((f) => f.severity === severity).length }))
    .filter(({ n }) => n > 0)
    .map(({ severity, n }) => (severity === 'info' ? `${String(n)} for information` : count(n, severity)))
    .join(', ');

export const nodesOf = (steps: readonly Step[]): string[] =>
  [...new Set(steps.flatMap((s) => s.nodes))].sort();

export const undoWords = (step: Step): string => step.undo ?? 'by the before-image only';
