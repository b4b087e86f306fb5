/**
 * gluster answers "Please check log file for details": here glusterd's own words are read from the nodes, and
 * stand below the failure. Changes nothing, and no outcome.
 */
import type { Failure } from '../core/failure.ts';
import type { Event, RunResult } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock, NodeLink } from '../model/node-link.ts';

/** glusterd logs before it answers, and the clocks of two readings differ a little. */
const AROUND_MS = 2_000;
const LINES_OF_NODE_MAX = 3;
const LINES_MAX = 12;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Follows a run: when the step that failed first was begun, and when it failed. */
export class FailedStep {
  readonly #clock: Clock;
  readonly #begun = new Map<string, number>();
  #span: Span | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onEvent(event: Event): void {
    if (event.type !== 'step' || event.phase !== 'commit') return;
    const now = this.#clock.now();
    if (event.status === 'started') this.#begun.set(event.id, now);
    if (event.status === 'failed') this.#span ??= { from: this.#begun.get(event.id) ?? now, to: now };
  }

  /** Undefined: none failed. */
  get span(): Span | undefined {
    return this.#span;
  }
}

const sendsToTheLog = ({ code, cause }: Failure): boolean =>
  code === 'commit-failed' && /\blogs?\b/i.test(cause ?? '');

/** With what the glusterds logged as errors while the step ran, where gluster's answer sends to the log. */
export async function withGlusterdWords(
  result: RunResult,
  span: Span | undefined,
  links: ReadonlyMap<NodeName, NodeLink>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<RunResult> {
  const failed = result.failures.find(sendsToTheLog);
  if (failed === undefined || span === undefined || signal.aborted) return result;
  const said = await Promise.all([...links.values()].map((link) => wordsOf(link, span, { clock, signal })));
  const known = failed.cause ?? '';
  const lines = said.flatMap(({ node, texts }) =>
    texts
      .filter((text) => !known.includes(text))
      .slice(0, LINES_OF_NODE_MAX)
      .map((text) => `${node}, glusterd.log: ${text}`),
  );
  if (lines.length === 0) return result;
  const details = [...(failed.details ?? []), ...lines.slice(0, LINES_MAX)];
  return { ...result, failures: result.failures.map((f) => (f === failed ? { ...f, details } : f)) };
}

async function wordsOf(
  link: NodeLink,
  { from, to }: Span,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly node: NodeName; readonly texts: readonly string[] }> {
  const { node } = link;
  const read = await link.loggedErrors(signal);
  if (!read.ok) return { node, texts: [] };
  const now = clock.now();
  const [least, most] = [now - to - AROUND_MS, now - from + AROUND_MS];
  const within = read.value.filter(({ agoMs }) => agoMs >= least && agoMs <= most);
  return { node, texts: [...new Set(within.map(({ text }) => text))] };
}
