/** Peers half way in or out of the pool. */
import { nodeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { isHalfWay } from '../view/pool.ts';
import { hasUntrustedStore, trustedMembers } from '../view/trust.ts';
import { stateOf } from '../view/view.ts';
import { defineFinding, isBetween, witness } from './finding.ts';
import { peerLines } from './shared/peer-files.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';

export const peerStateStuck = defineFinding({
  code: 'peer-state-stuck',
  explain: {
    title: 'A peer half way into the pool',
    meaning:
      'A peer is neither in the pool nor refused by it. ' +
      'glusterd leaves it out of every change and says success, and volumes cannot use it. ' +
      'A change waits up to 20 s for it, and is then refused.',
    cause: 'A probe that is under way right now, or one whose last message got lost.',
    looksAt: "The state of each peer in glusterd's memory.",
    repair:
      'The peers file is written with the state of a member while glusterd is stopped, ' +
      'and the two connect again.',
    risk: 'Writing state=3 into the peers file by force hides what they may disagree about.',
    byHand: ['gluster peer status, again after some seconds', 'systemctl restart glusterd, on both'],
  },
  effectOf: [{ codes: ['peer-name-wrong', 'peer-disconnected'], when: isBetween }],
  detect: (view) =>
    trustedMembers(view).flatMap((facts) =>
      (stateOf(facts)?.peers ?? []).filter(isHalfWay).flatMap((p) => {
        const node = view.nodeOf(p.uuid);
        const other = node === undefined ? undefined : view.facts(node);
        if (other !== undefined && (hasUntrustedStore(view, other) || other.memory.kind !== 'up')) return [];
        const name = node ?? p.hostnames[0] ?? p.uuid ?? '';
        return [
          {
            severity: 'error' as const,
            subject: `peer/${name}`,
            nodes: [facts.node],
            message: `for ${facts.node}, ${name} is "${p.state}"`,
            evidence: [
              witness(
                facts.node,
                'gluster get-state',
                `${name}: ${p.state}, ${p.connected ? 'Connected' : 'Disconnected'}`,
              ),
            ],
            remedy:
              'check again in a few seconds; ' + `if it stays, restart glusterd on ${facts.node} and ${name}`,
          },
        ];
      }),
    ),
  repair: writeAsMember,
});

/**
 * The state machine of both sides starts again, from a file that says what both agree on: of use only where
 * they reach each other.
 */
function writeAsMember(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const uuid = view.facts(nodeName(finding.subject.slice('peer/'.length)))?.store.uuid;
  if (uuid === undefined) return [];
  return nodesOf(finding, view).flatMap((facts): readonly Remedy[] => {
    const lines = peerLines(view, facts.node, uuid);
    const isConnected = stateOf(facts)?.peers.some((p) => p.uuid === uuid && p.connected) === true;
    if (lines === undefined || !isConnected) return [];
    return [editOf(facts, { kind: 'write', path: `peers/${uuid}`, lines }, finding.message)];
  });
}
