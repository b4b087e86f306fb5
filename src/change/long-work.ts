/**
 * What goes on after the transaction that began it: heals, and files on their way. Owns how long it is waited
 * for, and what is said of it where it did not end well; remembers nothing.
 */
import { failure } from '../core/failure.ts';
import type { RunResult } from '../model/event.ts';
import type { Plan, Step } from '../model/plan.ts';
import { compile } from '../plan/compile.ts';
import type { View } from '../view/view.ts';
import type { Desired } from '../model/desired.ts';
import { ended, type Opened, type Proposal } from './change.ts';
import { progressOf } from './progress.ts';

export interface Waiting {
  readonly desired: Desired;
  /** As given on the command line. */
  readonly file: string;
  /** For each heal or move of files; `none`: it is left to go on. By default, a limit far away. */
  readonly waitMs?: number | 'none';
}

/** What is waited for besides, each a sentence. */
export type Unended = (view: View, nowMs: number) => readonly string[];

/** Heals, or files on their way; after that, nothing more is waited for in one run. */
const WAIT_MAX_MS = 7 * 24 * 60 * 60_000;
/** Nodes that cannot be read for a moment do not end the wait. */
const UNREAD_MAX_MS = 120_000;

/** What goes on by itself, and has to end before the next step. */
export function waitUntilOver(
  change: Omit<Proposal, 'goesOn'>,
  waits: readonly string[],
  { cluster: { clock, links } }: Opened,
  { desired, file, waitMs = WAIT_MAX_MS }: Waiting,
  unended: Unended,
): Proposal {
  const { refusal } = change;
  if (refusal !== undefined && refusal.outcome !== 'nothing-to-do')
    return { ...change, refusal, wait: undefined, goesOn: true };
  if (waitMs === 'none')
    return {
      ...change,
      refusal: { ...ended('running', []), running: waits },
      wait: undefined,
      goesOn: false,
    };
  const comeBack = `it goes on; glusterctl apply ${file} waits for it again`;
  let unreadSince: number | undefined;
  const judge = (seen: View): readonly string[] => {
    if (seen.failed.size === 0) {
      unreadSince = undefined;
      return [...compile(desired, seen).waits, ...unended(seen, clock.now())];
    }
    unreadSince ??= clock.now();
    const isLong = clock.now() - unreadSince > UNREAD_MAX_MS;
    return isLong ? [] : [...seen.failed.keys()].map((node) => `${node} cannot be read`);
  };
  return {
    ...change,
    refusal: undefined,
    wait: {
      what: waits,
      limitMs: waitMs,
      judge,
      progress: (seen) => progressOf(links, seen),
      comeBack,
      expired: (details) =>
        ended('decision-needed', [
          failure('decision-needed', 'it was not over when the time to wait for it was', {
            details,
            fix: `glusterctl apply ${file}`,
          }),
        ]),
    },
    goesOn: true,
  };
}

/** It was begun in this run and is owed again: another one would end no better. */
export const endedBadly = (steps: readonly Step[], { findings }: Plan, { file }: Waiting): RunResult =>
  ended(
    'decision-needed',
    steps.map(({ summary, reason, subject }) =>
      failure('decision-needed', `"${summary}" was begun in this run, and did not end well`, {
        cause: reason,
        details: findings.filter((f) => f.subject === subject).flatMap((f) => [f.message, ...f.evidence]),
        fix: `repair the cause; glusterctl apply ${file} begins it again`,
      }),
    ),
  );
