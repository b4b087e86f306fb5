/**
 * The state of a run, made of its events, phase by phase: which nodes and steps, since when, how they ended.
 * Takes events in any order, more than once or never; refuses output, which the views own.
 */
import { PHASES, type Event, type Phase } from '../../model/event.ts';

export type RowStatus = 'running' | 'done' | 'failed' | 'unknown';

export interface Row {
  /** A node's name, or what a step does. */
  readonly label: string;
  readonly nodes: readonly string[];
  status: RowStatus;
  detail: string | undefined;
  /** A row may start again (a node does one thing after the other): the last start counts. */
  startedAt: number;
  endedAt: number | undefined;
}

export interface PhaseRun {
  readonly phase: Phase;
  status: RowStatus;
  readonly startedAt: number;
  endedAt: number | undefined;
  readonly nodes: Map<string, Row>;
  readonly steps: Map<string, Row>;
}

export interface Notice {
  readonly level: 'info' | 'warning';
  readonly message: string;
}

export interface RunModel {
  /** In the order of their first events; a phase that never came is absent. */
  readonly phases: Map<Phase, PhaseRun>;
  readonly notices: Notice[];
}

export const emptyRun = (): RunModel => ({ phases: new Map(), notices: [] });

/** Takes in one event. Returns how long its phase, node or step took, if it ended with this event. */
export function take(run: RunModel, event: Event, now: number): number | undefined {
  switch (event.type) {
    case 'phase': {
      const phase = phaseOf(run, event.phase, now);
      setStatus(phase, event.status, now);
      return event.status === 'started' ? undefined : now - phase.startedAt;
    }
    case 'node': {
      const { nodes } = phaseOf(run, event.phase, now);
      const row = rowOf(nodes, event.node, { label: event.node, nodes: [event.node], startedAt: now });
      if (event.status === 'started') row.startedAt = now;
      row.detail = event.detail;
      setStatus(row, event.status, now);
      return event.status === 'started' ? undefined : now - row.startedAt;
    }
    case 'step': {
      const { steps } = phaseOf(run, event.phase, now);
      const row = rowOf(steps, event.id, { label: event.summary, nodes: event.nodes, startedAt: now });
      if (event.status === 'started') row.startedAt = now;
      row.detail = event.message;
      setStatus(row, event.status, now);
      return event.status === 'started' ? undefined : now - row.startedAt;
    }
    case 'notice':
      run.notices.push({ level: event.level, message: event.message });
      return undefined;
  }
}

/** Phases in the order of a run, whatever the order of their events. */
export const inOrder = (run: RunModel): PhaseRun[] =>
  PHASES.flatMap((phase) => {
    const found = run.phases.get(phase);
    return found === undefined ? [] : [found];
  });

function phaseOf(run: RunModel, phase: Phase, now: number): PhaseRun {
  const known = run.phases.get(phase);
  if (known !== undefined) return known;
  const made: PhaseRun = {
    phase,
    status: 'running',
    startedAt: now,
    endedAt: undefined,
    nodes: new Map(),
    steps: new Map(),
  };
  run.phases.set(phase, made);
  return made;
}

function rowOf(rows: Map<string, Row>, key: string, fresh: Pick<Row, 'label' | 'nodes' | 'startedAt'>): Row {
  const known = rows.get(key);
  if (known !== undefined) return known;
  const made: Row = { ...fresh, status: 'running', detail: undefined, endedAt: undefined };
  rows.set(key, made);
  return made;
}

function setStatus(
  item: { status: RowStatus; endedAt: number | undefined },
  status: 'started' | 'done' | 'failed' | 'unknown',
  now: number,
): void {
  item.status = status === 'started' ? 'running' : status;
  item.endedAt = status === 'started' ? undefined : now;
}
