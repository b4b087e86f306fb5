/** A node that is no longer who the others think it is. */
import { listed } from '../core/text.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeFacts } from '../model/observed.ts';
import { formerUuids, hasLostIdentity, isWiped, twinsIn } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { downWith, identityEvidence, identityRemedy, restoreIdentity } from './shared/identity.ts';

export const nodeUuidChanged = defineFinding({
  code: 'node-uuid-changed',
  explain: {
    title: 'A node has changed its uuid',
    meaning:
      'The others know the node under a uuid that it no longer carries. ' +
      'glusterd refuses to talk to it, and it no longer takes its own bricks for its own.',
    cause:
      'glusterd.info was lost or emptied (full disk, power cut), ' +
      'and glusterd made a new uuid at its next start; or the machine was reinstalled.',
    looksAt: 'UUID in glusterd.info against the peers/ files of the others and the uuid in brick files.',
    repair:
      'The old uuid is put back while glusterd is stopped, ' +
      'and the peers are made complete from what the others know. Only where the node itself shows ' +
      'that it was its own, by a brick or a running process; else a person says so: ' +
      '"--prefer node/NODE=UUID" of the same machine, "replaces: NODE" in the file of a new one.',
    risk:
      'None if it is the same machine with its old bricks. ' +
      'A different machine must not take the identity of the old one.',
    byHand: [
      'Stop glusterd on the node.',
      'Write UUID=<old uuid> and operating-version=<as on the others> into /var/lib/glusterd/glusterd.info.',
      'Remove peers/<old uuid> there if it exists; copy the files of the other members into peers/.',
      'Start glusterd.',
    ],
  },
  detect: (view, desired) =>
    view.nodes.flatMap((facts) => (isChanged(view, facts) ? [found(view, facts, desired)] : [])),
  repair: restoreIdentity,
});

function isChanged(view: View, facts: NodeFacts): boolean {
  if (!facts.store.exists || facts.version === undefined) return false;
  if (facts.store.problems.some((p) => p.path === 'glusterd.info')) return false;
  return (
    hasLostIdentity(view, facts) && !isWiped(view, facts) && !twinsIn(view).some((g) => g.includes(facts))
  );
}

function found(view: View, facts: NodeFacts, desired: Desired): Found {
  const { node } = facts;
  const former = formerUuids(view, facts);
  const carrying = [...view.volumes.values()].filter((v) =>
    v.best.bricks.some((b) => b.ownerUuid !== undefined && former.has(b.ownerUuid)),
  );
  return {
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message:
      `${node} no longer has the uuid by which ` +
      `${listed([...new Set([...former.values()].flat())])} know it${downWith(facts)}`,
    evidence: [
      witness(node, 'glusterd.info', facts.store.uuid === undefined ? 'no UUID' : `UUID=${facts.store.uuid}`),
      ...[...former].flatMap(([uuid, by]) => by.map((n) => witness(n, `peers/${uuid}`, `is ${node}`))),
      ...carrying.map((v) => `vols/${v.name}/bricks: bricks on ${node} carry the old uuid`),
      ...identityEvidence(view, facts),
    ],
    remedy: `put the old uuid back: ${identityRemedy(view, facts, desired)}`,
  };
}
