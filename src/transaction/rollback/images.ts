/**
 * Puts the before-image of volumes back: glusterd stopped on every node that differs, all of them at once (a
 * node left running would teach the others its higher version again), bricks serving all the while.
 */
import { brickProcesses, stateOf, type View } from '../../view/view.ts';
import type { Failure } from '../../core/failure.ts';
import { type BrickArgs, livePorts, locate } from '../../view/brick.ts';
import { type NodeName, type VolumeName, volumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { NodeOp } from '../../model/op.ts';
import type { Context } from '../context.ts';
import { performAll } from '../perform.ts';
import { checkStores, restart, type Restarted, type Restarting } from '../restart.ts';
import { sameInMemory } from '../../view/same-in-memory.ts';
import type { Before } from '../journal.ts';
import { startMissing } from '../revive.ts';

/** Nodes on which the before-image of these volumes will be put back. */
interface Ready {
  readonly volumes: readonly VolumeName[];
  readonly nodes: readonly NodeName[];
  /**
   * Of nodes that are left as they are: a glusterd whose store refuses writes could not be mended, and would
   * not start again.
   */
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
  const paths = (): readonly string[] => volumes.map((v) => `vols/${v}`);
  return { volumes, nodes, refused: await checkStores(context, { nodes, paths }, 'rollback') };
}

/**
 * `view`: a look since which these volumes were changed on no node that did not differ in it already.
 * `earlier`: what was made ready since; asked anew where it was for fewer volumes or nodes.
 */
export async function restoreImages(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
  earlier: Ready | undefined,
): Promise<Restarted> {
  const failures: Failure[] = [];
  for (const ops of stopOrphanedBricks(view, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const differing = differingNodes(view, before, volumes);
  const isReady =
    earlier !== undefined &&
    volumes.every((v) => earlier.volumes.includes(v)) &&
    differing.every((f) => earlier.nodes.includes(f.node));
  const { refused } = isReady ? earlier : await readyToStop(context, before, volumes, view);
  const put = (f: NodeFacts): readonly VolumeName[] => volumes.filter((v) => diskDiffers(f, before, v));
  const what = putBack(context, before, differing, volumes, put);
  const restarted = await restart(context, what, 'rollback', refused);
  failures.push(...restarted.failures, ...(await startMissing(context, before.journal, 'rollback')));
  return { failures, refused: restarted.refused };
}

/** glusterd stopped on these, what `put` names put back, the ports of running bricks made true, started. */
function putBack(
  context: Context,
  before: Before,
  nodes: readonly NodeFacts[],
  volumes: readonly VolumeName[],
  put: (facts: NodeFacts) => readonly VolumeName[],
): Restarting {
  const earlier = new Map(nodes.map((facts) => [facts.node, facts]));
  return {
    nodes: [...earlier.keys()],
    paths: () => volumes.map((v) => `vols/${v}`),
    async whenStopped(stopped) {
      const failures: Failure[] = [];
      for (const ops of stopOrphanedBricks(stopped, before, volumes))
        failures.push(...(await performAll(context, ops, 'rollback')));
      return failures;
    },
    work(node, stopped) {
      const facts = stopped.facts(node) ?? earlier.get(node);
      return facts && restoreOp(facts, before, volumes, put(facts));
    },
  };
}

/**
 * What does not come right by itself once the stores are: processes of bricks that are no more; glusterd that
 * rejected each other, who shake hands again when all but one restart; one that looks for a running brick on
 * a port where it is not, for it believes the port in its store; and bricks that died with their daemon.
 */
export async function repairRest(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
  view: View,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const ops of stopOrphanedBricks(view, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const rejecting = view.nodes.filter(
    (n) => stateOf(n)?.peers.some((p) => p.state === 'Peer Rejected') === true,
  );
  const misled = view.nodes.filter((n) =>
    before.journal.online.some((b) => remembersOtherwise(n, b, volumes, view)),
  );
  const nodes = [...new Set([...rejecting.slice(1), ...misled])];
  if (nodes.length > 0)
    failures.push(
      ...(
        await restart(
          context,
          putBack(context, before, nodes, volumes, () => []),
          'rollback',
        )
      ).failures,
    );
  return [...failures, ...(await startMissing(context, before.journal, 'rollback'))];
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
function stopOrphanedBricks(
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
    return [
      facts.node,
      strays.map((p): NodeOp => ({
        kind: 'end-process',
        pid: p.pid,
        startTicks: p.startTicks,
        word: p.brick?.path ?? '',
      })),
    ];
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
