/**
 * Whether one brick may take the place of another as things are. Pure, over one view. glusterd asks for
 * nothing: "replace-brick … commit force" takes the only good copy out, and a directory with files in.
 */
import { nodeName, volumeName } from '../model/names.ts';
import type { StoreBrick } from '../model/observed.ts';
import { type AbsenceProblem, healProblems, quorumProblems, setWords, taskProblems } from './absence.ts';
import { isOnline } from './brick.ts';
import { copyRoomProblems } from './copy-room.ts';
import { drainedProblems } from './drained.ts';
import type { View } from './view.ts';
import { type BrickSet, memberOf, setsOf, wholenessOf } from './whole.ts';

export interface Place {
  readonly node: string;
  readonly path: string;
}

export interface Replacing {
  readonly volume: string;
  readonly from: Place;
  readonly to: Place;
}

export interface ReplaceProblem extends Omit<AbsenceProblem, 'kind'> {
  /**
   * `source`: others may have to get files from the brick that goes; `place`: it cannot be there; `room`:
   * what it would get does not fit.
   */
  readonly kind: AbsenceProblem['kind'] | 'source' | 'place' | 'room';
}

/** The set with the brick that goes, and that brick. */
export function leavingIn(
  { volume, from }: Replacing,
  view: View,
): { readonly set: BrickSet; readonly leaving: StoreBrick } | undefined {
  const best = view.volumes.get(volumeName(volume))?.best;
  for (const set of best === undefined ? [] : setsOf(best)) {
    const leaving = set.bricks.find((b) => b.path === from.path && view.ownerOf(b) === from.node);
    if (leaving !== undefined) return { set, leaving };
  }
  return undefined;
}

/** Heals that go on by themselves, each a sentence: nothing else is done to the volume until then. */
export function healsUnderWay(args: Replacing, view: View): readonly string[] {
  const found = leavingIn(args, view);
  if (found === undefined) return [];
  return setsOf(found.set.volume).flatMap((set) => pendingIn(set, view));
}

/** What of a set is being healed, a sentence. */
export function pendingIn(set: BrickSet, view: View): readonly string[] {
  const wholeness = wholenessOf(set, view);
  return wholeness.kind === 'pending' ? [`${setWords(set)}: ${wholeness.problems.join('; ')}`] : [];
}

/** Why it cannot be replaced, but for heals that are under way. */
export function replaceProblems(args: Replacing, view: View): readonly ReplaceProblem[] {
  const { volume, from, to } = args;
  const subject = `brick/${from.node}:${from.path}`;
  const found = leavingIn(args, view);
  const place = (message: string): ReplaceProblem => ({ kind: 'place', subject, message, evidence: [] });
  if (found === undefined) return [place(`${from.node}:${from.path} is not a brick of volume ${volume}`)];
  const { set, leaving } = found;
  if (set.volume.status !== 'started') return [place(`volume ${volume} is not started: nothing would heal`)];
  const others = set.bricks.filter((b) => b !== leaving);
  const owners = others.flatMap((b) => view.ownerOf(b) ?? []);
  return [
    ...taskProblems(set.volume),
    ...memberProblems(set, leaving, view),
    ...quorumProblems(set, [leaving], view, 0),
    ...owners
      .filter((node) => node === to.node)
      .map((node) => place(`${node} has another brick of ${setWords(set)}: one node would take both away`)),
    ...drainedProblems([...owners, nodeName(to.node), nodeName(from.node)], view).map(place),
    ...roomFor(args, set, leaving, view),
  ];
}

/** An arbiter gets names alone. The old disk of the brick says nothing of what the new one gets. */
function roomFor(
  { from, to }: Replacing,
  { volume, number, bricks }: BrickSet,
  leaving: StoreBrick,
  view: View,
): readonly ReplaceProblem[] {
  const isArbiter =
    volume.layout.kind === 'replicate' && volume.layout.arbiter === 1 && leaving === bricks.at(-1);
  if (isArbiter) return [];
  const data =
    volume.layout.kind === 'replicate' && volume.layout.arbiter === 1 ? bricks.slice(0, -1) : bricks;
  const sources = { volume, number, bricks: data.filter((b) => b !== leaving) };
  return copyRoomProblems(`brick/${from.node}:${from.path}`, [{ sources, places: [to] }], view);
}

/** Why a brick whose disk is new cannot be filled from the others, but for heals that are under way. */
export function resetProblems(args: Replacing, view: View): readonly ReplaceProblem[] {
  const { volume, from } = args;
  if (view.volumes.get(volumeName(volume))?.best.layout.kind !== 'distribute')
    return replaceProblems(args, view);
  return [
    {
      kind: 'place',
      subject: `brick/${from.node}:${from.path}`,
      message: `the files of ${from.node}:${from.path} were on its old disk alone: no other brick has them`,
      evidence: [`volume ${volume} is distributed: a new disk would be filled by nobody`],
    },
  ];
}

/**
 * Every other member has to be up and known. What they remember for a brick that is down is for that one: it
 * goes to its successor. What the one that goes has for others is waited for.
 */
function memberProblems(set: BrickSet, leaving: StoreBrick, view: View): readonly ReplaceProblem[] {
  if (wholenessOf(set, view, [leaving]).kind === 'unknown') return healProblems(set, view, leaving);
  const own = memberOf(set.volume, leaving, view);
  const isCounted = own?.facts.paths.get(leaving.path)?.pendingHeals !== undefined;
  if (own === undefined || !isOnline(own) || isCounted) return [];
  return [
    {
      kind: 'source',
      subject: `volume/${set.volume.name}`,
      message: `whether others of ${setWords(set)} need files of the brick that goes is not known`,
      evidence: [`the heals that wait on ${own.facts.node}:${leaving.path} could not be counted`],
    },
  ];
}
