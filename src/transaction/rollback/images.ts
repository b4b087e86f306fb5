/**
 * Restores volumes from the before-images. glusterd is stopped on all nodes that differ, together: a node
 * left running would give the others its higher version again. Bricks keep serving.
 */
import { restoreVolumes, volumePaths } from '../../actions/with-glusterd-stopped.ts';
import type { Failure } from '../../core/failure.ts';
import { type NodeName, type VolumeName, volumeName } from '../../model/names.ts';
import type { NodeFacts, StoreBrick } from '../../model/observed.ts';
import { type BrickArgs, locate } from '../../view/brick.ts';
import { comparingStale, rejections } from '../../view/rejection.ts';
import { sameInMemory } from '../../view/same-in-memory.ts';
import { brickProcesses, makeView, stateOf, type View } from '../../view/view.ts';
import type { Context } from '../context.ts';
import type { Before } from '../journal.ts';
import { IMAGE_ROUNDS_MAX } from '../limits.ts';
import { checkStores, restart, type Restarted, type Restarting } from '../restart.ts';
import { startMissing } from '../revive.ts';
import { compareWithBefore, differingVolumes, disagreedBefore } from './compare.ts';
import { foreignIn } from './foreign.ts';
import { stopOrphanedBricks } from './orphans.ts';
import { joiningLeft, peersLost } from './peers.ts';
import { levelVersion, raisedVersion } from './versions.ts';

/** Nodes on which the before-image of these volumes will be restored. */
export interface Ready {
  readonly volumes: readonly VolumeName[];
  readonly nodes: readonly NodeName[];
  /** Nodes that are left as they are: a glusterd whose store takes no writes would not start again. */
  readonly refused: readonly Failure[];
}

type Versions = ReadonlyMap<VolumeName, number>;

/** All that can be done before the first glusterd is stopped; gluster commands may run meanwhile. */
export async function readyToStop(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<Ready> {
  const nodes = differingNodes(view, before, volumes).map((facts) => facts.node);
  const paths = volumePaths(volumes);
  const refused = await checkStores(
    context,
    nodes.map((node) => ({ node, paths })),
  );
  return { volumes, nodes, refused };
}

/**
 * Volumes that a glusterd has otherwise than the image, and that keeps running because its store takes no
 * writes: whatever is put back on the others, it would give them its own again.
 */
export function taught(
  view: View,
  before: Before,
  { volumes, refused }: Pick<Ready, 'volumes' | 'refused'>,
): readonly VolumeName[] {
  const running = view.nodes.filter((facts) => refused.some(({ node }) => node === facts.node));
  return volumes.filter((v) =>
    running.some(
      (facts) =>
        stateOf(facts)?.volumes.has(v) === true && (before.isOwed === true || differs(facts, before, v)),
    ),
  );
}

/**
 * Repeats until no touched volume differs: a node that comes up meanwhile may have taken one over again. Ends
 * where a store takes no writes. `first`: the volumes known to differ, a view that still holds for them, and
 * what is prepared.
 */
export async function restoreDiffering(
  context: Context,
  before: Before,
  touched: ReadonlySet<VolumeName>,
  first: { readonly volumes: readonly VolumeName[]; readonly view: View; readonly ready: Ready },
): Promise<{ readonly failures: readonly Failure[]; readonly isRefused: boolean }> {
  const failures: Failure[] = [];
  let { volumes, view } = first;
  for (let round = 0; round < IMAGE_ROUNDS_MAX; round++) {
    if (volumes.length === 0) {
      view = await context.observer.current();
      volumes = [...differingVolumes(compareWithBefore(view, before, touched))];
    }
    if (volumes.length === 0) break;
    const ready = round === 0 ? first.ready : undefined;
    const restored = await restoreImages(context, before, volumes, view, ready);
    failures.push(...restored.failures);
    if (restored.refused.length > 0) return { failures, isRefused: true };
    volumes = [];
  }
  return { failures, isRefused: false };
}

/**
 * `view`: since it was read, these volumes changed only on nodes that differed already. `earlier`: what was
 * prepared since; prepared again where it was for fewer volumes or nodes.
 */
async function restoreImages(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
  earlier: Ready | undefined,
): Promise<Restarted> {
  const failures = [...(await stopOrphanedBricks(context, before, volumes, view))];
  const differing = differingNodes(view, before, volumes);
  const isReady =
    earlier !== undefined &&
    volumes.every((v) => earlier.volumes.includes(v)) &&
    differing.every((f) => earlier.nodes.includes(f.node));
  const { refused } = isReady ? earlier : await readyToStop(context, before, volumes, view);
  const versions = versionsOf(view, before, volumes);
  // A higher version on some nodes alone would restart the bricks of all others by a handshake.
  const isTaught = taught(view, before, { volumes, refused }).length > 0;
  if ((versions.size > 0 || isTaught) && refused.length > 0)
    return { failures: [...failures, ...refused], refused };
  // Others may have changed one until its glusterd was stopped.
  const put = (f: NodeFacts): readonly VolumeName[] =>
    volumes.filter((v) => diskDiffers(f, before, v, versions.get(v)) && !isForeignOn(f, before, v));
  const restarted = await restart(
    context,
    putBack(context, before, differing, volumes, { put, versions }),
    refused,
  );
  failures.push(...restarted.failures, ...(await startMissing(context, before.journal)));
  return { failures, refused: restarted.refused };
}

interface Put {
  readonly put: (facts: NodeFacts) => readonly VolumeName[];
  readonly versions: Versions;
  /** Other paths of the store. */
  readonly more?: (facts: NodeFacts) => readonly string[];
}

/** On each of these nodes: restores what `put` names, and sets the ports of running bricks. */
function putBack(
  context: Context,
  before: Before,
  nodes: readonly NodeFacts[],
  volumes: readonly VolumeName[],
  { put, versions, more = () => [] }: Put,
): Restarting {
  const ownBricks = (facts: NodeFacts, volume: VolumeName): readonly StoreBrick[] => {
    const bricks = before.stores.get(facts.node)?.volumes.get(volume)?.bricks ?? [];
    return bricks.filter((b) => b.ownerUuid === facts.store.uuid);
  };
  return {
    work: nodes.map((running) => ({
      node: running.node,
      paths: [...volumePaths(volumes), ...more(running)],
      op(stopped) {
        const facts = stopped.facts(running.node) ?? running;
        const bricks = volumes.map((v) => [v, ownBricks(facts, v)] as const);
        const restored = put(facts);
        const raised = new Map([...versions].filter(([v]) => restored.includes(v)));
        const op = restoreVolumes(facts, before.transaction, restored, bricks, raised);
        return { ...op, paths: [...op.paths, ...more(running)] };
      },
    })),
    whenStopped: (stopped) => stopOrphanedBricks(context, before, volumes, stopped),
  };
}

/**
 * Repairs what stays wrong although the stores are right. Orphaned brick processes are ended. Peers that
 * reject each other compare again when glusterd is restarted; nothing is written for that, so that a node
 * without a journal is no exception. One that expects a running brick on another port is restarted, and reads
 * the port from its store. A peer that a node has forgotten is put back, and one that came and cannot be
 * detached goes. Bricks that died with their daemon are started.
 */
export async function repairRest(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<readonly Failure[]> {
  const own = volumes.filter((v) => !foreignIn(view, before, [v]).has(v));
  const failures = [...(await stopOrphanedBricks(context, before, own, view))];
  const pairs = rejections(view);
  const stale = view.nodes.filter((n) => stateOf(n) !== undefined && comparingStale(pairs).includes(n.node));
  const misled = view.nodes.filter((n) =>
    before.journal.online.some((b) => remembersOtherwise(n, b, volumes, view)),
  );
  const put = (f: NodeFacts): readonly VolumeName[] =>
    volumes.filter((v) => isBehindOthers(f, before, v, view));
  const unreached = view.nodes.filter((n) => pairs.some((p) => p.by === n.node) && put(n).length > 0);
  const more = (f: NodeFacts): readonly string[] => [
    ...peersLost(f, before, view),
    ...joiningLeft(f, before, view),
  ];
  const withOtherPeers = view.nodes.filter((n) => more(n).length > 0);
  const nodes = [...new Set([...unreached, ...stale, ...misled, ...withOtherPeers])];
  if (nodes.length > 0) {
    const what = putBack(context, before, nodes, volumes, { put, versions: new Map(), more });
    failures.push(...(await restart(context, what)).failures);
  }
  return [...failures, ...(await startMissing(context, before.journal))];
}

const isForeignOn = (facts: NodeFacts, before: Before, volume: VolumeName): boolean => {
  const alone = makeView({ nodes: new Map([[facts.node, { kind: 'read', facts }]]) });
  return foreignIn(alone, before, [volume]).size > 0;
};

/**
 * A rejected node gets no command, and what it has is ours alone: with its image it is behind the others, and
 * takes over from them what somebody else has changed there.
 */
function isBehindOthers(facts: NodeFacts, before: Before, volume: VolumeName, view: View): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  if (was === undefined || isForeignOn(facts, before, volume) || !diskDiffers(facts, before, volume))
    return false;
  const theirs = view.nodes.filter((other) => isForeignOn(other, before, volume));
  const version = ({ store }: NodeFacts): number => store.volumes.get(volume)?.version ?? 0;
  return theirs.length > 0 && theirs.every((other) => version(other) > was.version);
}

function remembersOtherwise(
  facts: NodeFacts,
  brick: BrickArgs,
  volumes: readonly VolumeName[],
  view: View,
): boolean {
  const located = volumes.some((v) => v === brick.volume) ? locate(brick, view) : undefined;
  const believed = located?.facts === facts ? located.believed?.local.port : undefined;
  const ports = brickProcesses(facts, volumeName(brick.volume), brick.path).map((p) => p.brick?.port);
  return believed !== undefined && ports.length > 0 && !ports.includes(believed);
}

/** See `raisedVersion` and `levelVersion`; of the volumes that have to carry one. */
const versionsOf = (view: View, before: Before, volumes: readonly VolumeName[]): Versions =>
  new Map(
    volumes.flatMap((volume) => {
      const version = raisedVersion(view, before, volume) ?? levelVersion(view, before, volume);
      return version === undefined ? [] : [[volume, version] as const];
    }),
  );

/**
 * A node without a before-image is never restarted for an image. Where an earlier rollback left something,
 * all are restarted that have one: no fact shows the version that a glusterd remembers.
 */
function differingNodes(view: View, before: Before, volumes: readonly VolumeName[]): readonly NodeFacts[] {
  const versions = versionsOf(view, before, volumes);
  const kept = view.nodes.filter((facts) => before.stores.has(facts.node));
  const differing = kept.filter((facts) => volumes.some((v) => differs(facts, before, v, versions.get(v))));
  return differing.length > 0 && before.isOwed === true ? kept : differing;
}

/** On disk, or memory differs from disk. */
function differs(facts: NodeFacts, before: Before, volume: VolumeName, version?: number): boolean {
  if (diskDiffers(facts, before, volume, version)) return true;
  const state = stateOf(facts);
  return state !== undefined && !sameInMemory(facts.store.volumes.get(volume), state.volumes.get(volume));
}

/**
 * In content, existence or version; `version`: the one that it has to carry instead of the image's. A node
 * that has no image may have it as any other had it.
 */
export function diskDiffers(facts: NodeFacts, before: Before, volume: VolumeName, version?: number): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  if (!before.stores.has(facts.node) || disagreedBefore(before, volume)) {
    const all = [...before.stores.values()].map((s) => s.volumes.get(volume));
    const carries = (w: typeof is): boolean =>
      is?.version === w?.version || (version !== undefined && is?.version === version);
    return all.every((w) => w?.signature !== is?.signature || !carries(w));
  }
  return was?.signature !== is?.signature || (was && (version ?? was.version)) !== is?.version;
}
