/**
 * What the phases of a transaction share: how one begins and ends, its result, and the notices on the way.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Outcome, Phase, RunResult } from '../model/event.ts';
import type { Context } from './context.ts';

/** The result of a phase; a phase adds what the next one works from. */
export interface PhaseResult {
  /** In the order they occurred. None: the phase went well. */
  readonly failures: readonly Failure[];
}

export async function inPhase<Answer extends PhaseResult>(
  context: Context,
  name: Phase,
  work: () => Promise<Answer>,
): Promise<Answer> {
  begin(context, name);
  const answer = await work();
  end(context, name, answer.failures.length === 0);
  return answer;
}

export function begin(context: Context, name: Phase): void {
  context.phase = name;
  context.emit({ type: 'phase', phase: name, status: 'started' });
}

export const end = (context: Context, name: Phase, isGood: boolean): void =>
  context.emit({ type: 'phase', phase: name, status: isGood ? 'done' : 'failed' });

export const notice = (context: Context, message: string): void =>
  context.emit({ type: 'notice', level: 'warning', message });

/** A person wants to stop. */
export const isAborted = ({ signal }: Context): boolean => signal.aborted;

export const interrupted = (): Failure => failure('interrupted', 'interrupted before it was done');

export const ended = (
  { owner }: Context,
  outcome: Outcome,
  failures: readonly Failure[] = [],
  manualSteps: RunResult['owed'] = [],
): RunResult => ({ outcome, transaction: owner.transaction, failures, owed: manualSteps });

/** Of a transaction that ended before it changed anything. */
export function outcomeOf(failures: readonly Failure[]): Outcome {
  const has = (code: Failure['code']): boolean => failures.some((f) => f.code === code);
  if (has('cluster-locked')) return 'locked';
  if (has('precondition-failed') || has('plan-outdated') || has('command-failed')) return 'refused';
  return has('interrupted') ? 'interrupted' : 'unreachable';
}
