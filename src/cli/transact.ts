/**
 * What `apply` and `recover` share: the owner record, the question, the live view around a transaction, and
 * the settling of what a dead controller left.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { failure, type Failure } from '../core/failure.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Desired } from '../model/desired.ts';
import type { Event, Outcome, RunResult } from '../model/event.ts';
import type { LockOwner } from '../model/observed.ts';
import { lockedFailure } from '../model/locked.ts';
import { eventJson, resultJson } from '../report/json/plan-json.ts';
import { printable } from '../report/printable.ts';
import { catalogueIn } from '../observe/observe-all.ts';
import { resultText } from '../report/text/result-text.ts';
import { createRunView } from '../report/progress/run-view.ts';
import { type Context, type Goal, type Observing, type Settled, unseen } from '../transaction/context.ts';
import { SETTLE_MS } from '../transaction/limits.ts';
import { unsettledFailure } from '../transaction/run.ts';
import { waitingWords, waitSettled } from '../transaction/settled.ts';
import { DIRECTION, finishUnfinished, type Unfinished, unfinishedIn } from '../transaction/unfinished.ts';
import type { Glusterds, Waiting } from '../view/settled.ts';
import { makeView, type View } from '../view/view.ts';
import { exitCodeOf } from './exit-codes.ts';
import { commandLine, conversation, exitWith, identity, inputIsTty } from './process.ts';
import { openAny, type Session } from './session.ts';

export interface RunFlags {
  readonly format: 'text' | 'json';
  readonly yes?: boolean;
}

export interface Run {
  readonly desired: Desired;
  readonly flags: RunFlags;
  readonly session: Session;
}

/** Prints the last words and sets the exit code. */
export function finish(
  result: RunResult,
  { flags, session }: Omit<Run, 'desired'>,
  command: 'apply' | 'recover' | 'restore',
): void {
  const { terminal } = session;
  const exitCode = exitCodeOf(result);
  if (flags.format === 'json') terminal.out(`${resultJson(result, exitCode)}\n`);
  else {
    const print = exitCode === 0 ? terminal.out : terminal.err;
    print(`${resultText(result, { colour: terminal.colour, command }).trimEnd()}\n`);
  }
  exitWith(exitCode);
}

export const ended = (outcome: Outcome, failures: readonly Failure[]): RunResult => ({
  outcome,
  failures,
  owed: [],
});

export interface Opened extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly view: View;
  /** Of the same processes nothing more is waited for under the lock. */
  readonly settled?: Glusterds;
  readonly ended?: RunResult;
}

/**
 * Opens the cluster; a node that could not be read, or a holder at work, ends it here: the middle of a change
 * is nothing to plan by.
 */
export async function openToChange({ desired, flags, session }: Run): Promise<Opened> {
  const cluster = await openAny(desired, session, (event: Event) => {
    if (flags.format === 'json') session.terminal.out(`${eventJson(event)}\n`);
  });
  const first = makeView(cluster.observed);
  const early = notToChange(first);
  const close = { [Symbol.asyncDispose]: () => Promise.resolve(cluster[Symbol.asyncDispose]()) };
  if (early !== undefined) return { cluster, view: first, ended: early, ...close };
  const { view, waiting, glusterds } = await waitForSettledGlusterds(
    { desired, flags, session },
    cluster,
    first,
  );
  const young = waiting.filter((w) => w.isYoung);
  const refusal = session.signal.aborted
    ? ended('interrupted', [failure('interrupted', 'interrupted; nothing was changed')])
    : (notToChange(view) ?? (young.length > 0 ? ended('refused', [unsettledFailure(young)]) : undefined));
  return { cluster, view, settled: glusterds, ...(refusal !== undefined && { ended: refusal }), ...close };
}

function notToChange(view: View): RunResult | undefined {
  const unread = [...view.failed.values()];
  if (unread.length > 0) return ended('unreachable', unread);
  const held = view.nodes.find((n) => n.lock?.held === true);
  return held === undefined ? undefined : ended('locked', [lockedFailure(held.node, held.lock?.owner)]);
}

/** What is said while nothing is locked: an event among the others, or words beside the results. */
export function notify({ flags, session: { terminal } }: Run, message: string): void {
  if (flags.format === 'json') terminal.out(`${eventJson({ type: 'notice', level: 'info', message })}\n`);
  else terminal.err(`${printable(message)}\n`);
}

/** For waits while nothing is locked: what was seen last is judged first. */
export const observingOf = (
  { desired }: Run,
  { links, clock, observed }: Cluster,
  view: View,
): Observing => ({
  desired,
  links,
  clock,
  optionCatalogue: catalogueIn(observed),
  seen: Promise.resolve(view),
});

/**
 * A glusterd that has just started still brings bricks and daemons up: until then nothing can be planned by
 * it, nor asked of it.
 */
function waitForSettledGlusterds(run: Run, cluster: Cluster, view: View): Promise<Settled> {
  const tell = (waiting: readonly Waiting[]): void => {
    if (waiting.length === 0) return;
    const words = waitingWords(waiting);
    notify(run, `waiting up to ${String(SETTLE_MS / 1000)} s for glusterd to settle: ${words}`);
  };
  const isGivenUp = (): boolean => run.session.signal.aborted;
  return waitSettled(observingOf(run, cluster, view), { tell, isGivenUp });
}

/**
 * Takes back, or closes, what dead controllers left. Undefined: nothing was left, or all of it is settled.
 */
export async function finishUnfinishedFirst(
  run: Run,
  opened: Opened,
): Promise<'none' | 'settled' | RunResult> {
  const { view } = opened;
  const unfinished = unfinishedIn(view);
  if (unfinished.length === 0) return 'none';
  if (run.flags.format === 'text')
    run.session.terminal.out(`${unfinished.map((u) => unfinishedText(u, view)).join('\n')}\n`);
  const refusal = cannotAsk(run);
  if (refusal !== undefined) return refusal;
  if (!(await confirmed(run, 'Settle this first?'))) return ended('declined', []);
  const result = await live(run, opened, NO_GOAL, (context) => finishUnfinished(context, unfinished));
  return result.outcome === 'applied' ? 'settled' : result;
}

const NO_GOAL: Goal = {
  plan: () => {
    throw new Error('settling has no plan');
  },
  blockers: () => [],
  remaining: () => [],
};

function unfinishedText(unfinished: Unfinished, view: View): string {
  const owner = view.nodes.flatMap((n) => n.transactions).find((t) => t.id === unfinished.id)?.owner;
  const who =
    owner === undefined
      ? 'an unknown controller'
      : `${owner.user}@${owner.host} (pid ${String(owner.pid)}, "${owner.command}", since ${owner.since})`;
  const states = [...unfinished.states].map(([node, state]) => `${node}: ${state}`).join(', ');
  return printable(
    `Transaction ${unfinished.id} of ${who} did not end (${states}): ${DIRECTION[unfinished.direction]}.`,
  );
}

export function cannotAsk({ flags }: Run): RunResult | undefined {
  if (flags.yes === true || inputIsTty()) return undefined;
  return ended('decision-needed', [
    failure('decision-needed', 'there is nobody to ask', {
      cause: 'standard input is not a terminal',
      fix: 'look at what would be done, then run it with --yes',
    }),
  ]);
}

export async function confirmed({ flags, session }: Run, question: string): Promise<boolean> {
  if (flags.yes === true) return true;
  const prompt = createInterface(conversation());
  try {
    const answer = await prompt.question(`\n${question} Only "yes" does: `, { signal: session.signal });
    return answer.trim() === 'yes';
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}

/** A transaction with its live view, which owns the terminal until it is finished. */
export async function live(
  { desired, flags, session }: Run,
  { cluster, settled }: Pick<Opened, 'cluster' | 'settled'>,
  goal: Goal,
  work: (context: Context) => Promise<RunResult>,
): Promise<RunResult> {
  const view = createRunView(session.terminal, flags.format === 'json' ? 'json' : 'human', () => new Date());
  try {
    return await work({
      desired,
      goal,
      clock: cluster.clock,
      emit: (event) => {
        view.onEvent(event);
      },
      owner: newOwner(),
      links: cluster.links,
      locks: new Map(),
      relink: cluster.relink,
      signal: session.signal,
      optionCatalogue: catalogueIn(cluster.observed),
      settled,
      ...unseen(),
    });
  } finally {
    await view.finish();
  }
}

/** The id sorts by time. */
function newOwner(): LockOwner {
  const now = new Date();
  const stamp = now
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const { user, pid } = identity();
  return {
    transaction: `${stamp}-${randomBytes(4).toString('hex')}`,
    user,
    host: hostname(),
    pid,
    since: now.toISOString(),
    command: commandLine(),
  };
}
