/**
 * Waits until every glusterd is settled, and holds the fence behind which commands are given: nothing is
 * asked of a glusterd but of the very process that was seen to be settled. One that has died under the lock
 * is started again at once.
 */
import { err, ok, type Result } from '../core/result.ts';
import type { Phase } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { ProcessId } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import {
  ATTACH_GRACE_MS,
  contradictory,
  type Glusterds,
  glusterdsOf,
  isSame,
  isYoung,
  type Joined,
  needsGrace,
  unsettled,
  type Waiting,
} from '../view/settled.ts';
import { glusterdArgv, type View } from '../view/view.ts';
import { type Context, current, observe, type Observing, pollMs, type Settled } from './context.ts';
import { CRASH_STARTS_MAX, HANDSHAKE_MS, JOIN_MS, SAME_FRESH_MS, SETTLE_MS } from './limits.ts';

export interface WaitOptions {
  /** Seen to be settled before: of the same processes no grace is asked. */
  readonly before?: Glusterds | undefined;
  readonly joined?: () => Joined;
  readonly limitMs?: number;
  /** Told whenever what is waited for changes. */
  readonly tell?: (waiting: readonly Waiting[]) => void;
  readonly isGivenUp?: () => boolean;
  /** Called with each view that shows something missing. */
  readonly mend?: (view: View) => Promise<void>;
}

/** `view` of the answer is one that was read when all was settled, or when the limit was over. */
export async function waitSettled(observing: Observing, options: WaitOptions = {}): Promise<Settled> {
  const { clock } = observing;
  const { limitMs = SETTLE_MS, tell, isGivenUp, mend } = options;
  const began = clock.now();
  let told = '';
  let quiet: Quiet | undefined;
  let known: ReadonlySet<NodeName> = new Set();
  let view = await current(observing);
  for (;;) {
    const now = clock.now();
    const contradicting = contradictory(view);
    const fresh = [...contradicting].filter((node) => !known.has(node));
    known = contradicting;
    const { waiting, isOver } = fresh.length > 0 ? inDoubt(fresh) : judge(view, options, now - began);
    const glusterds = glusterdsOf(view);
    const isQuiet = waiting.length === 0 && (quiet === undefined || sameAll(quiet.glusterds, glusterds));
    quiet = isQuiet ? (quiet ?? { since: now, glusterds }) : undefined;
    const graceMs = isOver || quiet === undefined ? 0 : quiet.since + ATTACH_GRACE_MS - now;
    const isDone = isOver || (quiet !== undefined && graceMs <= 0);
    const owed = isDone ? [] : waiting.length > 0 ? waiting : graceOf(view, options.joined?.());
    const words = JSON.stringify(owed);
    if (words !== (told === '' ? '[]' : told)) tell?.(owed);
    told = words;
    if (isDone || now - began >= limitMs || isGivenUp?.() === true)
      return {
        view,
        waiting: isDone ? waiting : owed,
        glusterds: allowed(glusterds, isDone ? waiting : owed),
      };
    if (waiting.length > 0) await mend?.(view);
    const pause = quiet === undefined ? pollMs(now - began) : graceMs;
    await clock.sleep(Math.max(1, Math.min(pause, began + limitMs - now)));
    view = await observe(observing);
  }
}

/** Since when nothing is missing that shows, of which processes. */
interface Quiet {
  readonly since: number;
  readonly glusterds: Glusterds;
}

const inDoubt = (nodes: readonly NodeName[]): ReturnType<typeof judge> => ({
  waiting: nodes.map((node) => ({ node, what: 'glusterd, which systemd says is active', isYoung: true })),
  isOver: false,
});

/** Over, but for the grace: nothing shows as missing, or nothing that still comes by itself. */
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

/**
 * Under the lock: glusterds that die are started again, and what is waited for is told. Steps that run at
 * once wait together.
 */
export async function awaitSettled(context: Context, phase: Phase): Promise<Settled> {
  while (context.settling !== undefined) {
    const settled = await context.settling;
    if (context.settled !== undefined && context.unsettled.size === 0) return settled;
  }
  context.settling = settle(context, phase).finally(() => (context.settling = undefined));
  return await context.settling;
}

async function settle(context: Context, phase: Phase): Promise<Settled> {
  const started = new Map<NodeName, number>();
  let shown = new Set<NodeName>();
  const tell = (waiting: readonly Waiting[]): void => {
    const nodes = new Set(waiting.map((w) => w.node));
    for (const node of shown)
      if (!nodes.has(node)) context.emit({ type: 'node', phase, node, status: 'done', detail: 'settled' });
    for (const node of nodes) {
      const what = waiting
        .filter((w) => w.node === node)
        .map((w) => w.what)
        .join(', ');
      context.emit({ type: 'node', phase, node, status: 'started', detail: `waiting for ${what}` });
    }
    shown = nodes;
  };
  const startDead = async (view: View): Promise<void> => {
    await Promise.all(
      diedIn(context, view).map(async ({ node, process }) => {
        const count = (started.get(node) ?? 0) + 1;
        started.set(node, count);
        if (count > CRASH_STARTS_MAX) return;
        crashed(context, node, process);
        await context.links
          .get(node)
          ?.perform(
            { kind: 'start-glusterd', argv: context.argv.get(node) ?? [] },
            context.owner.transaction,
          );
        context.seen = undefined;
      }),
    );
  };
  const first = await current(context);
  await startDead(first);
  const settled = await waitSettled(context, {
    before: context.settled,
    joined: () => joinedIn(context),
    tell,
    mend: startDead,
    isGivenUp: () => phase !== 'rollback' && context.signal.aborted,
  });
  adopt(context, settled.view);
  context.settled = settled.glusterds;
  context.joinedAt = undefined;
  context.unsettled.clear();
  for (const { node, isYoung: young } of settled.waiting) if (young) context.unsettled.add(node);
  return settled;
}

/**
 * Every member brings up what belongs to the volumes of the pool, for some seconds after somebody has joined
 * it.
 */
const joinedIn = ({ joinedAt, clock, links }: Context): Joined =>
  joinedAt !== undefined && clock.now() - joinedAt < JOIN_MS ? new Set(links.keys()) : new Set();

/** Of those that ran under the lock: the ones that are gone, though nobody of us has stopped them. */
function diedIn(
  context: Context,
  view: View,
): readonly { readonly node: NodeName; readonly process: ProcessId }[] {
  const now = glusterdsOf(view);
  return [...context.glusterds].flatMap(([node, process]) =>
    now.has(node) && now.get(node) === undefined ? [{ node, process }] : [],
  );
}

/**
 * What runs now is what is compared with from here on; one that is another than before, and not our doing,
 * has crashed.
 */
function adopt(context: Context, view: View): void {
  for (const [node, process] of glusterdsOf(view)) {
    const known = context.glusterds.get(node);
    if (known !== undefined && process !== undefined && !isSame(known, process))
      crashed(context, node, known);
    if (process === undefined || context.stopped.has(node)) continue;
    context.glusterds.set(node, process);
    context.argv.set(node, glusterdArgv(view.facts(node)));
  }
}

function crashed(context: Context, node: NodeName, { pid, startTicks }: ProcessId): void {
  const key = `${node} ${String(pid)} ${String(startTicks)}`;
  if (context.crashes.has(key)) return;
  context.crashes.add(key);
  const message = `glusterd on ${node} (pid ${String(pid)}) ended, and was not stopped by this transaction; it is started again, its bricks are left running`;
  context.emit({ type: 'notice', level: 'warning', message });
}

/** glusterds that are others than those last seen to be settled, each in words. */
export const restartedSince = (context: Context, view: View): readonly string[] =>
  [...glusterdsOf(view)].flatMap(([node, process]) => {
    const known = context.glusterds.get(node);
    return known === undefined || isSame(known, process) ? [] : [`glusterd on ${node} was restarted`];
  });

const asksGlusterd = (op: NodeOp): op is Extract<NodeOp, { kind: 'gluster' | 'launch-brick' }> =>
  op.kind === 'gluster' || op.kind === 'launch-brick';

/**
 * The operation as it may be sent, or why not. A command reaches every member, so each must still be the
 * process that was settled.
 */
export async function fencedBySettled(
  context: Context,
  node: NodeName,
  op: NodeOp,
): Promise<Result<NodeOp, string>> {
  if (!asksGlusterd(op)) return ok(op);
  const { settled } = context;
  const own = settled?.get(node);
  if (settled === undefined || own === undefined || context.unsettled.has(node))
    return err(`glusterd on ${node} is not settled`);
  const others = op.kind === 'gluster' ? [...context.links].filter(([n]) => n !== node) : [];
  const answers = await Promise.all(
    others.map(async ([n, link]) => {
      if (context.unsettled.has(n)) return { n, message: 'glusterd is not settled' };
      if (!settled.has(n)) return undefined;
      const process = settled.get(n);
      const checked = context.checked.get(n);
      if (
        checked !== undefined &&
        checked.process === process &&
        context.clock.now() - checked.at < SAME_FRESH_MS
      )
        return undefined;
      const at = context.clock.now();
      const outcome = await link.perform(
        { kind: 'same-glusterd', glusterd: process },
        context.owner.transaction,
      );
      if (outcome.kind === 'done') context.checked.set(n, { at, process });
      // A node that is out of reach, or fenced, is not this fence's to judge.
      return outcome.kind === 'unsettled' ? { n, message: outcome.message } : undefined;
    }),
  );
  const refused = answers.filter((a) => a !== undefined);
  if (refused.length > 0) return err(refused.map(({ n, message }) => `${n}: ${message}`).join('; '));
  return ok({ ...op, glusterd: own });
}
