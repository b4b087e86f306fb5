/**
 * `glusterctl apply`: plan, ask, run it as one transaction. A saved plan is applied exactly, or not at all.
 */
import { InvalidFile } from '../../core/diagnostic.ts';
import { failure } from '../../core/failure.ts';
import type { Desired } from '../../model/desired.ts';
import type { RunResult } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import { compareBasis } from '../../plan/basis.ts';
import { compile } from '../../plan/compile.ts';
import { blockers, destructiveSteps } from '../../plan/gate.ts';
import { planText } from '../../report/text/plan-text.ts';
import { runTransaction } from '../../transaction/run.ts';
import type { View } from '../../view/view.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { readSavedPlan } from '../saved-plan.ts';
import type { Session } from '../session.ts';
import {
  confirmed,
  ended,
  finish,
  live,
  cannotAsk,
  openToChange,
  type Run,
  type RunFlags,
  finishUnfinishedFirst,
} from '../transact.ts';

export interface ApplyFlags extends SshFlags, RunFlags {
  readonly allowDestroy: readonly string[];
}

export async function applyCommand(file: string, flags: ApplyFlags, session: Session): Promise<void> {
  const given = await readSource(file);
  const saved = readSavedPlan(given);
  const { desired, warnings } = load(saved?.source ?? given, flags);
  session.warn(warnings);
  const run = { desired, flags, session };
  // What a dead controller left is settled first; then everything is looked at anew.
  const first = await attempt(run, saved?.plan, file, flags);
  const result = first === 'settled' ? await attempt(run, saved?.plan, file, flags) : first;
  finish(
    result === 'settled'
      ? ended('refused', [
          failure('precondition-failed', 'another transaction was left unfinished meanwhile'),
        ])
      : result,
    run,
    'apply',
  );
}

async function attempt(
  run: Run,
  saved: Plan | undefined,
  file: string,
  flags: ApplyFlags,
): Promise<RunResult | 'settled'> {
  await using opened = await openToChange(run);
  if (opened.ended !== undefined) return opened.ended;
  const { view } = opened;
  const settled = await finishUnfinishedFirst(run, opened);
  if (settled !== 'none') return settled;
  const { plan, diagnostics } = compile(run.desired, view);
  if (diagnostics.length > 0) throw new InvalidFile(diagnostics);
  const moved = saved === undefined ? [] : compareBasis(saved.basis, plan.basis);
  if (moved.length > 0)
    return ended('refused', [
      failure('plan-outdated', 'the saved plan no longer fits the cluster', {
        details: moved,
        fix: 'make the plan again, look at it, and apply that',
      }),
    ]);
  const shown = saved ?? plan;
  const { terminal } = run.session;
  const isNews = shown.steps.length > 0 || shown.findings.length > 0;
  if (flags.format === 'text' && isNews)
    terminal.out(`${planText(shown, { colour: terminal.colour }).trimEnd()}\n`);
  const refusal = gate(shown, run.desired, view, flags, file) ?? cannotAsk(run);
  if (refusal !== undefined) return refusal;
  const count = `${String(shown.steps.length)} step${shown.steps.length === 1 ? '' : 's'}`;
  if (!(await confirmed(run, `Apply ${count} to ${shown.cluster}?`))) return ended('declined', []);
  const goal = {
    plan: (seen: View) => compile(run.desired, seen).plan,
    blockers: (made: Plan, seen: View) => blockers(made, run.desired, seen),
    remaining: (made: Plan) => made.steps,
  };
  return await live(run, opened, goal, (context) => runTransaction(context, shown));
}

/** What no command of this tool mends: somebody has to decide, or bring something back. */
const FOR_A_PERSON: ReadonlySet<string> = new Set([
  'peer-unknown',
  'server-quorum-lost',
  'store-not-mounted',
]);

/**
 * What ends it before anything is locked: nothing to do, something in the way, or a decision that is not
 * taken.
 */
function gate(
  plan: Plan,
  desired: Desired,
  view: View,
  flags: ApplyFlags,
  file: string,
): RunResult | undefined {
  const against = blockers(plan, desired, view);
  if (against.length > 0) {
    const isForAPerson = against.every((f) => FOR_A_PERSON.has(f.code));
    const code = isForAPerson ? 'decision-needed' : 'precondition-failed';
    const failures = against.map((f) =>
      failure(code, f.message, { cause: f.code, details: f.evidence, fix: f.remedy }),
    );
    return ended(isForAPerson ? 'decision-needed' : 'refused', failures);
  }
  if (plan.steps.length === 0) return ended('nothing-to-do', []);
  const destructive = destructiveSteps(plan, flags.allowDestroy);
  if (destructive.length === 0) return undefined;
  return ended(
    'decision-needed',
    destructive.map((s) =>
      failure('decision-needed', `"${s.summary}" needs your word`, {
        fix: `glusterctl apply ${file} --allow-destroy ${s.subject}`,
      }),
    ),
  );
}
