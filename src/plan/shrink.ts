/**
 * Sets that leave a volume, as steps: begun, waited for with nothing locked, taken out, then a rebalance.
 * Owns what follows from how far it is, and that a file which has the bricks again takes them back.
 */
import type { RemoveArgs } from '../actions/leaving-sets.ts';
import {
  removalProblems,
  volumeRemoveBricks,
  volumeRemoveBricksCommit,
  volumeRemoveBricksStop,
} from '../actions/volume-remove-bricks.ts';
import { lostIn, volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import { taskIds, volumeRebalance } from '../actions/volume-rebalance.ts';
import { listed } from '../core/text.ts';
import { isOn } from '../model/option-value.ts';
import type { Desired, DesiredVolume } from '../model/desired.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Step } from '../model/plan.ts';
import { setWords } from '../view/absence.ts';
import { isLookupOptimized, LOOKUP_OPTIMIZE, moversOf } from '../view/rebalance.ts';
import { lackingWords, placesOf, type Removal, removalOf } from '../view/removal.ts';
import { roomProblem } from '../view/shrink-room.ts';
import type { View } from '../view/view.ts';
import { setSize, setsOf, wholenessOf } from '../view/whole.ts';
import type { BrickChange } from './compare-bricks.ts';
import { refused } from './gate.ts';
import { fullOptionName } from './options.ts';
import { lookupStep, optimizedRefusal, type Spread } from './rebalance.ts';
import { NOTHING_OWED, type Owed } from './replacements.ts';

interface Context {
  readonly view: View;
  readonly known: ReadonlySet<string> | undefined;
}

/** Undefined: no brick leaves, and none is on its way. */
export function shrinkOf(
  wanted: DesiredVolume,
  current: StoreVolume,
  changes: readonly BrickChange[],
  { view, known }: Context,
): Spread | undefined {
  const sets = leavingSets(changes);
  const removal = removalOf(current, view);
  if (sets.length === 0 && removal === undefined) return undefined;
  const spread = { makers: [], options: new Map(), owed: NOTHING_OWED, refusals: [] };
  const isMoving = moversOf(wanted.name, view).length > 0;
  if (removal !== undefined && !isOf(removal, sets, view))
    return { ...spread, owed: takenBack(wanted, current, removal, view), isMoving: true, isStalled: true };
  const gone = lostIn(current, view);
  const lost = removal === undefined ? sets.filter((set) => set.every((brick) => gone.includes(brick))) : [];
  if (lost.length > 0)
    return { ...spread, owed: lostOwed(wanted, lost, sets, view), isMoving, isStalled: false };
  const said = [...wanted.options].find(([name]) => fullOptionName(name, known) === LOOKUP_OPTIMIZE)?.[1];
  if (said !== undefined && isOn(said) !== false)
    return { ...spread, isMoving, isStalled: false, refusals: [optimizedRefusal(wanted, said)] };
  const isToSet = removal === undefined && said === undefined && isLookupOptimized(current);
  return {
    ...spread,
    makers: isToSet ? [(after) => lookupStep(wanted, view, after)] : [],
    options: new Map(isToSet ? [[LOOKUP_OPTIMIZE, 'off']] : []),
    owed: owedBy(wanted, current, { removal, sets }, view),
    findings: isToSet ? saidBefore({ volume: wanted.name, sets }, current, view) : [],
    isMoving,
    isStalled: false,
  };
}

/** First what is lost: with a brick that is down nothing else of the volume moves. */
function lostOwed(
  { name }: DesiredVolume,
  lost: RemoveArgs['sets'],
  sets: RemoveArgs['sets'],
  view: View,
): Owed {
  const reason = 'the file no longer has these bricks, and their disks or nodes are gone';
  const others = { volume: name, sets: sets.filter((set) => !lost.includes(set)) };
  const later =
    others.sets.length === 0 ? [] : [volumeRemoveBricksCommit.step(others, view, { reason, after: [] })];
  return {
    steps: [volumeRemoveLost.step({ volume: name, sets: lost }, view, { reason, after: [] }), ...later],
    findings: [],
    waits: [],
  };
}

const leavingSets = (changes: readonly BrickChange[]): RemoveArgs['sets'] =>
  changes.flatMap((change) =>
    change.kind === 'shrink'
      ? change.sets.map(({ bricks }) => bricks)
      : change.kind === 'move'
        ? change.removed.map((brick) => [brick])
        : [],
  );

function isOf({ leaving }: Removal, sets: RemoveArgs['sets'], view: View): boolean {
  const [places, wanted] = [placesOf(leaving, view), sets.flat()];
  return places.length === wanted.length && places.every((place) => wanted.includes(place));
}

interface Leaving {
  readonly removal: Removal | undefined;
  readonly sets: RemoveArgs['sets'];
}

function owedBy({ name }: DesiredVolume, current: StoreVolume, { removal, sets }: Leaving, view: View): Owed {
  const args = { volume: name, sets };
  const last = [
    volumeRemoveBricksCommit.step(args, view, { reason: 'the file no longer has these bricks', after: [] }),
    ...(setsOf(current).length - sets.length < 2 ? [] : [rebalanceStep(name, view)]),
  ];
  if (removal?.state === 'running')
    return {
      steps: last,
      findings: [],
      waits: [`${listed(moversOf(name, view))}: files of volume ${name} leave ${listed(sets.flat())}`],
    };
  if (removal?.state === 'completed') return { steps: last, findings: [], waits: [] };
  const reason =
    removal === undefined
      ? 'the file no longer has these bricks'
      : `it broke off, and is begun again: ${lackingWords(removal).join('; ')}`;
  const first = volumeRemoveBricks.step(args, view, { reason, after: [] });
  const findings = roomFindings(current, first, sets, view);
  return {
    steps: [first, ...last],
    findings,
    waits: findings.length > 0 ? [] : healsUnderWay(current, sets, view),
  };
}

/** While the option comes first: nothing is begun that cannot go on. */
function saidBefore(args: RemoveArgs, current: StoreVolume, view: View): readonly Finding[] {
  if (!args.sets.flat().every((brick) => placesOf(current.bricks, view).includes(brick))) return [];
  const step = volumeRemoveBricks.step(args, view, { reason: '', after: [] });
  const room = roomFindings(current, step, args.sets, view);
  const problems = room.length > 0 ? [] : removalProblems(args, view);
  return [...room, ...refused(step, 'repair what is named, or change the cluster file', problems)];
}

const rebalanceStep = (volume: string, view: View): Step =>
  volumeRebalance.step({ volume, kind: 'rebalance', earlier: taskIds(volume, view) }, view, {
    reason: 'bricks have left, and names lead to others now',
    after: [],
  });

/** In sets that leave; it passes by itself. */
const healsUnderWay = (current: StoreVolume, sets: RemoveArgs['sets'], view: View): readonly string[] =>
  setsOf(current)
    .filter(({ bricks }) => current.layout.kind !== 'distribute' && has(sets, placesOf(bricks, view)))
    .flatMap((set) => {
      const wholeness = wholenessOf(set, view);
      return wholeness.kind === 'pending' ? [`${setWords(set)}: ${wholeness.problems.join('; ')}`] : [];
    });

const has = (sets: RemoveArgs['sets'], places: readonly string[]): boolean =>
  sets.flat().some((brick) => places.includes(brick));

function roomFindings(
  current: StoreVolume,
  { subject, nodes }: Step,
  sets: RemoveArgs['sets'],
  view: View,
): readonly Finding[] {
  const leaving = current.bricks.filter((b) => has(sets, placesOf([b], view)));
  const room = roomProblem(current, new Set(leaving.map((b) => b.file)), view);
  if (room === undefined) return [];
  return [
    {
      code: 'target-too-small',
      severity: 'error',
      subject,
      nodes,
      message: room.message,
      evidence: ['free space without storage.reserve (1 %) and cluster.min-free-disk'],
      remedy: 'make room on the bricks that stay, or add bricks first; then run the same command',
    },
  ];
}

/** The file has bricks that are on their way out: somebody has thought better of it. */
function takenBack(
  { name, rebalance }: DesiredVolume,
  current: StoreVolume,
  { leaving }: Removal,
  view: View,
): Owed {
  const size = setSize(current);
  const bricks = placesOf(leaving, view);
  const sets = Array.from({ length: Math.ceil(bricks.length / size) }, (_, i) =>
    bricks.slice(i * size, (i + 1) * size),
  );
  const reason = 'the file has these bricks; they take no new files until a rebalance has followed';
  const stop = volumeRemoveBricksStop.step({ volume: name, sets, reset: [] }, view, { reason, after: [] });
  const kind = rebalance === 'none' ? 'fix-layout' : 'rebalance';
  const follow = volumeRebalance.step({ volume: name, kind, earlier: taskIds(name, view) }, view, {
    reason: 'bricks were on their way out, and directories do not use them',
    after: [],
  });
  return { steps: [stop, follow], findings: [], waits: [] };
}

/** What may be named so that bricks leave, of volumes of the file. */
export const leavingBricks = (desired: Desired, view: View): readonly string[] =>
  desired.volumes.flatMap(({ name, state, bricks }) => {
    const volume = state === 'absent' ? undefined : view.volumes.get(name)?.best;
    const wanted = bricks.map((b) => `${b.node}:${b.path}`);
    return (volume === undefined ? [] : placesOf(volume.bricks, view))
      .filter((place) => !wanted.includes(place))
      .map((place) => `brick/${place}`);
  });
