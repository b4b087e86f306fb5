/**
 * Puts the before-image of volumes back: glusterd stopped on every node that differs, all of them at once (a node left
 * running would teach the others its higher version again), bricks serving all the while.
 */
import { brickProcesses, glusterdArgv, stateOf, type View } from '../view/view.ts';
import { failure, type Failure } from '../core/failure.ts';
import { type BrickArgs, forceProblems, isOnline, livePorts, locate } from '../view/brick.ts';
import { type NodeName, type VolumeName, volumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import { type Context, look, lookAtStopped, performAll, waitFor } from './context.ts';
import { sameInMemory } from '../view/same-in-memory.ts';
import type { Before } from './journal.ts';
import { HANDSHAKE_MS, LOOK_AHEAD_MS, PEER_RETRY_MS } from './limits.ts';
import { glusterOn } from '../actions/common.ts';
import { runCalls } from './commit.ts';

/** Nodes on which the before-image of these volumes will be put back. */
interface Ready {
  readonly volumes: readonly VolumeName[];
  readonly nodes: readonly NodeName[];
  /** Of nodes that are left as they are: a glusterd whose store refuses writes could not be mended, and would not start again. */
  readonly refused: readonly Failure[];
}

/** All that can be done before the first glusterd is stopped; glusterd's commands may run beside it. */
export async function readyToStop(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<Ready> {
  const nodes = differingNodes(view, before, volumes).map((facts) => facts.node);
  const op: NodeOp = { kind: 'check-store', paths: volumes.map((v) => `vols/${v}`), stopFollows: true };
  const refused = await performAll(context, new Map(nodes.map((node) => [node, op])), 'rollback');
  return { volumes, nodes, refused };
}

/**
 * `view`: a look since which these volumes were changed on no node that did not differ in it already. `earlier`: what was
 * made ready since; asked anew where it was for fewer volumes or nodes.
 */
export async function restoreImages(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
  earlier: Ready | undefined,
): Promise<Pick<Ready, 'refused'> & { readonly failures: readonly Failure[] }> {
  const failures: Failure[] = [];
  for (const ops of endStrays(view, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const differing = differingNodes(view, before, volumes);
  const isReady =
    earlier !== undefined &&
    volumes.every((v) => earlier.volumes.includes(v)) &&
    differing.every((f) => earlier.nodes.includes(f.node));
  const { refused } = isReady ? earlier : await readyToStop(context, before, volumes, view);
  failures.push(...refused);
  const concerned = differing.filter((f) => !refused.some((r) => r.node === f.node));
  const put = (f: NodeFacts): readonly VolumeName[] => volumes.filter((v) => diskDiffers(f, before, v));
  failures.push(...(await restarted(context, before, concerned, volumes, put)));
  failures.push(...(await wakeBricks(context, before, volumes)));
  return { failures, refused };
}

/** All of these glusterd at once: stopped, what `put` names put back, the ports of running bricks made true, started. */
async function restarted(
  context: Context,
  before: Before,
  nodes: readonly NodeFacts[],
  volumes: readonly VolumeName[],
  put: (facts: NodeFacts) => readonly VolumeName[],
): Promise<readonly Failure[]> {
  if (nodes.length === 0) return [];
  const all = (op: (facts: NodeFacts) => NodeOp): Promise<readonly Failure[]> =>
    performAll(context, new Map(nodes.map((facts) => [facts.node, op(facts)])), 'rollback');
  const failures = [...(await all(() => ({ kind: 'stop-glusterd' })))];
  const lostAt = context.clock.now();
  // A glusterd may have started bricks, on new ports, until the moment it stopped.
  const stopped = await lookAtStopped(context, new Set(nodes.map((facts) => facts.node)));
  for (const ops of endStrays(stopped, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const now = (facts: NodeFacts): NodeFacts => stopped.facts(facts.node) ?? facts;
  failures.push(...(await all((f) => restoreOp(now(f), before, volumes, put(now(f))))));
  failures.push(...(await all((f) => ({ kind: 'start-glusterd', argv: glusterdArgv(f) }))));
  // Until then those that ran on do not see these again, and looking only slows all of them.
  const early = lostAt + PEER_RETRY_MS - LOOK_AHEAD_MS - context.clock.now();
  if (nodes.length < context.links.size && early > 0) await context.clock.sleep(early);
  return failures;
}

/**
 * What does not come right by itself once the stores are: processes of bricks that are no more; glusterd that rejected each
 * other, who shake hands again when all but one restart; one that looks for a running brick on a port where it is not, for it
 * believes the port in its store; and bricks that died with their daemon.
 */
export async function mendRest(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const ops of endStrays(view, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const rejecting = view.nodes.filter(
    (n) => stateOf(n)?.peers.some((p) => p.state === 'Peer Rejected') === true,
  );
  const misled = view.nodes.filter((n) => before.journal.online.some((b) => isMisled(n, b, volumes, view)));
  const nodes = [...new Set([...rejecting.slice(1), ...misled])];
  if (nodes.length > 0) failures.push(...(await restarted(context, before, nodes, volumes, () => [])));
  return [...failures, ...(await wakeBricks(context, before, volumes))];
}

function isMisled(facts: NodeFacts, brick: BrickArgs, volumes: readonly VolumeName[], view: View): boolean {
  const located = volumes.some((v) => v === brick.volume) ? locate(brick, view) : undefined;
  const believed = located?.facts === facts ? located.believed?.local?.port : undefined;
  const ports = brickProcesses(facts, volumeName(brick.volume), brick.path).map((p) => p.brick?.port);
  return believed !== undefined && ports.length > 0 && !ports.includes(believed);
}

const differingNodes = (view: View, before: Before, volumes: readonly VolumeName[]): readonly NodeFacts[] =>
  view.nodes.filter((facts) => volumes.some((v) => differs(facts, before, v)));

/** Content, existence or version is not as it was, or memory is not as disk. */
function differs(facts: NodeFacts, before: Before, volume: VolumeName): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  if (was?.signature !== is?.signature || was?.version !== is?.version) return true;
  return stateOf(facts) !== undefined && !sameInMemory(is, stateOf(facts)?.volumes.get(volume));
}

function restoreOp(
  facts: NodeFacts,
  before: Before,
  volumes: readonly VolumeName[],
  put: readonly VolumeName[],
): NodeOp {
  return {
    kind: 'restore-store',
    transaction: before.transaction,
    paths: put.map((v) => `vols/${v}`),
    ports: volumes.flatMap((v) => {
      const bricks = before.stores.get(facts.node)?.volumes.get(v)?.bricks ?? [];
      return livePorts(
        facts,
        v,
        bricks.filter((b) => b.ownerUuid === facts.store.uuid),
      );
    }),
  };
}

function diskDiffers(facts: NodeFacts, before: Before, volume: VolumeName): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  return was?.signature !== is?.signature || was?.version !== is?.version;
}

/** Brick processes of volumes that were not there, or not started, before: one round for all nodes each. */
function endStrays(
  view: View,
  before: Before,
  volumes: readonly VolumeName[],
): readonly ReadonlyMap<NodeName, NodeOp>[] {
  const perNode = view.nodes.map((facts): readonly [NodeName, readonly NodeOp[]] => {
    const strays = facts.processes.filter(
      (p) =>
        p.brick !== undefined &&
        p.state !== 'Z' &&
        volumes.some(
          (v) => p.brick?.volume === v && before.stores.get(facts.node)?.volumes.get(v)?.status !== 'started',
        ),
    );
    return [facts.node, strays.map((p): NodeOp => ({ kind: 'end-process', pid: p.pid, startTicks: p.startTicks, word: p.brick?.path ?? '' }))]; // prettier-ignore
  });
  const rounds = Math.max(0, ...perNode.map(([, ops]) => ops.length));
  return Array.from(
    { length: rounds },
    (_, i) =>
      new Map(
        perNode.flatMap(([node, ops]): [NodeName, NodeOp][] =>
          ops[i] === undefined ? [] : [[node, ops[i]]],
        ),
      ),
  );
}

/** Bricks that were online and were taken down half way (a stop that failed): once glusterd answers, it starts them. */
async function wakeBricks(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
): Promise<readonly Failure[]> {
  const disconnected = (view: View): readonly string[] =>
    view.nodes.filter((n) => stateOf(n)?.peers.some((p) => !p.connected) !== false).map((n) => n.node);
  const { view } = await waitFor(context, HANDSHAKE_MS, disconnected);
  const failures: Failure[] = [];
  const wanted = (volume: VolumeName): readonly BrickArgs[] => before.journal.online.filter((b) => b.volume === volume); // prettier-ignore
  const down = volumes.filter((v) => !wanted(v).flatMap((b) => locate(b, view) ?? []).every(isOnline)); // prettier-ignore
  if (down.length === 0) return failures;
  // Force stamps what it finds: with one brick of the volume unfit to start, it is not used.
  context.ground = undefined;
  const now = await look(context);
  for (const volume of down.filter((v) => forceProblems(v, now).length === 0)) {
    const problem = await runCalls(context, glusterOn(now, ['volume', 'start', volume, 'force']));
    if (problem !== undefined) failures.push(failure('command-failed', `rollback: bricks of ${volume} could not be started again`, { cause: problem.message })); // prettier-ignore
  }
  return failures;
}
