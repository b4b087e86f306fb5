/**
 * Whether each set of a volume may get further copies, or lose some, as things are. Pure, over one view.
 * glusterd asks at most whether the bricks run, and with `force` not even that.
 */
import type { Layout } from '../model/desired.ts';
import { layoutWords } from '../model/layout.ts';
import { isOn } from '../model/option-value.ts';
import { brickPath, nodeName, type NodeName, splitPlace, volumeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { setWords, taskProblems } from './absence.ts';
import { isOnline } from './brick.ts';
import { copyRoomProblems } from './copy-room.ts';
import { drainedProblems } from './drained.ts';
import { lossOf } from './loss.ts';
import { moversOf } from './rebalance.ts';
import { pendingIn, type ReplaceProblem } from './replacement.ts';
import type { View } from './view.ts';
import { type BrickSet, memberOf, setSize, setsOf, wholenessOf } from './whole.ts';

export interface CopiesChange {
  readonly volume: string;
  readonly from: Layout;
  readonly to: Layout;
  /** The bricks that come or leave, set by set in the order of the volume: "node04:/bricks/d1/v". */
  readonly sets: readonly (readonly string[])[];
}

/** glusterd turns it off as a volume gets its first copies, and on as it loses the last. */
export const CLIENT_IO_THREADS = 'performance.client-io-threads';

export const setsWords = (sets: CopiesChange['sets']): string =>
  sets.map((set, i) => `${set.join(' ')} to set ${String(i + 1)}`).join(', ');

export const leavingWords = (sets: CopiesChange['sets']): string =>
  sets.map((set, i) => `${set.join(' ')} of set ${String(i + 1)}`).join(', ');

export interface Place {
  readonly node: NodeName;
  readonly path: ReturnType<typeof brickPath>;
}

export const placesIn = (sets: CopiesChange['sets']): readonly Place[] =>
  sets.flat().flatMap((brick) => {
    const { host, path } = splitPlace(brick) ?? {};
    return host === undefined || path === undefined ? [] : [{ node: nodeName(host), path: brickPath(path) }];
  });

/**
 * Heals that go on by themselves, each a sentence: no copy comes or goes until then. What the bricks of a
 * distribute volume remember is of copies that are gone, and nobody heals it.
 */
export function copiesWait({ volume }: Pick<CopiesChange, 'volume'>, view: View): readonly string[] {
  const best = view.volumes.get(volumeName(volume))?.best;
  if (best === undefined || best.layout.kind === 'distribute') return [];
  return setsOf(best).flatMap((set) => pendingIn(set, view));
}

/** Why no copies can come, but for heals that are under way. */
export function moreCopiesProblems(change: CopiesChange, view: View): readonly ReplaceProblem[] {
  const volume = view.volumes.get(volumeName(change.volume))?.best;
  const common = volumeProblems(change, volume, view);
  if (volume === undefined || common.length > 0) return common;
  const sets = setsOf(volume);
  return [
    ...drainedProblems(
      placesIn(change.sets).map(({ node }) => node),
      view,
    ).map((message) => place(change, message)),
    ...sets.flatMap((set, i) => crowded(change, set, change.sets[i] ?? [], view)),
    ...roomFor(change, sets, view),
  ];
}

/**
 * Why no copies can go, but for heals that are under way: glusterd takes the only good one out as well. A
 * member has to be up. One that goes with its disk or its node is not asked: what the others remember is for
 * it.
 */
export function fewerCopiesProblems(change: CopiesChange, view: View): readonly ReplaceProblem[] {
  const volume = view.volumes.get(volumeName(change.volume))?.best;
  const common = volumeProblems(change, volume, view);
  if (volume === undefined || common.length > 0) return common;
  const staying = setSize({ layout: change.to });
  const needed = Number.parseInt(volume.options.get('cluster.quorum-count') ?? '1', 10);
  if (volume.options.get('cluster.quorum-type') !== 'fixed' || needed <= staying) return [];
  return [
    {
      kind: 'quorum',
      subject: `volume/${change.volume}`,
      message: `clients of ${change.volume} would have no quorum with ${String(staying)} bricks of each set`,
      evidence: [`cluster.quorum-type is fixed, cluster.quorum-count ${String(needed)}`],
    },
  ];
}

const place = (
  { volume }: CopiesChange,
  message: string,
  evidence: readonly string[] = [],
): ReplaceProblem => ({
  kind: 'place',
  subject: `volume/${volume}`,
  message,
  evidence,
});

const isSame = (a: Layout, b: Layout): boolean => layoutWords(a) === layoutWords(b);

/** What holds for all of its bricks. */
function volumeProblems(
  change: CopiesChange,
  volume: StoreVolume | undefined,
  view: View,
): readonly ReplaceProblem[] {
  const { volume: name, from, sets } = change;
  if (volume === undefined) return [place(change, `there is no volume ${name}`)];
  if (!isSame(volume.layout, from) || setsOf(volume).length !== sets.length)
    return [place(change, `volume ${name} is not what the change was made for`)];
  if (volume.status !== 'started')
    return [place(change, `volume ${name} is not started: nothing would heal`)];
  const owners = volume.bricks.flatMap((b) => view.ownerOf(b) ?? []);
  return [
    ...taskProblems(volume),
    ...moversOf(name, view).map((node) => place(change, `${node} still moves files of ${name}`)),
    ...setsOf(volume).flatMap((set) => unknownIn(set, view, goneIn(change, set, view))),
    ...drainedProblems(owners, view).map((message) => place(change, message)),
  ];
}

/** Members that leave, and whose disk or node is gone. */
const goneIn = ({ sets }: CopiesChange, { volume, bricks }: BrickSet, view: View): readonly StoreBrick[] =>
  bricks.filter((brick) => {
    const name = `${view.ownerOf(brick) ?? brick.hostname}:${brick.path}`;
    return sets.flat().includes(name) && lossOf(volume, brick, view) === 'gone';
  });

/** A member that is down, or of which nothing is known, may be the one with the good copies. */
function unknownIn(set: BrickSet, view: View, gone: readonly StoreBrick[]): readonly ReplaceProblem[] {
  const isAlone = set.volume.layout.kind === 'distribute';
  const wholeness = isAlone ? upOf(set, view) : wholenessOf(set, view, gone);
  if (wholeness.kind !== 'unknown') return [];
  const message = `whether heals are pending in ${setWords(set)} is not known`;
  return [{ kind: 'heal', subject: `volume/${set.volume.name}`, message, evidence: wholeness.problems }];
}

/** No daemon heals a distribute volume yet. */
function upOf({ volume, bricks }: BrickSet, view: View): ReturnType<typeof wholenessOf> {
  const down = bricks.filter((brick) => {
    const local = memberOf(volume, brick, view);
    return local === undefined || !isOnline(local);
  });
  const problems = [
    ...(isOn(volume.options.get('cluster.self-heal-daemon') ?? 'on') === false
      ? [`the self-heal daemon of volume ${volume.name} is switched off`]
      : []),
    ...down.map((b) => `${view.ownerOf(b) ?? b.hostname}:${b.path} is down`),
  ];
  return problems.length === 0 ? { kind: 'whole' } : { kind: 'unknown', problems };
}

/** `force`, which glusterd needs for several sets, takes this too. */
function crowded(
  change: CopiesChange,
  set: BrickSet,
  fresh: readonly string[],
  view: View,
): readonly ReplaceProblem[] {
  const nodes = [
    ...set.bricks.flatMap((b) => view.ownerOf(b) ?? []),
    ...placesIn([fresh]).map((p) => p.node),
  ];
  const twice = nodes.filter((node, i) => nodes.indexOf(node) !== i);
  return [...new Set(twice)].map((node) =>
    place(change, `${node} would have two bricks of ${setWords(set)}: one node would take both away`),
  );
}

/** An arbiter gets names alone. */
function roomFor(change: CopiesChange, sets: readonly BrickSet[], view: View): readonly ReplaceProblem[] {
  if (change.to.kind === 'replicate' && change.to.arbiter === 1) return [];
  const copies = sets.map((set, i) => ({ sources: set, places: placesIn([change.sets[i] ?? []]) }));
  return copyRoomProblems(`volume/${change.volume}`, copies, view);
}
