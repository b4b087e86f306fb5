/**
 * Nodes whose glusterd is not stopped for a repair: it would not start again, or not find back to its peers,
 * before a person has removed the cause; and which remedies wait for that. Pure. Owns that judgement; what is
 * planned instead is the plan's.
 */
import { brickStartForce } from '../actions/brick-start.ts';
import { actionNamed } from '../actions/index.ts';
import { pathsOf } from '../actions/store-edit.ts';
import { kindOf } from '../findings/index.ts';
import type { Remedy } from '../findings/shared/remedy.ts';
import type { NodeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { startFaults } from '../view/start-blockers.ts';
import type { View } from '../view/view.ts';

export interface Proposal {
  readonly finding: Finding;
  readonly remedies: readonly Remedy[];
}

/**
 * A stop that this node would not come back from, or a brick that its glusterd would have to start and
 * cannot.
 */
export function isOnNodeNotToStop(remedy: Remedy, held: ReadonlySet<NodeName>, view: View): boolean {
  if (remedy.kind === 'edit') return held.has(remedy.node);
  if (remedy.kind !== 'step' || remedy.intent.action !== brickStartForce.name) return false;
  const nodes = actionNamed(remedy.intent.action).nodes(remedy.intent.args, view);
  return nodes.some((n) => held.has(n) && view.facts(n)?.memory.kind !== 'up');
}

export const nodesNotToStop = (proposed: readonly Proposal[], view: View): ReadonlySet<NodeName> =>
  new Set([...neverToStart(proposed, view), ...isCutOff(proposed, view)]);

/** It would not start again, and no edit repairs why. */
function neverToStart(proposed: readonly Proposal[], view: View): readonly NodeName[] {
  const edits = proposed.flatMap((p) => p.remedies.flatMap((r) => (r.kind === 'edit' ? [r] : [])));
  return view.nodes
    .filter((facts) => {
      const repaired = edits.filter((e) => e.node === facts.node).flatMap((e) => pathsOf(e.edit));
      return startFaults(view, facts).some(
        ({ path }) => !repaired.some((p) => path === p || path.startsWith(`${p}/`)),
      );
    })
    .map((facts) => facts.node);
}

/**
 * The network, or a name that leads to the wrong place, keeps nodes apart: a connection that still stands
 * would be lost with the restart, and one that is lost already would not come.
 */
const isCutOff = (proposed: readonly Proposal[], view: View): readonly NodeName[] =>
  proposed
    .filter((p) => p.remedies.length === 0 && p.finding.severity === 'error' && !isEndedWith(p, proposed))
    .flatMap(({ finding }) => kindOf(finding)?.keepsApart?.(finding, view) ?? []);

/** Its cause is repaired: what that was in the way of is over with it. */
const isEndedWith = ({ finding: { causedBy } }: Proposal, proposed: readonly Proposal[]): boolean =>
  proposed.some(
    ({ finding, remedies }) =>
      finding.code === causedBy?.code && finding.subject === causedBy.subject && remedies.length > 0,
  );
