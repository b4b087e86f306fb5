/**
 * The live view's rows, computed from the run: what is worth a line now, and in which words. Pure; refuses
 * to draw.
 */
import type { RunModel, Row, RowStatus, PhaseRun } from './run-model.ts';
import { inOrder } from './run-model.ts';
import { characters, printable } from '../printable.ts';
import type { Palette } from '../text/sgr.ts';
import { count } from '../../core/text.ts';
import { elapsed, nodeList } from '../text/words.ts';

export interface ViewRow {
  /** Stable for the same thing, so that a drawn row can be found again. */
  readonly key: string;
  readonly status: RowStatus | 'info' | 'warning';
  readonly title: string;
  readonly rows: readonly ViewRow[];
}

export interface RowContext {
  readonly now: number;
  /** Characters a top row may take. */
  readonly width: number;
  readonly palette: Palette;
  /** The run is over: what still runs sends no more events. */
  readonly over: boolean;
}

/** Thirty rows of nodes would push the phase off the screen; the rest is counted. */
const NODE_ROWS_MAX = 10;
const NOTICES_MAX = 20;
const PHASE_WIDTH = 'post-validate'.length;
const CHILD_INDENT = 2;
/** A long summary leaves at least this share to what happened: where it runs, why it failed. */
const LABEL_SHARE = 0.6;

export function viewRows(run: RunModel, context: RowContext): ViewRow[] {
  const notices = run.notices.slice(-NOTICES_MAX).map(({ level, message }, i): ViewRow => {
    const title = clip(printable(message), context.width);
    return {
      key: `notice:${String(run.notices.length - Math.min(NOTICES_MAX, run.notices.length) + i)}`,
      status: level,
      title,
      rows: [],
    };
  });
  return [...notices, ...inOrder(run).map((phase) => phaseRow(phase, context))];
}

function phaseRow(phase: PhaseRun, context: RowContext): ViewRow {
  const { palette: p, over } = context;
  const status = over && phase.status === 'running' ? 'unknown' : phase.status;
  const steps = [...phase.steps].map(([id, row]) => childRow(`step:${id}`, row, context));
  const words = [tallyOf(phase), ...(status === 'unknown' ? ['not finished'] : []), timeOf(phase, context)];
  const rest = words.filter((word) => word !== '').join('  ');
  return {
    key: phase.phase,
    status,
    title:
      `${phase.phase.padEnd(PHASE_WIDTH)}  ${p.dim(clip(rest, context.width - PHASE_WIDTH - 2))}`.trimEnd(),
    rows: [...steps, ...nodeRows(phase, status, context)],
  };
}

/** A phase that went well needs no line for each node any more. */
function nodeRows(phase: PhaseRun, status: RowStatus, context: RowContext): ViewRow[] {
  const all = [...phase.nodes];
  const quiet = status === 'done' || phase.steps.size > 0;
  const worth = all.filter(([, row]) => row.status !== 'done' || !quiet);
  const failed = worth.filter(([, row]) => row.status === 'failed' || row.status === 'unknown');
  const running = worth.filter(([, row]) => row.status === 'running');
  const done = worth.filter(([, row]) => row.status === 'done');
  const kept =
    status === 'done'
      ? failed
      : [...failed, ...[...running, ...done].slice(0, Math.max(0, NODE_ROWS_MAX - failed.length))];
  const chosen = new Set(kept.map(([name]) => name));
  const shown = worth
    .filter(([name]) => chosen.has(name))
    .map(([name, row]) => childRow(`node:${name}`, row, context));
  const hidden = status === 'done' ? 0 : worth.length - shown.length;
  if (hidden === 0) return shown;
  const more = `and ${count(hidden, 'more node')}`;
  return [
    ...shown,
    { key: 'more', status: context.over ? 'info' : 'running', title: context.palette.dim(more), rows: [] },
  ];
}

function childRow(key: string, row: Row, context: RowContext): ViewRow {
  const { palette: p, over } = context;
  const status = over && row.status === 'running' ? 'unknown' : row.status;
  const isStep = key.startsWith('step:');
  const label = printable(row.label);
  const extra = [
    ...(isStep && row.nodes.length > 0 ? [nodeList(row.nodes)] : []),
    ...(row.detail === undefined || row.detail === '' ? [] : [printable(row.detail)]),
    ...(status === 'unknown' && row.status === 'running' ? ['not finished'] : []),
    ...(status === 'unknown' && row.status === 'unknown' ? ['outcome unknown'] : []),
  ].join('  ');
  const time = timeOf(row, context);
  const room = context.width - CHILD_INDENT - time.length - 2;
  const shownLabel = clip(
    label,
    extra === '' ? room : Math.max(Math.floor(room * LABEL_SHARE), room - characters(extra).length - 2),
  );
  const shownExtra = clip(extra, room - characters(shownLabel).length - 2);
  const parts = [shownLabel, ...(shownExtra === '' ? [] : [p.dim(shownExtra)]), p.dim(time)];
  return { key, status, title: parts.join('  '), rows: [] };
}

/** "3 nodes", "12 steps done, 1 failed". */
function tallyOf(phase: PhaseRun): string {
  const rows = [...phase.steps.values()];
  if (rows.length === 0) return phase.nodes.size === 0 ? '' : count(phase.nodes.size, 'node');
  const n = (status: RowStatus): number => rows.filter((row) => row.status === status).length;
  const parts = [`${count(n('done'), 'step')} done`];
  if (n('failed') > 0) parts.push(`${String(n('failed'))} failed`);
  if (n('unknown') > 0) parts.push(`${String(n('unknown'))} unknown`);
  return parts.join(', ');
}

const timeOf = (item: { startedAt: number; endedAt: number | undefined }, { now }: RowContext): string =>
  elapsed((item.endedAt ?? now) - item.startedAt);

function clip(text: string, width: number): string {
  const all = characters(text);
  if (all.length <= width) return text;
  return width < 2 ? '' : `${all.slice(0, width - 1).join('')}…`;
}
