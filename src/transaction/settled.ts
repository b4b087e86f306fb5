/**
 * Waits until every glusterd is settled: until it has brought up what it does by itself. Owns when such a
 * wait is over; needs no lock, and sends no command to a glusterd.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import {
  ATTACH_GRACE_MS,
  contradictory,
  type Glusterds,
  glusterdProcess,
  glusterdsOf,
  isSame,
  isYoung,
  type Joined,
  needsGrace,
  unsettled,
  type Waiting,
} from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { HANDSHAKE_MS, SETTLED_MS } from './limits.ts';
import { type Observer, pollMs } from './observer.ts';

/** How a wait ended. */
export interface Settled {
  /** Read when all was settled, or when the limit was reached. */
  readonly view: View;
  /** What was still waited for when the limit was reached. */
  readonly waiting: readonly Waiting[];
  /** Those that may be given commands: nothing young is still waited for. */
  readonly glusterds: Glusterds;
}

export interface WaitOptions {
  /** Seen to be settled before: the same processes need no grace. */
  readonly before?: Glusterds | undefined;
  /** Started, or out of reach for a while, and not seen settled since. */
  readonly unsettled?: ReadonlySet<NodeName>;
  readonly joined?: () => Joined;
  readonly limitMs?: number;
  /** Called whenever what is waited for changes. */
  readonly onChange?: (waiting: readonly Waiting[]) => void;
  readonly isGivenUp?: () => boolean;
  /** Called with each view that shows something missing. */
  readonly repair?: (view: View) => Promise<void>;
}

export async function waitSettled(observer: Observer, options: WaitOptions = {}): Promise<Settled> {
  const { clock } = observer;
  const { limitMs = SETTLED_MS, onChange, isGivenUp, repair } = options;
  const began = clock.now();
  let last = '[]';
  let quiet: Quiet | undefined;
  let known: ReadonlySet<NodeName> = new Set();
  const unsettledAt = new Map([...(options.unsettled ?? [])].map((node) => [node, began]));
  let view = await observer.current();
  for (;;) {
    const now = clock.now();
    const contradicting = contradictory(view);
    const fresh = [...contradicting].filter((node) => !known.has(node));
    known = contradicting;
    const doubtful = [...inDoubt(fresh), ...unreadIn(unsettledAt, view, options.joined?.(), now)];
    const { waiting, isOver } =
      doubtful.length > 0 ? { waiting: doubtful, isOver: false } : judge(view, options, now - began);
    quiet = waiting.length === 0 ? quietSince(quiet, view, now) : undefined;
    const graceMs = isOver || quiet === undefined ? 0 : quiet.since + ATTACH_GRACE_MS - now;
    const isDone = isOver || (quiet !== undefined && graceMs <= 0);
    const pending = isDone ? [] : waiting.length > 0 ? waiting : graceOf(view, options.joined?.());
    const words = JSON.stringify(pending);
    if (words !== last) onChange?.(pending);
    last = words;
    if (isDone || now - began >= limitMs || isGivenUp?.() === true) {
      const missing = isDone ? waiting : pending;
      return { view, waiting: missing, glusterds: allowed(glusterdsOf(view), missing) };
    }
    if (waiting.length > 0) await repair?.(view);
    const pause = quiet === undefined ? pollMs(now - began) : graceMs;
    await clock.sleep(Math.max(1, Math.min(pause, began + limitMs - now)));
    view = await observer.observe();
  }
}

/** Since when no fact shows anything missing, and of which processes and stores. */
interface Quiet {
  readonly since: number;
  readonly glusterds: Glusterds;
  readonly versions: string;
}

const inDoubt = (nodes: readonly NodeName[]): readonly Waiting[] =>
  nodes.map((node) => ({ node, what: 'glusterd, which systemd says is active', isYoung: true }));

/**
 * Nodes that could not be read, and whose glusterd was not settled when it was last seen: what is not seen is
 * not settled. Not for long: the node may be gone.
 */
function unreadIn(
  seen: Map<NodeName, number>,
  view: View,
  joined: Joined | undefined,
  now: number,
): readonly Waiting[] {
  for (const facts of view.nodes)
    if (isYoung(facts, joined) || glusterdProcess(facts) === undefined) seen.set(facts.node, now);
    else seen.delete(facts.node);
  return [...seen].flatMap(([node, at]) =>
    view.facts(node) === undefined && now - at < HANDSHAKE_MS
      ? [{ node, what: `an answer of ${node}`, isYoung: true }]
      : [],
  );
}

/**
 * Begins again where any process is another one, or a store has another version of a volume: a glusterd that
 * takes a volume over from a peer brings its bricks and daemons up once more.
 */
function quietSince(quiet: Quiet | undefined, view: View, now: number): Quiet {
  const fresh = { since: now, glusterds: glusterdsOf(view), versions: versionsIn(view) };
  const isSameYet = quiet?.versions === fresh.versions && sameAll(quiet.glusterds, fresh.glusterds);
  return isSameYet ? quiet : fresh;
}

const versionsIn = (view: View): string =>
  view.nodes
    .map(({ node, store }) => [
      node,
      ...[...store.volumes].map(([v, { version }]) => `${v} ${String(version)}`),
    ])
    .join();

/** Over, apart from the grace: no fact shows anything missing, or nothing that still comes by itself. */
function judge(
  view: View,
  { before, joined }: WaitOptions,
  waitedMs: number,
): { readonly waiting: readonly Waiting[]; readonly isOver: boolean } {
  const fresh = joined?.();
  const waiting = unsettled(view, fresh);
  const isKnown = before !== undefined && sameAll(before, glusterdsOf(view));
  if (waiting.length === 0)
    return { waiting, isOver: !needsGrace(view, fresh) || (isKnown && (fresh?.size ?? 0) === 0) };
  return { waiting, isOver: waiting.every((w) => !w.isYoung) && (isKnown || waitedMs >= HANDSHAKE_MS) };
}

const graceOf = (view: View, joined: Joined | undefined): readonly Waiting[] =>
  view.nodes
    .filter((facts) => isYoung(facts, joined))
    .map(({ node }) => ({ node, what: 'the self-heal daemon to be attached', isYoung: true }));

const allowed = (glusterds: Glusterds, waiting: readonly Waiting[]): Glusterds => {
  const young = new Set(waiting.filter((w) => w.isYoung).map((w) => w.node));
  return new Map([...glusterds].filter(([node]) => !young.has(node)));
};

const sameAll = (a: Glusterds, b: Glusterds): boolean =>
  a.size === b.size && [...a].every(([node, id]) => b.has(node) && isSame(id, b.get(node)));

/** "node01, node02 for the self-heal daemon of data; node03 for its peer node01". */
export const waitingWords = (waiting: readonly Waiting[]): string =>
  [...new Set(waiting.map((w) => w.what))]
    .map((what) => {
      const nodes = waiting.filter((w) => w.what === what).map((w) => w.node);
      return `${nodes.join(', ')} for ${what}`;
    })
    .join('; ');

export const unsettledFailure = (waiting: readonly Waiting[]): Failure =>
  failure('precondition-failed', 'glusterd is not settled', {
    cause: `it was waited for ${String(SETTLED_MS / 1000)} s: ${waitingWords(waiting)}`,
    fix: 'read /var/log/glusterfs/glusterd.log there, then run it again; nothing was changed',
  });
