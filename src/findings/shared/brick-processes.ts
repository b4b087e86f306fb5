/**
 * Repairs of bricks and their processes that several findings share: start, port, and the order within a set.
 * Owns which process may be ended; a brick is restarted only where nothing gentler repairs it.
 */
import { brickStart, brickStartForce, forceStartProblems } from '../../actions/brick-start.ts';
import { whyNotLaunched } from '../../actions/launch.ts';
import { processEnd } from '../../actions/process.ts';
import { volumePortsStore } from '../../actions/volume-ports-store.ts';
import { nodeName, placeOfSubject } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { Finding } from '../../model/plan.ts';
import {
  type BrickArgs,
  brickStartProblems,
  isOnlyMarked,
  type LocalBrick,
  servingProcesses,
  siblingProblems,
  siblingsOf,
  trustedBricks,
} from '../../view/brick.ts';
import type { View } from '../../view/view.ts';
import { oneIsACopy, rivalOf } from './choose-copy.ts';
import { editOf, type Remedy, type Repair, stepAfter, stepBefore } from './remedy.ts';

/** The brick of the finding's subject. */
export const brickOf = (finding: Finding, view: View): LocalBrick | undefined =>
  trustedBricks(view).find((b) => b.subject === finding.subject);

/** Node and path of the subject, also of a directory that is no brick of any volume. */
export function placeOf(
  finding: Finding,
  view: View,
): { readonly facts: NodeFacts; readonly path: string } | undefined {
  const place = placeOfSubject(finding.subject);
  const facts = view.facts(nodeName(place?.host ?? ''));
  return facts === undefined || place === undefined ? undefined : { facts, path: place.path };
}

export const argsOf = ({ facts, volume, brick }: LocalBrick): BrickArgs => ({
  volume: volume.name,
  node: facts.node,
  path: brick.path,
});

/** The way to start it that glusterd will recognise; none where it is not fit to start. */
export function startBrick(local: LocalBrick, view: View, reason: string): readonly Remedy[] {
  const { volume, subject } = local;
  const rival = rivalOf(view, volume);
  if (rival !== undefined)
    return [{ kind: 'question', subject, question: oneIsACopy(volume.name, rival), flags: [] }];
  if (brickStartProblems(local).length > 0 || isOnlyMarked(local, view)) return [];
  const action = whyNotLaunched(local) === undefined ? brickStart : brickStartForce;
  const args = argsOf(local);
  if (action === brickStartForce && forceStartProblems(args, view).length > 0) return [];
  return [stepAfter(action.intent(args), reason)];
}

/**
 * A glusterd that holds the right port writes it; else it is written to the store while glusterd is stopped,
 * which believes it when it starts. The brick itself is not disturbed.
 */
export const correctPort: Repair = (finding, { view }) => {
  const local = brickOf(finding, view);
  const args = { volume: local?.volume.name ?? '' };
  if (volumePortsStore.calls(args, view).length > 0)
    return [stepAfter(volumePortsStore.intent(args), finding.message)];
  const port = local === undefined ? undefined : servingProcesses(local)[0]?.ports[0];
  return local === undefined || port === undefined ? [] : [portEdit(local, port, finding.message)];
};

export const portEdit = ({ facts, volume, brick }: LocalBrick, port: number, reason: string): Remedy =>
  editOf(facts, { kind: 'set-port', volume: volume.name, brickFile: brick.file, port }, reason);

/**
 * Clients lose the brick for a moment: one of its set at a time, the first in order, and each next one when
 * the heals of the one before are over.
 */
export function inTurn(
  local: LocalBrick,
  all: readonly LocalBrick[],
  view: View,
  remedies: () => readonly Remedy[],
): readonly Remedy[] {
  const { subject } = local;
  const set = new Set([local, ...siblingsOf(local, view)].map((b) => b.subject));
  const first = all.find((b) => b.volume.name === local.volume.name && set.has(b.subject));
  const problems = siblingProblems(local, view);
  if (problems.length > 0) return [{ kind: 'wait', subject, what: problems.join('; ') }];
  if (first?.subject !== subject)
    return [{ kind: 'wait', subject, what: `${first?.subject ?? ''} comes first` }];
  return remedies();
}

export function endProcess(facts: NodeFacts, pid: number, path: string, reason: string): readonly Remedy[] {
  const process = facts.processes.find((p) => p.pid === pid);
  if (process === undefined) return [];
  const { startTicks } = process;
  return [stepBefore(processEnd.intent({ node: facts.node, pid, startTicks, path }), reason)];
}
