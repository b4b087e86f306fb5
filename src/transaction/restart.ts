/**
 * Stops glusterd on some nodes, works on their stores, and starts it again: the one way to do that. Bricks
 * keep serving. Where server quorum would be lost, the nodes are stopped in waves. What was stopped is
 * started, whatever failed.
 */
import type { StoreWork } from '../actions/with-glusterd-stopped.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeOp } from '../model/op.ts';
import { isConnectedTo } from '../view/pool.ts';
import { wavesOf } from '../view/quorum.ts';
import { glusterdArgv, type View } from '../view/view.ts';
import type { Context } from './context.ts';
import { HANDSHAKE_MS, OBSERVE_AHEAD_MS, PEER_RETRY_MS } from './limits.ts';
import { performAll } from './perform.ts';

/**
 * The operation may depend on the stores and processes of the stopped nodes. Done again, it changes nothing
 * more.
 */
export interface Work extends Omit<StoreWork, 'op'> {
  readonly op: NodeOp | ((stopped: View) => NodeOp | undefined);
}

export interface Restarting {
  readonly work: readonly Work[];
  /** `stopped`: stores and processes of the stopped nodes; a glusterd may have started bricks until then. */
  readonly whenStopped?: (stopped: View) => Promise<readonly Failure[]>;
}

export interface Restarted {
  readonly failures: readonly Failure[];
  /** Nodes that were left running, because their glusterd would not start again. */
  readonly refused: readonly Failure[];
}

/** See `check-store`. All stores are checked before any glusterd is stopped. */
export const checkStores = (
  context: Context,
  work: readonly Omit<StoreWork, 'op'>[],
): Promise<readonly Failure[]> =>
  performAll(context, new Map(work.map(({ node, paths }) => [node, { kind: 'check-store', paths }])));

/** `checked`: the result of `checkStores`, if the stores were checked already. */
export async function restart(
  context: Context,
  what: Restarting,
  checked?: readonly Failure[],
): Promise<Restarted> {
  const refused = checked ?? (await checkStores(context, what.work));
  const work = what.work.filter(({ node }) => !refused.some((r) => r.node === node));
  if (work.length === 0) return { failures: refused, refused };
  const view = await context.observer.current();
  const planned = wavesOf(
    view,
    work.map(({ node }) => node),
  );
  if (typeof planned === 'string') {
    const failures = [...refused, ...work.map(({ node }) => notStopped(node, planned))];
    return { failures, refused: failures };
  }
  const failures = await inWaves(context, { ...what, work }, planned, view);
  return { failures: [...refused, ...failures], refused };
}

const notStopped = (node: NodeName, cause: string): Failure =>
  failure('command-failed', `glusterd on ${node} is not stopped`, {
    node,
    cause,
    fix: 'bring the missing peers back first',
  });

async function inWaves(
  context: Context,
  what: Restarting,
  { waves, isFrozen }: Exclude<ReturnType<typeof wavesOf>, string>,
  view: View,
): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  const remaining = new Set(what.work.map(({ node }) => node));
  if (isFrozen) failures.push(...(await onEach(context, remaining, () => ({ kind: 'freeze-glusterd' }))));
  for (const wave of waves) {
    const isPartial = what.work.length < context.links.size;
    const others = [...remaining];
    failures.push(...(await oneWave(context, what, wave, { isFrozen, isPartial, others, view })));
    for (const node of wave) remaining.delete(node);
    if (remaining.size === 0) break;
    const missed = await peersAreBack(context, wave, remaining);
    if (missed.length === 0) continue;
    const title = 'the restart of glusterd was ended half way';
    failures.push(failure('command-failed', title, { cause: missed.join('; ') }));
    failures.push(...(await onEach(context, remaining, () => ({ kind: 'thaw-glusterd' }))));
    break;
  }
  return failures;
}

interface Wave {
  readonly isFrozen: boolean;
  readonly isPartial: boolean;
  /** Nodes that are not started again yet, those of this wave among them. */
  readonly others: readonly NodeName[];
  readonly view: View;
}

async function oneWave(
  context: Context,
  { work, whenStopped }: Restarting,
  wave: readonly NodeName[],
  { isFrozen, isPartial, others, view }: Wave,
): Promise<readonly Failure[]> {
  const { observer, clock } = context;
  const opOn = (node: NodeName, stopped: View): NodeOp | undefined => {
    const op = work.find((w) => w.node === node)?.op;
    return typeof op === 'function' ? op(stopped) : op;
  };
  const argv = (node: NodeName): readonly string[] => glusterdArgv(view.facts(node));
  const stop = (node: NodeName): NodeOp => ({
    kind: 'stop-glusterd',
    ...(isFrozen && { frozen: true }),
    entrusted: {
      work: opOn(node, view),
      others: others.filter((other) => other !== node),
      argv: argv(node),
    },
  });
  const failures = [...(await onEach(context, wave, stop))];
  const stoppedAt = clock.now();
  const stopped = await observer.observeNodes(new Set(wave), true);
  failures.push(...((await whenStopped?.(stopped)) ?? []));
  failures.push(...(await onEach(context, wave, (node) => opOn(node, stopped))));
  failures.push(...(await onEach(context, wave, (node) => ({ kind: 'start-glusterd', argv: argv(node) }))));
  // Until then the running nodes do not reconnect these, and an observation only slows all of them.
  const early = stoppedAt + PEER_RETRY_MS - OBSERVE_AHEAD_MS - clock.now();
  if (isPartial && early > 0) await clock.sleep(early);
  return failures;
}

/** Performs the operation of each of these nodes that has one. */
function onEach(
  context: Context,
  nodes: Iterable<NodeName>,
  opOf: (node: NodeName) => NodeOp | undefined,
): Promise<readonly Failure[]> {
  const ops = [...nodes].flatMap((node): readonly [NodeName, NodeOp][] => {
    const op = opOf(node);
    return op === undefined ? [] : [[node, op]];
  });
  return performAll(context, new Map(ops));
}

/** The next wave may stop only when every running member sees the last one again. */
async function peersAreBack(
  context: Context,
  wave: readonly NodeName[],
  frozen: ReadonlySet<NodeName>,
): Promise<readonly string[]> {
  const disconnected = (view: View): readonly string[] =>
    wave.flatMap((node) => {
      const facts = view.facts(node);
      return view.nodes.flatMap((other) => {
        if (other.node === node || frozen.has(other.node) || other.memory.kind !== 'up') return [];
        const isConnected =
          facts?.memory.kind === 'up' && isConnectedTo(facts, other) && isConnectedTo(other, facts);
        return isConnected ? [] : [`${other.node} does not see ${node} again`];
      });
    });
  // A frozen glusterd does not answer, and an observation would wait for it.
  const running = new Set([...context.links.keys()].filter((node) => !frozen.has(node)));
  return (await context.observer.waitFor(HANDSHAKE_MS, disconnected, { nodes: running })).problems;
}
