/** `glusterctl plan`: what apply would do, or why it would refuse. Reads the cluster and changes nothing. */
import { quote } from '../../core/shell.ts';
import { limitWords } from '../../core/text.ts';
import { open } from 'node:fs/promises';
import { failuresOf } from '../../change/change.ts';
import { InvalidFile } from '../../core/diagnostic.ts';
import { failure, type Failure, FailureError } from '../../core/failure.ts';
import { unknownNames } from '../../change/named.ts';
import { unfinishedSentences } from '../../change/run-change.ts';
import { blockers, forbidding } from '../../plan/gate.ts';
import { nextOf } from '../../plan/next.ts';
import { failureText } from '../../report/text/failure-text.ts';
import { makeView } from '../../view/view.ts';
import { printable } from '../../report/printable.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { type FormatOf, FORMATS } from '../formats.ts';
import { load, type NewDiskFlags, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { preferences } from '../options.ts';
import { savedPlanText } from '../saved-plan.ts';
import { exitWith } from '../process.ts';
import { observeCluster, type Session } from '../session.ts';

export interface PlanFlags extends SshFlags, WithoutFlags, NewDiskFlags {
  readonly format: FormatOf<'plan'>;
  readonly out?: string;
  readonly prefer: readonly string[];
  readonly detailedExitcode?: boolean;
  readonly verbose?: boolean;
  /** As of `apply`. */
  readonly wait?: number | boolean;
}

export async function planCommand(file: string, flags: PlanFlags, session: Session): Promise<void> {
  const source = await readSource(file);
  const { desired, warnings } = load(source, flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const view = makeView(cluster.observed);
  const prefer = preferences(flags.prefer);
  const unknown = unknownNames({ prefer, newDisks: desired.newDisks ?? [] }, desired, view);
  if (unknown.length > 0) throw new FailureError(...unknown);
  const next = nextOf({ view, desired, prefer });
  const { plan, recovery, diagnostics } = next;
  if (diagnostics.length > 0) throw new InvalidFile(diagnostics);
  const first = unfinishedSentences(view);
  const style = { colour: session.terminal.colour, verbose: flags.verbose ?? false, ...waitOf(flags) };
  const { out, err } = session.terminal;
  for (const sentence of first) err(`First of all: ${printable(sentence)}\n`);
  out(await FORMATS[flags.format].plan(plan, style));
  for (const { question, flags: answers } of recovery?.questions ?? [])
    err(`${printable(question)}${answers.length === 0 ? '' : `: ${answers.join(', or ')}`}\n`);
  if (flags.out !== undefined) {
    if (recovery !== undefined || first.length > 0) throw new FailureError(repairsCannotBeSaved(quote(file)));
    await save(flags.out, savedPlanText(source, plan));
    err(`saved to ${flags.out}; "glusterctl apply ${quote(flags.out)}" applies exactly this plan\n`);
  }
  const forbidden = forbidding(desired, view);
  const blocking = [
    ...forbidden,
    ...(recovery === undefined ? blockers(plan, desired, view) : next.refusals),
  ];
  // What apply finds after it has finished a transaction, nobody knows yet.
  const refused = first.length > 0 ? [] : failuresOf('precondition-failed', blocking);
  if (refused.length > 0)
    err(`"glusterctl apply" would refuse:\n\n${failureText(refused, session.terminal.colour).trimEnd()}\n`);
  const isUnanswered = (recovery?.questions ?? []).length > 0;
  const isPending = plan.changes || first.length > 0;
  if (refused.length > 0)
    exitWith(forbidden.length > 0 ? 8 : exitCodeOf({ outcome: 'refused', failures: refused }));
  else if (isUnanswered) exitWith(8);
  else exitWith(isPending && flags.detailedExitcode === true ? 2 : 0);
}

const waitOf = ({ wait }: PlanFlags): { readonly wait?: string } =>
  wait === false ? { wait: 'none' } : typeof wait === 'number' ? { wait: limitWords(wait) } : {};

/**
 * A saved plan is applied exactly or not at all, and what comes after a repair is planned when it is done.
 */
const repairsCannotBeSaved = (file: string): Failure =>
  failure('decision-needed', 'a plan that begins with repairs is not saved', {
    cause: 'what comes after a repair can be foreseen, but not promised',
    fix: `glusterctl recover ${file}`,
  });

/**
 * Readable by its owner alone, a file that was there before too: option values may be secrets. What is no
 * file (a pipe, /dev/stdout) stays as it is.
 */
async function save(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'w', 0o600);
    try {
      if ((await file.stat()).isFile()) await file.chmod(0o600);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new FailureError(
      failure('invalid-input', `the plan cannot be saved to ${path}`, {
        cause,
        fix: 'give a path that can be written',
      }),
    );
  }
}
