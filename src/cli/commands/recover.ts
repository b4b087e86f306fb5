/**
 * `glusterctl recover`: the repairs alone. Settles unfinished transactions, then mends what the nodes
 * disagree about, pass by pass until nothing is left.
 */
import { failure, type Failure, FailureError } from '../../core/failure.ts';
import type { Finding, Plan } from '../../model/plan.ts';
import type { RunResult } from '../../model/event.ts';
import { compileRecovery, type Recovery } from '../../plan/recover.ts';
import { planText } from '../../report/text/plan-text.ts';
import { runTransaction } from '../../transaction/run.ts';
import type { View } from '../../view/view.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';
import {
  confirmed,
  ended,
  finish,
  live,
  observerOf,
  cannotAsk,
  notify,
  type Opened,
  openToChange,
  type Run,
  type RunFlags,
  finishUnfinishedFirst,
} from '../transact.ts';

export interface RecoverFlags extends SshFlags, RunFlags {
  readonly prefer: readonly string[];
}

/**
 * A repair may bring the next fault to light (glusterd started: now its bricks can be judged); more passes
 * than this is a loop.
 */
const PASSES_MAX = 60;
/**
 * Bricks of a set are restarted one after the other, each next one when the heals of the one before are over.
 */
const HEALS_MS = 30 * 60_000;

export async function recoverCommand(file: string, flags: RecoverFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const run = { desired, flags, session };
  const prefer = new Map(flags.prefer.map(readPreference));
  let last: RunResult | undefined;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    const result = await onePass(run, prefer, last !== undefined);
    if (result === 'waited') continue;
    if (result === 'settled') {
      last = ended('applied', []);
      continue;
    }
    // Daemons come back by themselves while others are mended: what is left is looked at again.
    if (isOutdated(result) && pass + 1 < PASSES_MAX) continue;
    if (result.outcome === 'nothing-to-do' && last !== undefined) break;
    last = result;
    if (result.outcome !== 'applied') break;
  }
  finish(last ?? ended('nothing-to-do', []), run, 'recover');
}

const isOutdated = ({ failures }: RunResult): boolean => failures.some((f) => f.code === 'plan-outdated');

function readPreference(text: string): readonly [string, string] {
  const match = /^volume\/([^=]+)=(.+)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
  throw new FailureError(
    failure('invalid-input', `--prefer ${text} is not understood`, {
      fix: 'write --prefer volume/NAME=NODE',
    }),
  );
}

async function onePass(
  run: Run,
  prefer: ReadonlyMap<string, string>,
  again: boolean,
): Promise<RunResult | 'settled' | 'waited'> {
  await using opened = await openToChange(run);
  if (opened.ended !== undefined) return opened.ended;
  const { view } = opened;
  const settled = await finishUnfinishedFirst(run, opened);
  if (settled !== 'none') return settled;
  const recover = (seen: View): Recovery => compileRecovery({ view: seen, desired: run.desired, prefer });
  const recovery = recover(view);
  const { terminal } = run.session;
  const quiet = again && recovery.plan.steps.length === 0;
  if (run.flags.format === 'text' && !quiet)
    terminal.out(`${planText(recovery.plan, { colour: terminal.colour }).trimEnd()}\n`);
  if (recovery.plan.steps.length + recovery.questions.length === 0 && recovery.waits.length > 0)
    return await inTurn(run, opened, recovery.waits, recover);
  const refusal = gate(recovery) ?? cannotAsk(run);
  if (refusal !== undefined) return refusal;
  const count = `${String(recovery.plan.steps.length)} step${recovery.plan.steps.length === 1 ? '' : 's'}`;
  if (!(await confirmed(run, `Run ${count} on ${recovery.plan.cluster}?`))) return ended('declined', []);
  const goal = {
    plan: (seen: View) => recover(seen).plan,
    blockers: () => [],
    // New steps are the next pass; the same step again means that this one mended nothing.
    remaining: (made: Plan, done: Plan) =>
      made.steps.filter((s) =>
        done.steps.some((d) => d.id === s.id && JSON.stringify(d.args) === JSON.stringify(s.args)),
      ),
  };
  return await live(run, opened, goal, (context) => runTransaction(context, recovery.plan));
}

/** What comes by itself is waited for, with nothing locked; then everything is looked at anew. */
async function inTurn(
  run: Run,
  { cluster, view }: Opened,
  waits: readonly string[],
  recover: (view: View) => Recovery,
): Promise<RunResult | 'waited'> {
  const { signal } = run.session;
  notify(run, `waiting up to ${String(HEALS_MS / 60_000)} min, nothing is locked: ${waits.join('; ')}`);
  const judge = (seen: View): readonly string[] => {
    const { plan, waits: left } = recover(seen);
    return plan.steps.length > 0 || signal.aborted ? [] : left;
  };
  const { problems } = await observerOf(run, cluster, view).waitFor(HEALS_MS, judge);
  if (signal.aborted) return ended('declined', []);
  if (problems.length === 0) return 'waited';
  return ended('decision-needed', [
    failure('decision-needed', 'a repair still waits for heals', {
      details: problems,
      fix: '"gluster volume heal VOLUME info" shows what is left; then recover again',
    }),
  ]);
}

/** Questions first: with one open, nothing is touched. */
function gate({ plan, questions, unrepaired: unmended, deferred: waiting }: Recovery): RunResult | undefined {
  if (questions.length > 0)
    return ended(
      'decision-needed',
      questions.map((q) =>
        failure(
          'decision-needed',
          q.question,
          q.flags.length === 0 ? {} : { fix: `recover with ${q.flags.join(', or ')}` },
        ),
      ),
    );
  if (plan.steps.length > 0) return undefined;
  if (unmended.length + waiting.length === 0) return ended('nothing-to-do', []);
  const told = (f: Finding, fix: string): Failure =>
    failure('decision-needed', f.message, { cause: f.code, details: f.evidence, fix });
  return ended('decision-needed', [
    ...unmended.map((f) => told(f, f.remedy)),
    ...waiting.map((f) => told(f, WAITING)),
  ]);
}

const WAITING = 'mend first what keeps glusterd from being stopped and started there, then recover again';
