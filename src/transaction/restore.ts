/**
 * Puts the before-image of volumes back: glusterd stopped on every node that differs, all of them at once (a node left
 * running would teach the others its higher version again), bricks serving all the while.
 */
import { brickProcesses, stateOf, type View } from '../view/view.ts';
import { failure, type Failure } from '../core/failure.ts';
import { forceProblems, isOnline, locate } from '../view/brick.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import { type Context, look, performAll, waitFor } from './context.ts';
import { peerWords } from './compare.ts';
import { sameInMemory } from '../view/same-in-memory.ts';
import type { Before } from './journal.ts';
import { HANDSHAKE_MS } from './limits.ts';
import { glusterOn } from '../actions/common.ts';
import { runCalls } from './commit.ts';

export async function restoreImages(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const view = await look(context);
  for (const ops of endStrays(view, before, volumes))
    failures.push(...(await performAll(context, ops, 'rollback')));
  const differing = view.nodes.filter((facts) => volumes.some((v) => differs(facts, before, v)));
  // A glusterd whose store refuses writes is not stopped: it could not be mended, and would not start again.
  const paths = volumes.map((v) => `vols/${v}`);
  const refused = await performAll(context, new Map(differing.map((f) => [f.node, { kind: 'check-store', paths }])), 'rollback'); // prettier-ignore
  failures.push(...refused);
  const concerned = differing.filter((f) => !refused.some((r) => r.node === f.node));
  const on = (make: (facts: NodeFacts) => NodeOp): ReadonlyMap<NodeName, NodeOp> =>
    new Map(concerned.map((facts) => [facts.node, make(facts)]));
  failures.push(
    ...(await performAll(
      context,
      on(() => ({ kind: 'stop-glusterd' })),
      'rollback',
    )),
  );
  // A glusterd may have started bricks, on new ports, until the moment it stopped.
  const stopped = await look(context);
  const now = (facts: NodeFacts): NodeFacts => stopped.facts(facts.node) ?? facts;
  failures.push(
    ...(await performAll(
      context,
      on((f) => restoreOp(now(f), before, volumes)),
      'rollback',
    )),
  );
  failures.push(
    ...(await performAll(
      context,
      on((f) => ({ kind: 'start-glusterd', argv: daemonArgv(f) })),
      'rollback',
    )),
  );
  failures.push(...(await wakeBricks(context, before, volumes)));
  return failures;
}

/**
 * Peers on disk that no inverse brings back: a glusterd on a full disk loses them, a detach may not get through. On all nodes
 * that differ the peers are put back, with what a node that was in no pool had not.
 */
export async function restorePeers(context: Context, before: Before): Promise<readonly Failure[]> {
  const differing = (view: View): readonly NodeFacts[] =>
    view.nodes.filter((f) => {
      const was = before.stores.get(f.node);
      return was !== undefined && peerWords(was.peers) !== peerWords(f.store.peers);
    });
  const { view } = await waitFor(context, HANDSHAKE_MS, (v) => differing(v).map((f) => f.node));
  const pathsOf = (facts: NodeFacts): readonly string[] => {
    const was = before.stores.get(facts.node);
    if (was === undefined || was.peers.length > 0) return ['peers'];
    const learnt = [...facts.store.volumes.keys()].filter((v) => !was.volumes.has(v));
    return ['peers', ...learnt.map((v) => `vols/${v}`)];
  };
  const refused = await performAll(context, new Map(differing(view).map((f) => [f.node, { kind: 'check-store', paths: pathsOf(f) }])), 'rollback'); // prettier-ignore
  const concerned = differing(view).filter((f) => !refused.some((r) => r.node === f.node));
  const on = (make: (facts: NodeFacts) => NodeOp): Promise<readonly Failure[]> =>
    performAll(context, new Map(concerned.map((f) => [f.node, make(f)])), 'rollback');
  const { transaction } = before;
  return [
    ...refused,
    ...(await on(() => ({ kind: 'stop-glusterd' }))),
    ...(await on((f) => ({ kind: 'restore-store', transaction, paths: pathsOf(f), ports: [] }))),
    ...(await on((f) => ({ kind: 'start-glusterd', argv: daemonArgv(f) }))),
  ];
}

/** Content, existence or version is not as it was, or memory is not as disk. */
function differs(facts: NodeFacts, before: Before, volume: VolumeName): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  if (was?.signature !== is?.signature || was?.version !== is?.version) return true;
  return stateOf(facts) !== undefined && !sameInMemory(is, stateOf(facts)?.volumes.get(volume));
}

function restoreOp(facts: NodeFacts, before: Before, volumes: readonly VolumeName[]): NodeOp {
  return {
    kind: 'restore-store',
    transaction: before.transaction,
    paths: volumes.filter((v) => diskDiffers(facts, before, v)).map((v) => `vols/${v}`),
    ports: volumes.flatMap((v) => livePorts(facts, before, v)),
  };
}

function diskDiffers(facts: NodeFacts, before: Before, volume: VolumeName): boolean {
  const was = before.stores.get(facts.node)?.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  return was?.signature !== is?.signature || was?.version !== is?.version;
}

/** A restarted glusterd believes the port on disk, so it must be the one the running process has. */
function livePorts(
  facts: NodeFacts,
  before: Before,
  volume: VolumeName,
): readonly { path: string; port: number }[] {
  const bricks = before.stores.get(facts.node)?.volumes.get(volume)?.bricks ?? [];
  return bricks.flatMap((brick) => {
    const port = brickProcesses(facts, volume, brick.path)[0]?.brick?.port;
    if (port === undefined || brick.ownerUuid !== facts.store.uuid) return [];
    return [{ path: `vols/${volume}/bricks/${brick.file}`, port }];
  });
}

const daemonArgv = (facts: NodeFacts): readonly string[] =>
  facts.processes.find((p) => p.role === 'glusterd')?.argv ?? [];

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
export async function wakeBricks(
  context: Context,
  before: Before,
  volumes: readonly VolumeName[],
): Promise<readonly Failure[]> {
  const disconnected = (view: View): readonly string[] =>
    view.nodes.filter((n) => stateOf(n)?.peers.some((p) => !p.connected) !== false).map((n) => n.node);
  const { view } = await waitFor(context, HANDSHAKE_MS, disconnected);
  const failures: Failure[] = [];
  for (const volume of volumes) {
    const wanted = before.journal.online.filter((b) => b.volume === volume);
    const bricks = wanted.flatMap((b) => locate(b, view) ?? []);
    // Force stamps what it finds: with one brick of the volume unfit to start, it is not used.
    if (bricks.every(isOnline) || forceProblems(volume, view).length > 0) continue;
    const problem = await runCalls(context, glusterOn(view, ['volume', 'start', volume, 'force']));
    if (problem !== undefined) failures.push(failure('command-failed', `rollback: bricks of ${volume} could not be started again`, { cause: problem.message })); // prettier-ignore
  }
  return failures;
}
