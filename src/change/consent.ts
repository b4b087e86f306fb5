/**
 * Whether an unfinished transaction may be finished without asking: it is fresh, and nobody has changed its
 * volumes since. Owns that judgement and its words; refuses where only a person can decide.
 */
import { didYouMean } from '../core/suggest.ts';
import { failure, type Failure } from '../core/failure.ts';
import { compareWithBefore, touchedVolumes } from '../transaction/rollback/compare.ts';
import { type Foreign, foreignIn, foreignWords, unkeptIn } from '../transaction/rollback/foreign.ts';
import type { Before } from '../transaction/journal.ts';
import { readBefore, type Unfinished } from '../transaction/unfinished.ts';
import { pastTransactions } from '../view/transactions.ts';
import type { View } from '../view/view.ts';
import type { Consent, Host, Opened } from './change.ts';

/** Younger than this, a transaction is finished by `--yes` alone: by its start and the nodes' clocks. */
export const FRESH_MAX_MS = 60 * 60_000;

/** What a clock may be ahead of the nodes' and still says the age of a transaction. */
const AHEAD_MAX_MS = 5 * 60_000;

/** An unfinished transaction, and what a person has to know before it is finished. */
export interface Judged {
  readonly unfinished: Unfinished;
  /** Undefined: its start is not known. */
  readonly ageMs: number | undefined;
  readonly foreign: readonly Foreign[];
  /** Nodes without a journal of it that have a volume of it otherwise than it was, each a sentence. */
  readonly unkept: readonly string[];
  /** Nothing is left to take back: only the journal is closed. */
  readonly isDone: boolean;
}

export const decide = (unfinished: Unfinished, { abandon }: Consent): Unfinished =>
  abandon.has(unfinished.id) ? { ...unfinished, direction: 'abandoned' } : unfinished;

/** Reads the journals; changes nothing. */
export async function judgeAll(
  list: readonly Unfinished[],
  { cluster, view }: Opened,
  { discard }: Consent,
  timeOf: Host['timeOf'],
): Promise<readonly Judged[]> {
  const read = await Promise.all(
    list.map(async (unfinished) => {
      const before =
        unfinished.direction === 'back' ? await readBefore(cluster.links, unfinished) : undefined;
      // A journal that cannot be read fails as it is finished, and says why.
      const isRead = before !== undefined && !('code' in before);
      return { unfinished, before: isRead ? { ...before, discarded: discard } : undefined };
    }),
  );
  const all = read.flatMap(({ before }) => before ?? []);
  const now = cluster.clock.now();
  return read.map(({ unfinished, before }) => ({
    unfinished,
    ageMs: ageOf(unfinished, view, now, timeOf),
    ...(before === undefined ? NOTHING : factsOf(before, all, view)),
  }));
}

const NOTHING = { foreign: [], unkept: [], isDone: false };

function factsOf(
  before: Before,
  all: readonly Before[],
  view: View,
): Pick<Judged, 'foreign' | 'unkept' | 'isDone'> {
  const touched = touchedVolumes(before.journal.plan.steps);
  const also = all.filter((b) => b !== before);
  const foreign = [...foreignIn(view, before, touched, also).values()];
  const isDone = foreign.length === 0 && compareWithBefore(view, before, touched).length === 0;
  return { foreign, unkept: unkeptIn(view, before, touched), isDone };
}

/** By the nodes' clocks; the one that says it is the oldest counts. */
function ageOf({ id }: Unfinished, view: View, now: number, timeOf: Host['timeOf']): number | undefined {
  const owner = pastTransactions(view).find((t) => t.id === id)?.owner;
  const since = timeOf(owner?.since ?? '');
  if (Number.isNaN(since)) return undefined;
  const age = Math.max(...view.nodes.map((n) => now + n.clockSkewMs - since));
  // It began on a machine whose clock is ahead: how long ago, nobody knows.
  return age < -AHEAD_MAX_MS ? undefined : age;
}

const isFresh = ({ ageMs }: Judged): boolean => ageMs !== undefined && ageMs < FRESH_MAX_MS;

/** Volumes of which our part cannot be taken back without taking back what others did. */
const inConflict = ({ foreign }: Judged): readonly Foreign[] =>
  foreign.filter((f) => f.isHeld || f.keys.some((k) => k.isTouched));

/** What a person is asked about besides, each a sentence; `--yes` alone does not answer it. */
export function doubtsOf(judged: Judged, { finish }: Consent): readonly string[] {
  const { unfinished, isDone, foreign, unkept } = judged;
  if (unfinished.direction !== 'back' || isDone || finish.has(unfinished.id)) return [];
  return [
    ...(isFresh(judged) ? [] : [`it began ${ageWords(judged.ageMs)}`]),
    ...foreign.flatMap((f) => f.keys.map(foreignWords)),
    ...unkept,
  ];
}

/** `hasPerson`: doubts are asked about; conflicts need their flag whoever is there. */
export function refusals(all: readonly Judged[], consent: Consent, hasPerson: boolean): readonly Failure[] {
  return all.flatMap((judged) => {
    const { id, direction } = judged.unfinished;
    if (direction !== 'back' || judged.isDone) return [];
    const conflicts = inConflict(judged);
    const doubts = doubtsOf(judged, consent);
    if (conflicts.length === 0 && (doubts.length === 0 || hasPerson)) return [];
    const details = conflicts.length > 0 ? conflicts.flatMap((f) => f.keys.map(foreignWords)) : doubts;
    return [
      failure('decision-needed', titleOf(judged), { details: [...new Set(details)], fix: fixOf(judged, id) }),
    ];
  });
}

function titleOf({ unfinished: { id }, ageMs, foreign }: Judged): string {
  const volumes = foreign.map((f) => f.volume);
  const since = volumes.length === 0 ? '' : `, and others have changed ${volumes.join(', ')} since`;
  return `transaction ${id} began ${ageWords(ageMs)} and did not end${since}`;
}

function fixOf(judged: Judged, id: string): string {
  const conflicts = inConflict(judged);
  const discard = conflicts.map((f) => ` --discard-changes volume/${f.volume}`).join('');
  return [
    ...(conflicts.length === 0
      ? [`"glusterctl recover FILE --finish ${id}" takes back what is its own, and what others changed stays`]
      : [
          `"glusterctl recover FILE --finish ${id}${discard}" puts these volumes back as they were before, ` +
            'and what others changed in them is lost',
        ]),
    `"glusterctl recover FILE --abandon ${id}" closes its journal, and everything stays as it is`,
  ].join('; ');
}

const UNITS = [
  ['day', 24 * 60 * 60_000],
  ['hour', 60 * 60_000],
  ['minute', 60_000],
] as const;

export function ageWords(ageMs: number | undefined): string {
  if (ageMs === undefined) return 'at a time that is not known';
  for (const [unit, ms] of UNITS) {
    const n = Math.floor(ageMs / ms);
    if (n > 0) return `${String(n)} ${unit}${n === 1 ? '' : 's'} ago`;
  }
  return 'less than a minute ago';
}

/** Transactions that are named and that no node keeps. */
export function unknownIds({ finish, abandon }: Consent, view: View): readonly Failure[] {
  const known = pastTransactions(view).map((t) => t.id);
  return [...finish, ...abandon]
    .filter((id) => !known.includes(id))
    .map((id) =>
      failure('invalid-input', `no node keeps a transaction ${id}${didYouMean(id, known)}`, {
        fix: '"glusterctl history FILE" lists them',
      }),
    );
}
