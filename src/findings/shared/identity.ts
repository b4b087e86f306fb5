/**
 * Restores a node that has lost its identity: identity, peers and volumes come from the other members.
 */
import { volumeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import { formerUuids, trustedMembers } from '../../view/trust.ts';
import type { View } from '../../view/view.ts';
import { peerLines } from './peer-files.ts';
import { editOf, nodesOf, type Remedy, type Repair, type RepairContext } from './remedy.ts';
import { volumeRemedies } from './volume-copies.ts';
import { isAbsent } from './wanted.ts';

/** The end of a message about such a node: a start would give it a new identity. */
export const downWith = (facts: NodeFacts): string =>
  facts.memory.kind === 'down'
    ? '; glusterd is down there and must not be started before it is put right'
    : '';

export const restoreIdentity: Repair = (finding, context) =>
  nodesOf(finding, context.view).flatMap((facts) => identityRemedies(facts, context));

/** Written before its glusterd starts again. */
export function identityRemedies(facts: NodeFacts, context: RepairContext): readonly Remedy[] {
  const { view } = context;
  const former = [...formerUuids(view, facts)].sort(([, a], [, b]) => b.length - a.length);
  const uuid = former[0]?.[0] ?? facts.store.uuid;
  const others = trustedMembers(view).filter((n) => n.node !== facts.node);
  const opVersion = others[0]?.store.operatingVersion;
  if (uuid === undefined || opVersion === undefined) return [];
  if (former.length > 1)
    return [
      {
        kind: 'question',
        subject: `node/${facts.node}`,
        question:
          `${facts.node} is known under several uuids: ${former.map(([u]) => u).join(', ')}; ` +
          'which is right?',
        flags: [],
      },
    ];
  const reason = `${facts.node} gets the identity back by which the others know it`;
  const lines = [`UUID=${uuid}`, `operating-version=${String(opVersion)}`];
  return [
    editOf(facts, { kind: 'write', path: 'glusterd.info', lines }, reason),
    ...peersRemedies(facts, others, view, reason),
    ...[...view.volumes.values()]
      .filter((v) => !v.copies.has(facts.node))
      .flatMap((v) => copyFromAnother(facts, v.name, context, reason)),
  ];
}

function peersRemedies(
  facts: NodeFacts,
  others: readonly NodeFacts[],
  view: View,
  reason: string,
): readonly Remedy[] {
  const outdated = facts.store.peers
    .filter((p) => !others.some((o) => o.store.uuid === p.uuid))
    .map((p) => editOf(facts, { kind: 'remove', path: `peers/${p.file}` }, reason));
  const missing = others.flatMap(({ store: { uuid } }): readonly Remedy[] => {
    const lines = uuid === undefined ? undefined : peerLines(view, facts.node, uuid);
    return uuid === undefined || lines === undefined
      ? []
      : [editOf(facts, { kind: 'write', path: `peers/${uuid}`, lines }, reason)];
  });
  return [...outdated, ...missing];
}

/**
 * The volume decision of all members; of it, what concerns this node (which may not count as a member yet).
 */
function copyFromAnother(
  facts: NodeFacts,
  volume: string,
  context: RepairContext,
  reason: string,
): readonly Remedy[] {
  const name = volumeName(volume);
  const questions = volumeRemedies(context, name).filter((r) => r.kind === 'question');
  if (questions.length > 0) return questions;
  const from = context.view.volumes.get(name)?.copies.keys().next().value;
  if (isAbsent(context.desired, volume) || from === undefined) return [];
  return [
    editOf(facts, { kind: 'copy-volume', volume, from }, reason),
    editOf(facts, { kind: 'renew-volfiles' }, reason),
  ];
}
