/**
 * The one table of output formats: what each can print, and who prints it. A new format is a line here, and a
 * file of renderers in `report/`; what `--format` offers follows from it. Renderers are loaded when they are
 * called.
 */
import type { Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import type { ClusterStatus } from '../model/status.ts';
import type { PastTransaction } from '../model/transaction.ts';
import type { Terminal } from '../report/terminal.ts';
import type { NodeLockState, ReleaseAnswer } from '../report/text/lock-text.ts';
import type { ChangeView } from './change-views.ts';

/** What a person may choose besides the format; programs get everything, without colour. */
interface Style {
  readonly colour: boolean;
  readonly verbose?: boolean;
  /** How long `apply` would wait, as `PlanUse` has it. */
  readonly wait?: string;
}

interface Diagnosis {
  readonly cluster: string;
  readonly findings: readonly Finding[];
  /** Nodes that could not be read, each with the reason. */
  readonly unread: readonly Failure[];
  /** Nodes left out: nobody asked them. */
  readonly without: readonly NodeName[];
}

interface Locks {
  readonly cluster: string;
  readonly nodes: readonly NodeLockState[];
  readonly unread: readonly Failure[];
}

interface Released {
  readonly cluster: string;
  readonly answers: readonly ReleaseAnswer[];
}

interface History {
  readonly cluster: string;
  readonly list: readonly PastTransaction[];
}

interface Past {
  readonly cluster: string;
  readonly past: PastTransaction;
  readonly steps: readonly Step[];
}

/** Of every kind of document; a format may leave some out. */
interface Renderers {
  readonly plan: (plan: Plan, style: Style) => Promise<string>;
  readonly status: (status: ClusterStatus, style: Style) => Promise<string>;
  readonly doctor: (diagnosis: Diagnosis, style: Style) => Promise<string>;
  readonly locks: (locks: Locks, style: Style) => Promise<string>;
  readonly released: (released: Released) => Promise<string>;
  readonly history: (history: History, style: Style) => Promise<string>;
  readonly past: (past: Past, style: Style) => Promise<string>;
  readonly change: (terminal: Terminal) => Promise<ChangeView>;
}

export type Document = keyof Renderers;

const text: Renderers = {
  plan: async (plan, style) => (await import('../report/text/plan-text.ts')).planText(plan, style),
  status: async (status, style) => (await import('../report/text/status-text.ts')).statusText(status, style),
  doctor: async ({ cluster, findings, unread, without }, style) =>
    (await import('../report/text/doctor-text.ts')).doctorText(cluster, findings, {
      ...style,
      unread: [...unread.flatMap((f) => f.node ?? []), ...without],
    }),
  locks: async ({ cluster, nodes, unread }, style) =>
    (await import('../report/text/lock-text.ts')).lockText(cluster, nodes, {
      ...style,
      unread: unread.flatMap((f) => f.node ?? []),
    }),
  released: async ({ answers }) => (await import('../report/text/lock-text.ts')).releasedText(answers),
  history: async ({ cluster, list }, style) =>
    (await import('../report/text/history-text.ts')).historyText(cluster, list, style),
  past: async ({ cluster, past, steps }, style) =>
    (await import('../report/text/history-text.ts')).pastText(cluster, past, steps, style),
  change: async (terminal) => (await import('./change-views.ts')).textChange(terminal),
};

const json: Renderers = {
  plan: async (plan) => (await import('../report/json/plan-json.ts')).planJson(plan),
  status: async (status) => (await import('../report/json/status-json.ts')).statusJson(status),
  doctor: async ({ cluster, findings, unread, without }) =>
    (await import('../report/json/doctor-json.ts')).doctorJson(cluster, findings, unread, without),
  locks: async ({ cluster, nodes, unread }) =>
    (await import('../report/json/lock-json.ts')).lockJson(cluster, nodes, unread),
  released: async ({ cluster, answers }) =>
    (await import('../report/json/lock-json.ts')).releasedJson(cluster, answers),
  history: async ({ cluster, list }) =>
    (await import('../report/json/history-json.ts')).historyJson(cluster, list),
  past: async ({ cluster, past, steps }) =>
    (await import('../report/json/history-json.ts')).pastJson(cluster, past, steps),
  change: async (terminal) => (await import('./change-views.ts')).jsonChange(terminal),
};

const markdown: Pick<Renderers, 'plan' | 'doctor'> = {
  plan: async (plan, { wait }) =>
    (await import('../report/markdown/plan-markdown.ts')).planMarkdown(plan, {
      ...(wait !== undefined && { wait }),
    }),
  doctor: async ({ cluster, findings, unread, without }) =>
    (await import('../report/markdown/doctor-markdown.ts')).doctorMarkdown(
      cluster,
      findings,
      unread,
      without,
    ),
};

export const FORMATS = { text, json, markdown } satisfies Readonly<Record<string, Partial<Renderers>>>;

type Formats = typeof FORMATS;

/** The formats in which this document can be printed. */
export type FormatOf<D extends Document> = {
  [F in keyof Formats]: D extends keyof Formats[F] ? F : never;
}[keyof Formats];

export const formatsOf = (document: Document): readonly string[] =>
  Object.entries(FORMATS).flatMap(([format, renderers]) => (document in renderers ? [format] : []));
