/**
 * Opens a cluster for a change. Refuses where a node could not be read, where the pool has a member that was
 * not read, where the lock is held, and while a glusterd is still coming up: no plan is made in the middle of
 * another change.
 */
import { failure } from '../core/failure.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Desired } from '../model/desired.ts';
import type { RunResult } from '../model/event.ts';
import { orWithoutIt } from '../model/left-out.ts';
import { lockedFailure } from '../model/locked.ts';
import { catalogueIn } from '../observe/observe-all.ts';
import { forbidding } from '../plan/gate.ts';
import { SETTLED_MS } from '../transaction/limits.ts';
import { Observer } from '../transaction/observer.ts';
import { type Settled, unsettledFailure, waitingWords, waitSettled } from '../transaction/settled.ts';
import type { Waiting } from '../view/settled.ts';
import { makeView, type View } from '../view/view.ts';
import { ended, failuresOf, type Host, type Opened } from './change.ts';

export async function openToChange(desired: Desired, host: Host): Promise<Opened> {
  const cluster = await host.open(desired);
  const close = { [Symbol.asyncDispose]: () => Promise.resolve(cluster[Symbol.asyncDispose]()) };
  const first = makeView(cluster.observed);
  const stopped = (): RunResult | undefined =>
    host.signal.aborted ? ended('interrupted', [INTERRUPTED]) : undefined;
  const early = stopped() ?? notToChange(desired, first);
  if (early !== undefined) return { cluster, view: first, refusal: early, ...close };
  const { view, waiting, glusterds } = await waitForSettledGlusterds(desired, cluster, first, host);
  const young = waiting.filter((w) => w.isYoung);
  const unsettled = young.length > 0 ? ended('refused', [unsettledFailure(young)]) : undefined;
  const refusal = stopped() ?? notToChange(desired, view) ?? unsettled;
  return { cluster, view, settled: glusterds, ...(refusal !== undefined && { refusal }), ...close };
}

const INTERRUPTED = failure('interrupted', 'interrupted before anything was begun');

function notToChange(desired: Desired, view: View): RunResult | undefined {
  const unread = [...view.failed.values()].map(orWithoutIt);
  if (unread.length > 0) return ended('unreachable', unread);
  const held = view.nodes.find((n) => n.lock?.held === true);
  if (held !== undefined) return ended('locked', [lockedFailure(held.node, held.lock?.owner)]);
  const findings = forbidding(desired, view);
  if (findings.length === 0) return undefined;
  return ended('decision-needed', failuresOf('decision-needed', findings));
}

/**
 * A glusterd that has just started still brings bricks and daemons up: until it is settled, no plan is made
 * from it and no command sent to it.
 */
function waitForSettledGlusterds(
  desired: Desired,
  cluster: Cluster,
  view: View,
  host: Host,
): Promise<Settled> {
  const onChange = (waiting: readonly Waiting[]): void => {
    if (waiting.length === 0) return;
    const words = waitingWords(waiting);
    host.notify(`waiting up to ${String(SETTLED_MS / 1000)} s for glusterd to come up: ${words}`);
  };
  const isGivenUp = (): boolean => host.signal.aborted;
  return waitSettled(observerOf(desired, cluster, view), { onChange, isGivenUp });
}

/** For waits while nothing is locked: what was observed last is judged first. */
export const observerOf = (desired: Desired, { links, clock, observed }: Cluster, view: View): Observer =>
  new Observer({ desired, links, clock, optionCatalogue: catalogueIn(observed) }, view);
