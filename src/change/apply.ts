/**
 * `apply`: the cluster as the file says. Repairs what stands in the way first, pass by pass; then come the
 * changes. A saved plan is applied exactly, or not at all.
 */
import { InvalidFile } from '../core/diagnostic.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import { count } from '../core/text.ts';
import type { Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import type { Finding, Plan } from '../model/plan.ts';
import { catalogueIn, observeAll } from '../observe/observe-all.ts';
import { movedSince } from '../plan/basis.ts';
import { compile } from '../plan/compile.ts';
import { blockers, isOfFile, lastingSteps, needDecision, withoutLater } from '../plan/gate.ts';
import { type Leaving, leavingIn, leftoverPlan, markedBricks, withLeaving } from '../plan/leftovers.ts';
import { leavingBricks } from '../plan/shrink.ts';
import { type Next, nextOf, repairsFirst } from '../plan/next.ts';
import type { Recovery } from '../plan/recover.ts';
import {
  isOwedToLeftOut,
  type Unfinished,
  unfinishedIn,
  unfinishedWords,
} from '../transaction/unfinished.ts';
import { makeView, type View } from '../view/view.ts';
import {
  type Change,
  type Consent,
  destructiveRefusal,
  ended,
  failuresOf,
  NO_CONSENT,
  type Opened,
  type Proposal,
  stepCount,
} from './change.ts';
import { type Waiting, waitUntilOver } from './long-work.ts';
import { triesOf, UNENDED_WAIT_MS } from './tries.ts';
import { PASSES_MAX, repairs, unanswered } from './recover.ts';

export interface ApplyOptions extends Pick<Waiting, 'waitMs'> {
  readonly desired: Desired;
  readonly saved: Plan | undefined;
  /** As given on the command line. */
  readonly file: string;
  /** Where `file` is a saved plan: the cluster file that it was made from. */
  readonly clusterFile?: string;
  readonly allowDestroy: readonly string[];
  /** Volume → the node whose copy is right. */
  readonly prefer: ReadonlyMap<string, string>;
  /** Refuses a cluster that needs repairs, and one with unfinished transactions. */
  readonly noRepair: boolean;
  /** Of unfinished transactions; none by default. */
  readonly consent?: Consent;
}

export function applyChange(options: ApplyOptions): Change {
  const { desired, saved, noRepair, allowDestroy, prefer, consent = NO_CONSENT } = options;
  /** Volumes that a pass found in a store, though the file wants them gone. */
  const leaving = new Map<string, Leaving>();
  const tries = triesOf(desired, options.file);
  const propose = async (opened: Opened, signal: AbortSignal): Promise<Result<Proposal, RunResult>> => {
    const { view } = opened;
    const asked = { ...options, desired: tries.desired(view) };
    const next = nextOf({ view, desired: asked.desired, prefer, allowDestroy });
    if (next.diagnostics.length > 0) throw new InvalidFile(next.diagnostics);
    const { plan, recovery } = next;
    tries.foresee(plan);
    if (leaving.size > 0 && recovery === undefined && plan.steps.length === 0)
      return await leftovers([...leaving.values()], opened, signal, options);
    for (const volume of leavingIn(desired, view)) leaving.set(volume.name, volume);
    if (recovery !== undefined) return ok(repairsBefore(next, recovery, view, asked));
    const moved = saved === undefined ? [] : movedSince(saved, plan);
    if (moved.length > 0) return err(outdated(moved));
    const change = changes(plan, view, asked);
    const unended = tries.unended(view, opened.cluster.clock.now());
    if (plan.steps.length === 0 && next.waits.length > 0)
      return ok(waitUntilOver(change, [...next.waits, ...unended], opened, asked, tries.unended));
    if (unended.length > 0) {
      const nothing = { ...change, plan: { ...plan, steps: [] } };
      return ok(
        waitUntilOver(nothing, unended, opened, { ...asked, waitMs: UNENDED_WAIT_MS }, tries.unended),
      );
    }
    const judged = tries.judge(plan, view);
    if (judged === 'again') return propose(opened, signal);
    const result = judged ?? (plan.steps.length === 0 ? tries.end() : undefined);
    if (result !== undefined) return err(result);
    const isMore = isOwed(plan) || lastingSteps(plan).length > 0;
    return ok({ ...change, goesOn: leaving.size > 0 || (saved === undefined && isMore) });
  };
  return {
    name: 'apply',
    desired,
    passesMax: PASSES_MAX,
    finishesUnfinished: !noRepair && saved === undefined,
    consent,
    named: {
      destroy: allowDestroy,
      prefer,
      newDisks: desired.newDisks ?? [],
      // A saved plan is applied exactly, and none has a step that takes marks off.
      bricks: (view) => [
        ...(saved === undefined ? markedBricks(desired, view) : []),
        ...leavingBricks(desired, view),
      ],
    },
    isNews: ({ steps, findings }) => steps.length > 0 || findings.length > 0,
    propose,
  };
}

/** What the deleted volumes have left goes when they are gone: until then, a rollback needs it. */
async function leftovers(
  leaving: readonly Leaving[],
  { cluster }: Opened,
  signal: AbortSignal,
  options: ApplyOptions,
): Promise<Result<Proposal, RunResult>> {
  const { desired: file, saved, allowDestroy } = options;
  const desired = withLeaving(file, leaving);
  const catalogue = catalogueIn(cluster.observed);
  const view = makeView(await observeAll(desired, cluster.links, signal, { catalogue }));
  if (view.failed.size > 0) return err(ended('unreachable', [...view.failed.values()]));
  const shown = saved === undefined ? undefined : new Set((saved.later ?? []).map((s) => s.id));
  const planned = (seen: View): Plan => {
    const plan = leftoverPlan(leaving, desired, seen, allowDestroy);
    return shown === undefined ? plan : { ...plan, steps: plan.steps.filter((s) => shown.has(s.id)) };
  };
  const plan = planned(view);
  return ok({
    plan,
    desired,
    goal: { plan: planned, blockers: () => [], remaining: (again) => again.steps },
    notes: [],
    wait: undefined,
    refusal: plan.steps.length === 0 ? ended('nothing-to-do', []) : notAllowed(plan, view, options),
    question: `Remove what is left by ${stepCount(plan)} on ${plan.cluster}?`,
    goesOn: false,
  });
}

const isOwed = ({ later = [] }: Plan): boolean => later.length > 0;

/** Nothing stands in the way. */
function changes(plan: Plan, view: View, options: ApplyOptions): Omit<Proposal, 'goesOn'> {
  const { desired } = options;
  const { later = [] } = plan;
  return {
    plan,
    desired,
    goal: {
      plan: (seen) => withoutLater(compile(desired, seen).plan, later),
      blockers: (again, seen) => blockers(again, desired, seen),
      // What it began, and has not ended well by then, is judged when it is over.
      remaining: (again) => again.steps.filter((s) => !lastingSteps(plan).some(({ id }) => id === s.id)),
    },
    notes: [],
    wait: undefined,
    refusal: refusalOf(plan, view, options),
    isChange: true,
    question: `Apply ${stepCount(plan)} to ${plan.cluster}?`,
  };
}

function repairsBefore(next: Next, recovery: Recovery, view: View, options: ApplyOptions): Proposal {
  const { desired, prefer } = options;
  const { plan } = next;
  const pass = repairs(recovery, (seen) => repairsFirst({ view: seen, desired, prefer }), desired);
  const refusal = repairRefusal(next, recovery, view, options);
  const later = count((plan.later ?? []).length, 'step');
  return {
    ...pass,
    plan,
    wait: refusal === undefined ? pass.wait : undefined,
    refusal,
    question: `Repair ${plan.cluster} by ${stepCount(plan)}, before ${later} of the change?`,
  };
}

const outdated = (moved: readonly string[]): RunResult =>
  ended('refused', [
    failure('plan-outdated', 'the saved plan no longer fits the cluster', {
      details: moved,
      fix: 'make the plan again, review it, and apply that',
    }),
  ]);

/** A blocker, nothing to do, or a decision that is missing. */
function refusalOf(plan: Plan, view: View, options: ApplyOptions): RunResult | undefined {
  const { desired } = options;
  // Where they are finished first, none is left by now but what is owed to nodes that are left out.
  const unfinished = unfinishedIn(view).filter((u) => !isOwedToLeftOut(u, view));
  const blocking = blockers(plan, desired, view);
  if (unfinished.length > 0 && !blocking.some(isOfFile))
    return notFinished(unfinished, blocking, view, options);
  if (blocking.length > 0) return refused(blocking);
  // Who does not allow what comes later is asked before anything begins.
  const refusal = notAllowed({ ...plan, steps: [...plan.steps, ...(plan.later ?? [])] }, view, options);
  return refusal ?? (plan.steps.length === 0 ? ended('nothing-to-do', []) : undefined);
}

/**
 * All that a person has to decide is asked before the first repair: what the file is refused in any case, an
 * open question, and what no flag allows, in the changes after the repairs too.
 */
function repairRefusal(
  { plan, refusals, wrong }: Next,
  recovery: Recovery,
  view: View,
  options: ApplyOptions,
): RunResult | undefined {
  if (refusals.some(isOfFile)) return refused(refusals);
  if (options.noRepair || options.saved !== undefined) return notRepaired(wrong, options);
  if (refusals.length > 0) return refused(refusals);
  if (recovery.questions.length > 0) return unanswered(recovery.questions, 'apply');
  return notAllowed({ ...plan, steps: [...plan.steps, ...(plan.later ?? [])] }, view, options);
}

const refused = (findings: readonly Finding[]): RunResult =>
  needDecision(findings)
    ? ended('decision-needed', failuresOf('decision-needed', findings))
    : ended('refused', failuresOf('precondition-failed', findings));

const notAllowed = (
  plan: Plan,
  view: View,
  { desired, file, allowDestroy: allowed }: ApplyOptions,
): RunResult | undefined =>
  destructiveRefusal(plan, view, { desired, allowed, command: `glusterctl apply ${file}` });

/** One that is only to be closed is no finding that blocks, and is said all the same. */
function notFinished(
  unfinished: readonly Unfinished[],
  blocking: readonly Finding[],
  view: View,
  options: ApplyOptions,
): RunResult {
  const refusal = notRepaired(blocking, options);
  if (refusal.failures.length > 0) return refusal;
  const fix = `glusterctl recover ${clusterFileOf(options)}`;
  return ended(
    'decision-needed',
    unfinished.map((u) => failure('decision-needed', unfinishedWords(u, view), { fix })),
  );
}

/** Of a saved plan, the file that it was made from. */
const clusterFileOf = ({ file, clusterFile = file }: ApplyOptions): string => clusterFile;

const notRepaired = (wrong: readonly Finding[], options: ApplyOptions): RunResult =>
  ended(
    'decision-needed',
    wrong.map((f) =>
      failure('decision-needed', `to be repaired first: ${f.message}`, {
        cause: f.code,
        details: f.evidence,
        fix: `glusterctl recover ${clusterFileOf(options)}`,
      }),
    ),
  );
