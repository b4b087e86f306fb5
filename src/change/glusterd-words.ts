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
const LINE_CHARACTERS_MAX = 500;
/** glusterd logs so, as an error, with commands that succeed. */
const USUAL = /^Dict get failed\b/;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Follows a run: when the first of the steps that failed was begun, and when the last one failed. */
export class FailedSteps {
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
    if (event.status === 'failed')
      this.#span = { from: Math.min(this.#span?.from ?? now, this.#begun.get(event.id) ?? now), to: now };
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
  // gluster names the nodes that refused; the cause is what is logged last.
  const isNamed = ({ node }: Words): boolean => known.includes(node);
  const lines = [...said.filter(isNamed), ...said.filter((w) => !isNamed(w))].flatMap(({ node, texts }) =>
    texts
      .filter((text) => !known.includes(text) && !USUAL.test(text))
      .slice(-LINES_OF_NODE_MAX)
      .map((text) => `${node}, glusterd.log: ${text.slice(0, LINE_CHARACTERS_MAX)}`),
  );
  if (lines.length === 0) return result;
  const details = [...(failed.details ?? []), ...lines.slice(0, LINES_MAX)];
  return { ...result, failures: result.failures.map((f) => (f === failed ? { ...f, details } : f)) };
}

interface Words {
  readonly node: NodeName;
  readonly texts: readonly string[];
}

async function wordsOf(
  link: NodeLink,
  { from, to }: Span,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Words> {
  const { node } = link;
  const sentAt = clock.now();
  const read = await link.loggedErrors(signal);
  if (!read.ok) return { node, texts: [] };
  // The node's clock was read between these two.
  const [least, most] = [sentAt - to - AROUND_MS, clock.now() - from + AROUND_MS];
  const within = read.value.filter(({ agoMs }) => agoMs >= least && agoMs <= most);
  return { node, texts: [...new Set(within.map(({ text }) => text))] };
}
