/**
 * The files of a volume on their way to where they belong: who moves them, how the last rebalance ended, and
 * whether one is owed. Pure, over what the disks of all nodes say: nothing is remembered.
 */
import { bytesWords, count, listed } from '../core/text.ts';
import type { RebalanceMode } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import { isOn } from '../model/option-value.ts';
import type { Moved } from '../model/node-link.ts';
import type { NodeFacts, PathFacts, StoreVolume, VolumeTask } from '../model/observed.ts';
import type { View } from './view.ts';
import { isGlustersOwn } from './brick-marks.ts';
import { memberOf, setsOf } from './whole.ts';

/** Clients with it take a miss on the brick of a name for an answer, while files are elsewhere. */
export const LOOKUP_OPTIMIZE = 'cluster.lookup-optimize';

export const isLookupOptimized = ({ options }: Pick<StoreVolume, 'options'>): boolean =>
  isOn(options.get(LOOKUP_OPTIMIZE) ?? 'on') !== false;

/** A rebalance or a removal of bricks: glusterd's word for it may be old, the process is there or not. */
export const isRebalancing = ({ processes }: NodeFacts, volume: string): boolean =>
  processes.some((p) => p.state !== 'Z' && p.argv.includes(`rebalance/${volume}`));

/** Nodes whose processes move files of the volume. */
export const moversOf = (volume: string, view: View): readonly NodeName[] =>
  view.nodes.filter((n) => isRebalancing(n, volume)).map((n) => n.node);

export interface TaskPart {
  readonly node: NodeName;
  readonly task: VolumeTask;
}

/** What the nodes with bricks of the volume have of its last rebalance. */
export function rebalanceParts(volume: StoreVolume, view: View): readonly TaskPart[] {
  const copies = view.volumes.get(volume.name)?.copies;
  const owners = new Set(volume.bricks.flatMap((b) => view.ownerOf(b) ?? []));
  return [...owners].flatMap((node) => {
    const task = copies?.get(node)?.task;
    return task === undefined || task.kind === 'remove-brick' ? [] : [{ node, task }];
  });
}

/**
 * Whether a rebalance was begun on the volume, whatever became of it: `replace-brick` and `reset-brick` give
 * its record a status then for which glusterd 10.3 has no word, and get-state fails until the next one.
 */
export const hasRebalanced = (volume: StoreVolume, view: View): boolean =>
  setsOf(volume).length > 1 && rebalanceParts(volume, view).some(({ task }) => task.status !== 'not-started');

/** Nodes that say it runs, though nobody moves a file any more: it was killed. */
export const stalledOn = (volume: StoreVolume, view: View): readonly NodeName[] =>
  moversOf(volume.name, view).length > 0
    ? []
    : rebalanceParts(volume, view)
        .filter(({ task }) => task.status === 'running')
        .map(({ node }) => node);

/** "volume data: node01 120 files, 3.1 MB; node02 …". */
export function movedWords(volume: string, moved: readonly Moved[], view: View): string {
  const nameOf = (uuid: string): string => view.nodes.find((n) => n.store.uuid === uuid)?.node ?? uuid;
  const parts = moved.map(({ uuid, files, bytes, failures, status }) => {
    const failed = failures === 0 ? '' : `, ${String(failures)} failed`;
    const state = status === 'in progress' ? '' : ` (${status})`;
    return `${nameOf(uuid)} ${count(files, 'file')}, ${bytesWords(bytes)}${failed}${state}`;
  });
  return `volume ${volume}: moved so far: ${parts.sort().join('; ')}`;
}

export interface OwedRebalance {
  readonly kind: 'rebalance' | 'fix-layout';
  /** A clause for the plan. */
  readonly why: string;
}

/** What the file asks for besides its bricks; undefined: nothing, or it is under way. */
export function owedRebalance(
  volume: StoreVolume,
  mode: RebalanceMode,
  view: View,
): OwedRebalance | undefined {
  if (volume.status !== 'started' || setsOf(volume).length < 2) return undefined;
  if (volume.bricks.some((b) => b.decommissioned) || moversOf(volume.name, view).length > 0) return undefined;
  const after = afterRemoval(volume, mode, view);
  if (after !== undefined || mode === 'none') return after;
  const kind = mode === 'auto' ? 'rebalance' : 'fix-layout';
  const why = unusedSets(volume, view) ?? endedBadly(volume, mode, view);
  return why === undefined ? undefined : { kind, why };
}

/**
 * A removal of bricks leaves no id behind, whether it was committed or stopped, until a rebalance follows.
 * Whatever the file says of sets that come: files are elsewhere than their names lead, or bricks take none.
 */
function afterRemoval(volume: StoreVolume, mode: RebalanceMode, view: View): OwedRebalance | undefined {
  const parts = rebalanceParts(volume, view);
  if (parts.length === 0 || parts.some(({ task }) => task.id !== '')) return undefined;
  const unused = unusedSets(volume, view);
  const isStopped = parts.some(({ task }) => task.status === 'stopped');
  if (isStopped)
    return unused === undefined || mode !== 'none' ? undefined : { kind: 'fix-layout', why: unused };
  if (unused !== undefined && mode === 'none') return { kind: 'fix-layout', why: unused };
  return { kind: 'rebalance', why: unused ?? 'bricks have left it, and no rebalance has followed' };
}

interface SeenSet {
  readonly number: number;
  readonly isSeen: boolean;
  /** Clients place files there: it has a part in the root of the volume. */
  readonly isUsed: boolean;
  /** Of the directories that are there, no other takes files. */
  readonly isLone: boolean;
}

function seenSets(volume: StoreVolume, view: View): readonly SeenSet[] {
  const sets = setsOf(volume).map(({ number, bricks }) => ({
    number,
    roots: bricks.map((b) => memberOf(volume, b, view)?.facts.paths.get(b.path)),
  }));
  const hasParts = sets.some(({ roots }) => roots.some((root) => root?.takesFiles !== undefined));
  const isUsed = hasParts ? takesFiles : holdsNames;
  return sets.map(({ number, roots }) => ({
    number,
    isSeen: roots.every((root) => root?.volumeId === volume.id),
    isUsed: roots.some((root) => root !== undefined && isUsed(root)),
    isLone: roots.some((root) => root?.isLone === true),
  }));
}

const takesFiles = (root: PathFacts): boolean => root.takesFiles === true;

/** Where nothing has parts: in a volume of one set, until others come and a client goes on. */
const holdsNames = ({ entries = [] }: PathFacts): boolean =>
  entries.some((name) => !isGlustersOwn(name) && name !== 'lost+found');

/** A client has been there: each directory has its sets from then on. */
export const isInUse = (volume: StoreVolume, view: View): boolean =>
  seenSets(volume, view).some(({ isUsed }) => isUsed);

/**
 * Sets without a part in the root of the volume, while others have one: they came, and nothing followed. To
 * what was a volume of one set, clients give these parts when others come; its directories show it then,
 * until the first rebalance.
 */
function unusedSets(volume: StoreVolume, view: View): string | undefined {
  const sets = seenSets(volume, view);
  const isFirstAlone =
    rebalanceParts(volume, view).length === 0 && sets.every(({ isLone }, i) => isLone === (i === 0));
  const unused = sets
    .filter(({ isSeen, isUsed, isLone }) => isSeen && (!isUsed || (isFirstAlone && !isLone)))
    .map(({ number }) => String(number));
  if (unused.length === 0 || !isInUse(volume, view)) return undefined;
  return `set ${listed(unused)} of volume ${volume.name} takes no files of directories that are there`;
}

function endedBadly(volume: StoreVolume, mode: RebalanceMode, view: View): string | undefined {
  const stalled = stalledOn(volume, view);
  if (stalled.length > 0) return `the last one has no process on ${listed(stalled)}, and did not end`;
  const parts = rebalanceParts(volume, view);
  const on = (status: VolumeTask['status']): readonly NodeName[] =>
    parts.filter(({ task }) => task.status === status).map(({ node }) => node);
  if (on('failed').length > 0) return `the last one failed on ${listed(on('failed'))}`;
  if (on('stopped').length > 0) return 'the last one was stopped';
  if (mode !== 'auto') return undefined;
  const lacking = parts.filter(({ task }) => task.failures > 0);
  if (lacking.length === 0) return undefined;
  return `the last one could not move ${listed(
    lacking.map(({ node, task }) => `${String(task.failures)} on ${node}`),
  )}`;
}
