/**
 * Starts bricks and daemons that ran before, should run now, and do not: glusterd does that by itself only
 * when it starts. Owns which those are; refuses to force a volume one of whose bricks is not fit to start.
 */
import { failure, type Failure } from '../core/failure.ts';
import { forceStart } from '../actions/common.ts';
import { volumeName, type VolumeName } from '../model/names.ts';
import { forceProblems, isOnline, locate } from '../view/brick.ts';
import { isDrained } from '../view/drained.ts';
import { missingDaemons } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { awaitSettled } from './await-settled.ts';
import { runCalls } from './calls.ts';
import type { Context } from './context.ts';
import type { Journal } from './journal.ts';

export interface Missing {
  readonly node: string;
  readonly volume: VolumeName;
  /** "brick node01:/b/x", "the self-heal daemon of x on node01". */
  readonly what: string;
}

/** Bricks and daemons of started volumes that ran when the journal was written and do not run now. */
export function missingIn(view: View, journal: Pick<Journal, 'online' | 'amiss'>): readonly Missing[] {
  const bricks = journal.online.flatMap((brick): readonly Missing[] => {
    const located = locate(brick, view);
    // Where glusterd does not answer, glusterd is what is missing.
    if (located === undefined || located.facts.memory.kind !== 'up' || isDrained(located.facts)) return [];
    if (!isStarted(view, volumeName(brick.volume)) || isOnline(located)) return [];
    const what = `brick ${brick.node}:${brick.path} of volume ${brick.volume}`;
    return [{ node: brick.node, volume: volumeName(brick.volume), what }];
  });
  const known = new Set(journal.amiss ?? []);
  const daemons = missingDaemons(view).flatMap(({ node, volume, subject, what }): readonly Missing[] =>
    known.has(subject) ? [] : [{ node, volume, what: `${what} on ${node}` }],
  );
  return [...bricks, ...daemons];
}

/** One that is not started on every node is being stopped, or was stopped half, by others. */
const isStarted = (view: View, volume: VolumeName): boolean =>
  [...(view.volumes.get(volume)?.copies.values() ?? [])].every(({ status }) => status === 'started');

/** Starts them, once every glusterd has brought up what it does by itself. */
export async function startMissing(
  context: Context,
  journal: Pick<Journal, 'online' | 'amiss'>,
): Promise<readonly Failure[]> {
  const { view } = await awaitSettled(context);
  const volumes = (seen: View): readonly VolumeName[] => [
    ...new Set(missingIn(seen, journal).map((m) => m.volume)),
  ];
  if (volumes(view).length === 0) return [];
  // Force stamps what it finds: with one brick of the volume unfit to start, it is not used.
  context.observer.dropBaseline();
  const now = await context.observer.observe();
  const failures: Failure[] = [];
  for (const volume of volumes(now).filter((v) => forceProblems(v, now).length === 0)) {
    const problem = await runCalls(context, forceStart(volume, now));
    // Others have stopped it meanwhile.
    if (problem === undefined || problem.kind === 'changed') continue;
    const title = `bricks or daemons of volume ${volume} ended meanwhile and could not be started`;
    failures.push(failure('command-failed', title, { cause: problem.message }));
  }
  return failures;
}
