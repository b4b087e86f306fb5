/**
 * What the phases of a transaction have in common: how one begins and ends, what it answers, and what is said
 * on the way.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Outcome, Phase, RunResult } from '../model/event.ts';
import type { Context } from './context.ts';

/** What a phase answers; what the next one works from is added where there is any. */
export interface PhaseResult {
  /** In the order they were met. None: the phase went well. */
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

/** A person wished to stop. */
export const isAborted = ({ signal }: Context): boolean => signal.aborted;

export const interrupted = (): Failure => failure('interrupted', 'interrupted before it was done');

export const ended = (
  { owner }: Context,
  outcome: Outcome,
  failures: readonly Failure[] = [],
  owed: RunResult['owed'] = [],
): RunResult => ({ outcome, transaction: owner.transaction, failures, owed });

/** Of a transaction that ended before it changed anything. */
export function outcomeOf(failures: readonly Failure[]): Outcome {
  const has = (code: Failure['code']): boolean => failures.some((f) => f.code === code);
  if (has('cluster-locked')) return 'locked';
  if (has('precondition-failed') || has('plan-outdated') || has('command-failed')) return 'refused';
  return has('interrupted') ? 'interrupted' : 'unreachable';
}
