/**
 * The one table of output formats: what each can print, and who prints it. A format that is new is a line
 * here, and a file of renderers in `report/`; what `--format` offers follows from it. Renderers are loaded
 * when they are called.
 */
import type { Finding, Plan, Step } from '../model/plan.ts';
import type { ClusterStatus } from '../report/status-model.ts';
import type { Terminal } from '../report/terminal.ts';
import type { PastTransaction } from '../report/text/history-text.ts';
import type { NodeLockState } from '../report/text/lock-text.ts';
import type { ChangeView } from './change-views.ts';

/** What a person may choose besides the format; programs get everything, without colour. */
interface Look {
  readonly colour: boolean;
  readonly verbose?: boolean;
}

interface Diagnosis {
  readonly cluster: string;
  readonly findings: readonly Finding[];
  /** Nodes that could not be read. */
  readonly unread: readonly string[];
}

interface Locks {
  readonly cluster: string;
  readonly nodes: readonly NodeLockState[];
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
  readonly plan: (plan: Plan, look: Look) => Promise<string>;
  readonly status: (status: ClusterStatus, look: Look) => Promise<string>;
  readonly doctor: (diagnosis: Diagnosis, look: Look) => Promise<string>;
  readonly locks: (locks: Locks, look: Look) => Promise<string>;
  readonly history: (history: History, look: Look) => Promise<string>;
  readonly past: (past: Past, look: Look) => Promise<string>;
  readonly change: (terminal: Terminal) => Promise<ChangeView>;
}

export type Document = keyof Renderers;

const text: Renderers = {
  plan: async (plan, look) => (await import('../report/text/plan-text.ts')).planText(plan, look),
  status: async (status, look) => (await import('../report/text/status-text.ts')).statusText(status, look),
  doctor: async ({ cluster, findings, unread }, look) =>
    (await import('../report/text/doctor-text.ts')).doctorText(cluster, findings, { ...look, unread }),
  locks: async ({ cluster, nodes }, look) =>
    (await import('../report/text/lock-text.ts')).lockText(cluster, nodes, look),
  history: async ({ cluster, list }, look) =>
    (await import('../report/text/history-text.ts')).historyText(cluster, list, look),
  past: async ({ cluster, past, steps }, look) =>
    (await import('../report/text/history-text.ts')).pastText(cluster, past, steps, look),
  change: async (terminal) => (await import('./change-views.ts')).textChange(terminal),
};

const json: Renderers = {
  plan: async (plan) => (await import('../report/json/plan-json.ts')).planJson(plan),
  status: async (status) => (await import('../report/text/status-text.ts')).statusJson(status),
  doctor: async ({ cluster, findings }) =>
    (await import('../report/text/doctor-text.ts')).doctorJson(cluster, findings),
  locks: async ({ cluster, nodes }) => (await import('../report/text/lock-text.ts')).lockJson(cluster, nodes),
  history: async ({ cluster, list }) =>
    (await import('../report/text/history-text.ts')).historyJson(cluster, list),
  past: async ({ cluster, past, steps }) =>
    (await import('../report/text/history-text.ts')).pastJson(cluster, past, steps),
  change: async (terminal) => (await import('./change-views.ts')).jsonChange(terminal),
};

const markdown: Pick<Renderers, 'plan' | 'doctor'> = {
  plan: async (plan) => (await import('../report/markdown/plan-markdown.ts')).planMarkdown(plan),
  doctor: async ({ cluster, findings }) =>
    (await import('../report/text/doctor-text.ts')).doctorMarkdown(cluster, findings),
};

export const FORMATS = { text, json, markdown } satisfies Readonly<Record<string, Partial<Renderers>>>;

type Formats = typeof FORMATS;

/** The formats in which this document can be printed. */
export type FormatOf<D extends Document> = {
  [F in keyof Formats]: D extends keyof Formats[F] ? F : never;
}[keyof Formats];

export const formatsOf = (document: Document): readonly string[] =>
  Object.entries(FORMATS).flatMap(([format, renderers]) => (document in renderers ? [format] : []));
