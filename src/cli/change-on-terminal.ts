/**
 * A change at the command line: what run-change.ts asks for, taken from the session and this process. Owns
 * the exit code of a change.
 */
import { type Change, ended, type Host } from '../change/change.ts';
import { runChange } from '../change/run-change.ts';
import { failure } from '../core/failure.ts';
import { absentNodes, leftOutOf } from '../model/desired.ts';
import type { Changed, Phase, RunResult } from '../model/event.ts';
import type { LockOwner } from '../model/transaction.ts';
import { printable } from '../report/printable.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ChangeView } from './change-views.ts';
import { type FormatOf, FORMATS } from './formats.ts';
import { newOwner } from './owner.ts';
import { exitWith, inputIsTty, onSecondSignal } from './process.ts';
import { confirmed } from './prompt.ts';
import { openAny, type Session } from './session.ts';

export interface ChangeFlags {
  readonly format: FormatOf<'change'>;
  readonly yes?: boolean;
}

/** Runs it, prints the result, and sets the exit code. */
export const changeOnTerminal = (change: Change, flags: ChangeFlags, session: Session): Promise<void> =>
  runOnTerminal(change, (host) => runChange(change, host), flags, session);

/** The same for what is made of several changes. */
export async function runOnTerminal(
  change: Pick<Change, 'name' | 'desired'>,
  run: (host: Host) => Promise<RunResult>,
  flags: ChangeFlags,
  session: Session,
): Promise<void> {
  const view = await FORMATS[flags.format].change(session.terminal);
  // Nobody waits for one that is to go.
  const leaving = absentNodes(change.desired);
  const without = leftOutOf(change.desired).filter((node) => !leaving.has(node));
  const show = (ran: RunResult): number => {
    const result = { ...ran, ...(without.length > 0 && { without }) };
    const exitCode = exitCodeOf(result);
    view.showResult(result, exitCode, change.name);
    return exitCode;
  };
  const underWay: UnderWay = { changed: [] };
  const forget = onSecondSignal(() => show(givenUp(underWay)));
  try {
    const host = followed(hostOf(view, flags.yes ?? false, session), underWay);
    exitWith(show(await run(host)));
  } finally {
    forget();
  }
}

/** The transaction that has begun to write on the nodes, while it has not ended. */
interface UnderWay {
  transaction?: string;
  /** Completed before it, in this run. */
  readonly changed: Changed[];
}

/** Keeps account of the transaction that is under way. */
function followed(host: Host, underWay: UnderWay): Host {
  let last: LockOwner | undefined;
  return {
    ...host,
    newOwner: () => (last = host.newOwner()),
    onChanged: (one) => {
      const { changed } = underWay;
      if (!changed.some((c) => c.transaction === one.transaction)) changed.push(one);
    },
    progress: () => {
      const progress = host.progress();
      const answer = (): void => {
        const message =
          underWay.transaction === undefined
            ? 'stopping; Ctrl-C again stops waiting'
            : 'stopping after this step, then rolling back; Ctrl-C again stops waiting';
        progress.onEvent({ type: 'notice', level: 'warning', message });
      };
      host.signal.addEventListener('abort', answer, { once: true });
      return {
        finish: async () => {
          host.signal.removeEventListener('abort', answer);
          await progress.finish();
        },
        onEvent: (event) => {
          progress.onEvent(event);
          if (event.type !== 'phase') return;
          if (event.phase === 'unlock' && event.status === 'done') delete underWay.transaction;
          else if (WRITING.has(event.phase) && last !== undefined) underWay.transaction = last.transaction;
        },
      };
    },
  };
}

/** Phases that leave something on the nodes when nobody goes on. */
const WRITING: ReadonlySet<Phase> = new Set([
  'pre-validate',
  'commit',
  'post-validate',
  'rollback',
  'unlock',
]);

/** The result where a second signal ends the process. */
function givenUp({ transaction, changed: all }: UnderWay): RunResult {
  const changed = all.length === 0 ? {} : { changed: all };
  if (transaction === undefined)
    return {
      ...ended('interrupted', [failure('interrupted', 'interrupted before it was done')]),
      ...changed,
    };
  const why = failure('interrupted', 'interrupted again, before all was rolled back', {
    cause: 'what was begun stays as it is; the journals on the nodes know it',
    fix: '"glusterctl recover FILE" rolls it back',
  });
  return { ...ended('rollback-incomplete', [why]), transaction, ...changed };
}

/** `yes`: every question is answered with it. */
function hostOf(view: ChangeView, yes: boolean, session: Session): Host {
  const { terminal, signal } = session;
  const mayAsk = session.contact?.input !== false && inputIsTty();
  return {
    ...view,
    signal,
    newOwner,
    timeOf: Date.parse,
    open: (desired) => openAny(desired, session, view.onEvent),
    remark: (sentence) => {
      terminal.err(`${printable(sentence)}\n`);
    },
    canAsk: () => yes || mayAsk,
    hasPerson: () => !yes && mayAsk,
    confirm: async (question) => yes || (await confirmed(question, signal)),
  };
}
