/**
 * Stops glusterd on some nodes, works on their stores, and starts it again: the one way to do that. Bricks
 * serve all the while, and where server quorum would be lost meanwhile, the nodes go one after the other.
 * What was stopped is started, whatever failed.
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

/** The operation may be decided by the stores and processes of the nodes once they are stopped. */
export interface Work extends Omit<StoreWork, 'op'> {
  readonly op: NodeOp | ((stopped: View) => NodeOp | undefined);
}

export interface Restarting {
  readonly work: readonly Work[];
  /**
   * Given the stores and processes of the nodes that are stopped: a glusterd may have started bricks until
   * that moment.
   */
  readonly whenStopped?: (stopped: View) => Promise<readonly Failure[]>;
}

export interface Restarted {
  readonly failures: readonly Failure[];
  /** Nodes that were left running, because their glusterd would not start again. */
  readonly refused: readonly Failure[];
}

/** See `check-store`. All are checked before anything is asked of one. */
export const checkStores = (
  context: Context,
  work: readonly Omit<StoreWork, 'op'>[],
): Promise<readonly Failure[]> =>
  performAll(context, new Map(work.map(({ node, paths }) => [node, { kind: 'check-store', paths }])));

/** `checked`: nodes whose stores were found to refuse, if they were checked already. */
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
    failures.push(...(await oneWave(context, what, wave, { isFrozen, isPartial, view })));
    for (const node of wave) remaining.delete(node);
    if (remaining.size === 0) break;
    const missed = await peersAreBack(context, wave, remaining);
    if (missed.length === 0) continue;
    const title = 'the restart of glusterd is ended half way';
    failures.push(failure('command-failed', title, { cause: missed.join('; ') }));
    failures.push(...(await onEach(context, remaining, () => ({ kind: 'thaw-glusterd' }))));
    break;
  }
  return failures;
}

async function oneWave(
  context: Context,
  { work, whenStopped }: Restarting,
  wave: readonly NodeName[],
  {
    isFrozen,
    isPartial,
    view,
  }: { readonly isFrozen: boolean; readonly isPartial: boolean; readonly view: View },
): Promise<readonly Failure[]> {
  const { observer, clock } = context;
  const opOn = (node: NodeName, stopped: View): NodeOp | undefined => {
    const op = work.find((w) => w.node === node)?.op;
    return typeof op === 'function' ? op(stopped) : op;
  };
  const stop = { kind: 'stop-glusterd', ...(isFrozen && { frozen: true }) } as const;
  const failures = [...(await onEach(context, wave, () => stop))];
  const stoppedAt = clock.now();
  const stopped = await observer.observeNodes(new Set(wave), true);
  failures.push(...((await whenStopped?.(stopped)) ?? []));
  failures.push(...(await onEach(context, wave, (node) => opOn(node, stopped))));
  const argv = (node: NodeName): readonly string[] => glusterdArgv(view.facts(node));
  failures.push(...(await onEach(context, wave, (node) => ({ kind: 'start-glusterd', argv: argv(node) }))));
  // Until then those that ran on do not see these again, and observing only slows all of them.
  const early = stoppedAt + PEER_RETRY_MS - OBSERVE_AHEAD_MS - clock.now();
  if (isPartial && early > 0) await clock.sleep(early);
  return failures;
}

/** The operation that each of these nodes has, if it has one. */
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
  // A frozen one gives no answer, and keeps an observation waiting for it.
  const awake = new Set([...context.links.keys()].filter((node) => !frozen.has(node)));
  return (await context.observer.waitFor(HANDSHAKE_MS, apart, awake)).problems;
}
