/**
 * Stops glusterd on some nodes, works on their stores, and starts it again: the one way to do that. Bricks
 * serve all the while, and where server quorum would be lost meanwhile, the nodes go one after the other.
 * What was stopped is started, whatever failed.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { Phase } from '../model/event.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeOp } from '../model/op.ts';
import { isConnectedTo } from '../view/pool.ts';
import { wavesOf } from '../view/quorum.ts';
import { glusterdArgv, type View } from '../view/view.ts';
import { type Context, current, observeNodes, waitFor } from './context.ts';
import { HANDSHAKE_MS, OBSERVE_AHEAD_MS, PEER_RETRY_MS } from './limits.ts';
import { performAll } from './perform.ts';

export interface Restarting {
  readonly nodes: readonly NodeName[];
  /** What has to be writable, and is: see `check-store`. */
  readonly paths: (node: NodeName) => readonly string[];
  /**
   * Given the stores and processes of the nodes that are stopped: a glusterd may have started bricks until
   * that moment.
   */
  readonly whenStopped?: (stopped: View) => Promise<readonly Failure[]>;
  readonly work: (node: NodeName, stopped: View) => NodeOp | undefined;
}

/**
 * `refused`: nodes that were left running, because their glusterd would not start again. Nothing is asked of
 * the others before all are checked.
 */
export interface Restarted {
  readonly failures: readonly Failure[];
  readonly refused: readonly Failure[];
}

export async function checkStores(
  context: Context,
  { nodes, paths }: Pick<Restarting, 'nodes' | 'paths'>,
  phase: Phase,
): Promise<readonly Failure[]> {
  const ops = nodes.map((node) => [node, { kind: 'check-store', paths: paths(node) }] as const);
  return performAll(context, new Map<NodeName, NodeOp>(ops), phase);
}

export async function restart(
  context: Context,
  what: Restarting,
  phase: Phase,
  checked?: readonly Failure[],
): Promise<Restarted> {
  const refused = checked ?? (await checkStores(context, what, phase));
  const nodes = what.nodes.filter((node) => !refused.some((r) => r.node === node));
  if (nodes.length === 0) return { failures: refused, refused };
  const view = await current(context);
  const planned = wavesOf(view, nodes);
  if (typeof planned === 'string') {
    const fix = 'bring the missing peers back first';
    const why = nodes.map((node) =>
      failure('command-failed', `glusterd on ${node} is not stopped`, { node, cause: planned, fix }),
    );
    return { failures: [...refused, ...why], refused: [...refused, ...why] };
  }
  const { waves, isFrozen } = planned;
  const failures: Failure[] = [...refused];
  const on = (
    some: readonly NodeName[],
    op: (node: NodeName) => NodeOp | undefined,
  ): Promise<readonly Failure[]> =>
    performAll(
      context,
      new Map(
        some.flatMap((node) => {
          const o = op(node);
          return o === undefined ? [] : [[node, o] as const];
        }),
      ),
      phase,
    );
  const argv = (node: NodeName): readonly string[] => glusterdArgv(view.facts(node));
  const left = new Set(nodes);
  if (isFrozen) failures.push(...(await on(nodes, () => ({ kind: 'freeze-glusterd' }))));
  for (const wave of waves) {
    const stops = await on(wave, () => ({ kind: 'stop-glusterd', ...(isFrozen && { frozen: true }) }));
    failures.push(...stops);
    for (const node of wave) left.delete(node);
    const stoppedAt = context.clock.now();
    const stopped = await observeNodes(context, new Set(wave), true);
    failures.push(...((await what.whenStopped?.(stopped)) ?? []));
    failures.push(...(await on(wave, (node) => what.work(node, stopped))));
    failures.push(...(await on(wave, (node) => ({ kind: 'start-glusterd', argv: argv(node) }))));
    // Until then those that ran on do not see these again, and looking only slows all of them.
    const early = stoppedAt + PEER_RETRY_MS - OBSERVE_AHEAD_MS - context.clock.now();
    if (nodes.length < context.links.size && early > 0) await context.clock.sleep(early);
    if (left.size === 0) break;
    const missed = await peersAreBack(context, wave, left);
    if (missed.length === 0) continue;
    failures.push(
      failure('command-failed', 'the restart of glusterd is ended half way', { cause: missed.join('; ') }),
    );
    failures.push(...(await on([...left], () => ({ kind: 'thaw-glusterd' }))));
    break;
  }
  return { failures, refused };
}

/** One more may only go when those before it count again, for everybody who runs. */
async function peersAreBack(
  context: Context,
  wave: readonly NodeName[],
  frozen: ReadonlySet<NodeName>,
): Promise<readonly string[]> {
  const apart = (view: View): readonly string[] =>
    wave.flatMap((node) => {
      const facts = view.facts(node);
      return view.nodes.flatMap((other) => {
        if (other.node === node || frozen.has(other.node) || other.memory.kind !== 'up') return [];
        const isMet =
          facts?.memory.kind === 'up' && isConnectedTo(facts, other) && isConnectedTo(other, facts);
        return isMet ? [] : [`${other.node} does not see ${node} again`];
      });
    });
  // A frozen one gives no answer, and keeps a look waiting for it.
  const awake = new Set([...context.links.keys()].filter((node) => !frozen.has(node)));
  return (await waitFor(context, HANDSHAKE_MS, apart, awake)).amiss;
}
