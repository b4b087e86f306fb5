/**
 * Nodes of the file that are not in the pool yet, one after the other: glusterd takes one new peer at a time.
 */
import { peerAttach } from '../actions/peer.ts';
import type { Desired } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import { type View } from '../view/view.ts';
import { coordinatorOf, isFresh, memberNodes } from '../view/pool.ts';
import type { Part } from './part.ts';

export function peerSteps(desired: Desired, view: View): Part {
  const coordinator = coordinatorOf(view);
  const members = new Set(memberNodes(view));
  const steps: Step[] = [];
  for (const { name, isAbsent } of desired.nodes) {
    const facts = isAbsent === true ? undefined : view.facts(name);
    if (facts === undefined || name === coordinator || members.has(name) || !isFresh(facts)) continue;
    const reason = `${name} is in the file but not in the pool of ${coordinator ?? 'any node'}`;
    const after = steps.length === 0 ? [] : steps.slice(-1).map((s) => s.id);
    steps.push(peerAttach.step({ node: name }, view, { reason, after }));
  }
  return { steps, diffs: [], findings: [] };
}
