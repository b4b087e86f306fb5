/** What `apply` and `recover` share: the owner record, the question, the live view around a transaction, and the settling of what a dead controller left. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { failure, type Failure } from '../core/failure.ts';
import type { Desired } from '../model/desired.ts';
import type { Event, Outcome, ResultEvent } from '../model/event.ts';
import type { LockOwner } from '../model/observed.ts';
import { lockedFailure } from '../nodeops/locked.ts';
import { eventJson } from '../report/plan-json.ts';
import { printable } from '../report/printable.ts';
import { resultText } from '../report/result-text.ts';
import { createRunView } from '../report/run-view.ts';
import { catalogueIn, type Context, type Goal, waitFor } from '../transaction/context.ts';
import { HANDSHAKE_MS } from '../transaction/limits.ts';
import { EXIT_CODES } from '../transaction/run.ts';
import { DIRECTION, runSettle, type Unfinished, unfinishedIn } from '../transaction/settle.ts';
import { halfConnected } from '../view/pool.ts';
import { makeView, type View } from '../view/view.ts';
import type { Cluster } from './cluster.ts';
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
  result: ResultEvent,
  { flags, session }: Omit<Run, 'desired'>,
  command: 'apply' | 'recover' | 'restore',
): void {
  const { terminal } = session;
  if (flags.format === 'json') terminal.out(`${eventJson(result)}\n`);
  else {
    const print = result.exitCode === 0 ? terminal.out : terminal.err;
    print(`${resultText(result, { colour: terminal.colour, command }).trimEnd()}\n`);
  }
  exitWith(result.exitCode);
}

export function ended(outcome: Outcome, failures: readonly Failure[]): ResultEvent {
  const exitCode = failures.length > 0 ? exitCodeOf(failures) : EXIT_CODES[outcome];
  return { type: 'result', outcome, exitCode, failures, owed: [] };
}

/** Opens the cluster; a node that could not be read, or a holder at work, ends it here: the middle of a change is nothing to plan by. */
export async function openToChange({
  desired,
  flags,
  session,
}: Run): Promise<{ readonly cluster: Cluster; readonly view: View; readonly ended?: ResultEvent }> {
  const cluster = await openAny(desired, session, (event: Event) => {
    if (flags.format === 'json') session.terminal.out(`${eventJson(event)}\n`);
  });
  const first = makeView(cluster.observed);
  const view =
    notToChange(first) === undefined ? await shakenHands({ desired, flags, session }, cluster, first) : first;
  const refusal = notToChange(view);
  return { cluster, view, ...(refusal !== undefined && { ended: refusal }) };
}

function notToChange(view: View): ResultEvent | undefined {
  const unread = [...view.failed.values()];
  if (unread.length > 0) return ended('unreachable', unread);
  const held = view.nodes.find((n) => n.lock?.held === true);
  return held === undefined ? undefined : ended('locked', [lockedFailure(held.node, held.lock?.owner)]);
}

/** A glusterd that has just started is given the time its peers need to call back: until then nothing can be planned by it. */
async function shakenHands({ desired, flags, session }: Run, cluster: Cluster, view: View): Promise<View> {
  const half = halfConnected(view);
  if (half.length === 0) return view;
  const message = `waiting up to ${String(HANDSHAKE_MS / 1000)} s for peers to shake hands: ${half.join(', ')}`;
  if (flags.format === 'json')
    session.terminal.out(`${eventJson({ type: 'notice', level: 'info', message })}\n`);
  else session.terminal.err(`${printable(message)}\n`);
  const looking = {
    desired,
    links: cluster.links,
    clock: cluster.clock,
    optionCatalogue: catalogueIn(cluster.observed),
  };
  const judge = (seen: View): readonly string[] => (session.signal.aborted ? [] : halfConnected(seen));
  return (await waitFor(looking, HANDSHAKE_MS, judge)).view;
}

/** Takes back, or closes, what dead controllers left. Undefined: nothing was left, or all of it is settled. */
export async function settleFirst(
  run: Run,
  cluster: Cluster,
  view: View,
): Promise<'none' | 'settled' | ResultEvent> {
  const unfinished = unfinishedIn(view);
  if (unfinished.length === 0) return 'none';
  if (run.flags.format === 'text')
    run.session.terminal.out(`${unfinished.map((u) => unfinishedText(u, view)).join('\n')}\n`);
  const refusal = nobodyToAsk(run);
  if (refusal !== undefined) return refusal;
  if (!(await confirmed(run, 'Settle this first?'))) return ended('declined', []);
  const result = await live(run, cluster, NO_GOAL, (context) => runSettle(context, unfinished));
  return result.exitCode === 0 ? 'settled' : result;
}

const NO_GOAL: Goal = { plan: () => { throw new Error('settling has no plan'); }, against: () => [], unreached: () => [] }; // prettier-ignore

function unfinishedText(unfinished: Unfinished, view: View): string {
  const owner = view.nodes.flatMap((n) => n.transactions).find((t) => t.id === unfinished.id)?.owner;
  const who = owner === undefined ? 'an unknown controller' : `${owner.user}@${owner.host} (pid ${String(owner.pid)}, "${owner.command}", since ${owner.since})`; // prettier-ignore
  const states = [...unfinished.states].map(([node, state]) => `${node}: ${state}`).join(', ');
  return printable(
    `Transaction ${unfinished.id} of ${who} did not end (${states}): ${DIRECTION[unfinished.direction]}.`,
  );
}

export function nobodyToAsk({ flags }: Run): ResultEvent | undefined {
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
  cluster: Cluster,
  goal: Goal,
  work: (context: Context) => Promise<ResultEvent>,
): Promise<ResultEvent> {
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
    });
  } finally {
    await view.finish();
  }
}

/** The id sorts by time. */
function newOwner(): LockOwner {
  const now = new Date();
  const stamp = now.toISOString().replace(/[-:]/g, '').replace(/\.\d+Z$/, 'Z'); // prettier-ignore
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
