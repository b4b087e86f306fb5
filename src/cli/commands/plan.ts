/** `glusterctl plan`: what apply would do. Reads the cluster and changes nothing. */
import { writeFile } from 'node:fs/promises';
import { InvalidFile } from '../../core/diagnostic.ts';
import { failure, FailureError } from '../../core/failure.ts';
import { compile } from '../../plan/compile.ts';
import { blockers } from '../../plan/gate.ts';
import { makeView } from '../../view/view.ts';
import { type FormatOf, FORMATS } from '../formats.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { savedPlanText } from '../saved-plan.ts';
import { exitWith } from '../process.ts';
import { observeCluster, type Session } from '../session.ts';

export interface PlanFlags extends SshFlags {
  readonly format: FormatOf<'plan'>;
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  readonly verbose?: boolean;
}

export async function planCommand(file: string, flags: PlanFlags, session: Session): Promise<void> {
  const source = await readSource(file);
  const { desired, warnings } = load(source, flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const view = makeView(cluster.observed);
  const { plan, diagnostics } = compile(desired, view);
  if (diagnostics.length > 0) throw new InvalidFile(diagnostics);
  const style = { colour: session.terminal.colour, verbose: flags.verbose ?? false };
  session.terminal.out(await FORMATS[flags.format].plan(plan, style));
  if (flags.out !== undefined) {
    await save(flags.out, savedPlanText(source, plan));
    session.terminal.err(
      `saved to ${flags.out}; "glusterctl apply ${flags.out}" applies exactly this plan\n`,
    );
  }
  const pending = plan.changes || blockers(plan, desired, view).length > 0;
  exitWith(pending && flags.detailedExitcode === true ? 2 : 0);
}

/** Readable by its owner alone: option values may be secrets. */
async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
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
