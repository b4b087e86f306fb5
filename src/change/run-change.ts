/**
 * The flow of every change: open, finish unfinished transactions, plan, show, refuse or ask, transact. Owns
 * this order and its passes; what is planned and refused is the change's.
 */
import { type Diagnostic, formatDiagnostic, InvalidFile } from '../core/diagnostic.ts';
import { failure, type Failure } from '../core/failure.ts';
import { limitWords } from '../core/text.ts';
import type { Changed, RunResult } from '../model/event.ts';
import { type Desired, leftOutOf } from '../model/desired.ts';
import type { Plan } from '../model/plan.ts';
import { catalogueIn } from '../observe/observe-all.ts';
import { filledVolumes } from '../plan/gate.ts';
import { type Context, contextOf, type Goal } from '../transaction/context.ts';
import { interrupted } from '../transaction/phase.ts';
import { runTransaction } from '../transaction/run.ts';
import {
  DIRECTION,
  finishUnfinished,
  type Unfinished,
  unfinishedIn,
  unfinishedWords,
} from '../transaction/unfinished.ts';
import type { View } from '../view/view.ts';
import { type Change, ended, type Host, type Opened, type Wait } from './change.ts';
import { decide, doubtsOf, judgeAll, refusals, unknownIds } from './consent.ts';
import { unknownNames } from './named.ts';
import { FailedSteps, withGlusterdWords } from './glusterd-words.ts';
import { beginHeals, stillHeals } from './heals.ts';
import { observerOf, openToChange } from './open.ts';

/** Passes until there is a result: of the last one, or of the last one that changed something. */
export async function runChange(change: Change, host: Host): Promise<RunResult> {
  let last: RunResult | undefined;
  const changed: Changed[] = [];
  const keep = (one: Changed): void => {
    changed.push(one);
    host.onChanged?.(one);
  };
  const finished = new Set<string>();
  const over = (result: RunResult): RunResult => {
    const earlier = changed.filter(({ transaction }) => transaction !== result.transaction);
    return earlier.length === 0 ? result : { ...result, changed: earlier };
  };
  for (let pass = 1; pass <= change.passesMax; pass++) {
    const ran = await onePass(change, host, last !== undefined, finished).catch(
      (error: unknown): PassResult => {
        if (changed.length === 0 || !(error instanceof InvalidFile)) throw error;
        return { answer: ended('refused', error.diagnostics.map(mistaken)) };
      },
    );
    const { answer, goesOn = false, isReplanned = false, what = '' } = ran;
    if (answer === 'waited') continue;
    if ('finished' in answer) {
      answer.finished.forEach(keep);
      last = ended('applied', []);
      continue;
    }
    if (answer.outcome === 'nothing-to-do') return over({ ...answer, ...last });
    // Daemons come back by themselves while others are repaired: the next pass plans from the cluster as it
    // is.
    if (isReplanned && isOutdated(answer) && pass < change.passesMax) continue;
    if (!goesOn) return over(answer);
    if (answer.outcome !== 'applied') return over(answer);
    keep({
      transaction: answer.transaction ?? '',
      what: what === '' ? `repairs, pass ${String(pass)}` : what,
    });
    last = answer;
  }
  return over(await observeOnceMore(change, host, last));
}

/** A mistake that is found when something was changed: said with what was. */
const mistaken = (diagnostic: Diagnostic): Failure =>
  failure('invalid-input', formatDiagnostic(diagnostic), { fix: 'correct the file, and run the same again' });

/** All passes are used up: what is left now is said, and not called recovered. */
async function observeOnceMore(change: Change, host: Host, last: RunResult | undefined): Promise<RunResult> {
  await using opened = await openToChange(change.desired, host);
  if (opened.refusal !== undefined) return opened.refusal;
  const unfinished = unfinishedIn(opened.view).map((u) => `unfinished transaction ${u.id}`);
  const proposed = await change.propose(opened, host.signal);
  if (!proposed.ok) return proposed.error;
  const { plan, refusal } = proposed.value;
  const rest = [...unfinished, ...plan.steps.map((s) => s.summary)];
  if (rest.length === 0)
    return refusal?.outcome === 'nothing-to-do' ? (last ?? refusal) : (refusal ?? ended('nothing-to-do', []));
  return ended('decision-needed', [
    failure(
      'decision-needed',
      `after ${String(change.passesMax)} passes there is still something to repair`,
      {
        details: rest,
        fix: `run it again; where the same is left again, "glusterctl doctor FILE" says why`,
      },
    ),
    ...(refusal?.failures ?? []),
  ]);
}

const isOutdated = ({ failures }: RunResult): boolean => failures.some((f) => f.code === 'plan-outdated');

interface PassResult {
  /** `finished`: unfinished transactions are; `waited`: what the repairs wait for has happened. */
  readonly answer: Answer;
  /** Another pass follows when the answer is a success. */
  readonly goesOn?: boolean;
  readonly isReplanned?: boolean;
  /** The steps of a change, in words; empty: they were repairs. */
  readonly what?: string;
}

type Answer = RunResult | { readonly finished: readonly Changed[] } | 'waited';

/** `finished`: transactions that an earlier pass has; what they owe to a node that is left out stays open. */
async function onePass(
  change: Change,
  host: Host,
  isRepeated: boolean,
  finished: Set<string>,
): Promise<PassResult> {
  await using opened = await openToChange(change.desired, host);
  if (opened.refusal !== undefined)
    return { answer: isRepeated ? betweenPasses(opened.refusal) : opened.refusal };
  const unknown = isRepeated ? [] : misnamed(change, opened.view);
  if (unknown.length > 0) return { answer: ended('refused', unknown) };
  const open = change.finishesUnfinished ? unfinishedIn(opened.view) : [];
  const unfinished = open.filter((u) => opened.view.leftOut.size === 0 || !finished.has(u.id));
  for (const { id } of unfinished) finished.add(id);
  if (unfinished.length > 0) return { answer: await finishFirst(change, opened, unfinished, host) };
  const proposed = await change.propose(opened, host.signal);
  if (!proposed.ok) return { answer: proposed.error };
  const { plan, desired, goal, notes, wait, refusal, question } = proposed.value;
  if (change.isNews(plan, isRepeated)) host.showPlan(plan);
  notes.forEach(host.remark);
  if (wait !== undefined) return { answer: await waitUnlocked(change.desired, opened, wait, host) };
  const answer =
    refusal ??
    (await refusedByPerson(question, host)) ??
    (await transact({ desired, opened, goal, host }, (context) => runTransaction(context, plan)));
  if (answer.outcome === 'applied') await fill(plan, opened, host);
  const { goesOn, isReplanned = false } = proposed.value;
  const what = proposed.value.isChange === true ? plan.steps.map((s) => s.summary).join('; ') : '';
  return { answer, goesOn, isReplanned, what };
}

/** New bricks are filled by heals, which may stand still when nobody asks for them. */
async function fill(plan: Plan, { view, cluster }: Opened, { signal, notify, remark }: Host): Promise<void> {
  const volumes = filledVolumes(plan);
  for (const volume of volumes) notify(`beginning the heal that fills the new bricks of volume ${volume}`);
  for (const volume of await beginHeals(volumes, view, cluster, signal))
    remark(`The heal of volume ${volume} may not have begun: "gluster volume heal ${volume}" begins it.`);
}

/** What the passes before have completed stands, and is listed. */
const betweenPasses = (refusal: RunResult): RunResult =>
  refusal.outcome === 'interrupted'
    ? ended('interrupted', [failure('interrupted', 'interrupted before the rest was begun')])
    : refusal;

const misnamed = ({ consent, named, desired }: Change, view: View): readonly Failure[] => [
  ...unknownIds(consent, view),
  ...unknownNames({ ...named, discard: consent.discard }, desired, view),
];

/** Finishes the transactions of dead controllers, but for what needs a decision. */
async function finishFirst(
  { desired, consent }: Change,
  opened: Opened,
  unfinished: readonly Unfinished[],
  host: Host,
): Promise<PassResult['answer']> {
  const list = unfinished.map((u) => decide(u, consent));
  const judged = await judgeAll(list, opened, consent, host.timeOf);
  const undecided = refusals(judged, consent, host.hasPerson());
  if (undecided.length > 0) return ended('decision-needed', undecided);
  host.showUnfinished(
    judged.flatMap((j) => [
      unfinishedWords(j.unfinished, opened.view),
      ...doubtsOf(j, consent).map((doubt) => `  ${doubt}`),
    ]),
  );
  const refusal = await refusedByPerson('Finish this first?', host);
  if (refusal !== undefined) return refusal;
  const result = await transact({ desired, opened, goal: NO_GOAL, host }, (context) =>
    finishUnfinished(context, list, consent.discard),
  );
  if (result.outcome !== 'applied') return result;
  return {
    finished: list.map(({ id, direction }) => ({
      transaction: id,
      what: `an unfinished transaction was finished: ${DIRECTION[direction]}`,
    })),
  };
}

const NO_GOAL: Goal = {
  plan: () => {
    throw new Error('finishing a transaction has no plan');
  },
  blockers: () => [],
  remaining: () => [],
};

/** Of each transaction of a dead controller, a sentence. */
export const unfinishedSentences = (view: View): readonly string[] =>
  unfinishedIn(view).map((u) => unfinishedWords(u, view));

/** Undefined: it may go on. */
export async function refusedByPerson(question: string, host: Host): Promise<RunResult | undefined> {
  if (!host.canAsk())
    return ended('decision-needed', [
      failure('decision-needed', 'confirmation is needed, and nobody can be asked', {
        cause: 'standard input is not a terminal',
        fix: 'review what would be done, then run it again with --yes',
      }),
    ]);
  if (await host.confirm(question)) return undefined;
  return host.signal.aborted ? ended('interrupted', [interrupted()]) : ended('declined', []);
}

/** Waits with nothing locked; after that, everything is observed and planned again. */
async function waitUnlocked(
  desired: Desired,
  { cluster, view }: Opened,
  { what, limitMs, judge, expired, progress, comeBack }: Wait,
  { signal, notify }: Host,
): Promise<RunResult | 'waited'> {
  notify(`waiting up to ${limitWords(limitMs)}, nothing is locked: ${what.join('; ')}`);
  const observer = observerOf(desired, cluster, view);
  const now = (): number => cluster.clock.now();
  const begunAgain = stillHeals(cluster.links, now);
  const said = async (seen: View): Promise<readonly string[]> => [
    ...((await progress?.(seen)) ?? []),
    ...(await begunAgain(seen, signal)),
  ];
  const onView = reporter({ now, notify, said });
  const { problems: missing } = await observer.waitFor(
    limitMs,
    (seen) => (signal.aborted ? [] : judge(seen)),
    { onView, pollMaxMs: UNLOCKED_POLL_MS },
  );
  if (signal.aborted)
    return ended('interrupted', [
      { ...interrupted(), ...(comeBack !== undefined && { cause: what.join('; '), fix: comeBack }) },
    ]);
  return missing.length === 0 ? 'waited' : expired(missing);
}

/** Hours may pass, and each observation is work for all nodes. */
const UNLOCKED_POLL_MS = 10_000;
/** Each takes a lock of glusterd for a moment, so there are few. */
const REPORT_EVERY_MS = 10_000;

/** What has changed since it was said last. */
function reporter({
  now,
  notify,
  said,
}: {
  readonly now: () => number;
  readonly notify: Host['notify'];
  readonly said: NonNullable<Wait['progress']>;
}): (view: View) => Promise<void> {
  let next = now() + REPORT_EVERY_MS;
  let last = '';
  return async (view) => {
    if (now() < next) return;
    next = now() + REPORT_EVERY_MS;
    const words = (await said(view)).join('; ');
    if (words !== '' && words !== last) notify(words);
    last = words;
  };
}

interface Work {
  readonly desired: Desired;
  readonly opened: Opened;
  readonly goal: Goal;
  readonly host: Host;
}

/** Under its own owner, and shown until it is finished. */
async function transact(
  { desired, opened: { cluster, settled }, goal, host }: Work,
  work: (context: Context) => Promise<RunResult>,
): Promise<RunResult> {
  const progress = host.progress();
  const without = leftOutOf(desired);
  const failed = new FailedSteps(cluster.clock);
  try {
    const result = await work(
      contextOf({
        desired,
        goal,
        clock: cluster.clock,
        emit: (event) => {
          failed.onEvent(event);
          progress.onEvent(event);
        },
        owner: { ...host.newOwner(), ...(without.length > 0 && { without }) },
        links: cluster.links,
        relink: cluster.relink,
        signal: host.signal,
        optionCatalogue: catalogueIn(cluster.observed),
        settled,
      }),
    );
    const { clock, links } = cluster;
    return await withGlusterdWords(result, failed.span, links, { clock, signal: host.signal });
  } finally {
    await progress.finish();
  }
}
