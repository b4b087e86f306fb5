/**
 * Restores a node that has lost its identity: identity, peers and volumes come from the other members.
 * Refuses to take a name for a machine.
 */
import { type PeerUuid, volumeName } from '../../model/names.ts';
import type { Desired } from '../../model/desired.ts';
import type { NodeFacts } from '../../model/observed.ts';
import { listed } from '../../core/text.ts';
import { identityWitnesses } from '../../view/identity.ts';
import { poolIn } from '../../view/pool.ts';
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
  const known = candidates(facts, context);
  const uuid = known[0] ?? facts.store.uuid;
  const others = trustedMembers(view).filter((n) => n.node !== facts.node);
  const opVersion = others[0]?.store.operatingVersion;
  if (uuid === undefined || opVersion === undefined) return [];
  const question = doubtOf(view, facts, known, vouchedFor(facts, known, context));
  if (question !== undefined) {
    const flags = known.map((u) => preferFlag(facts, u));
    return [{ kind: 'question', subject: `node/${facts.node}`, question, flags }];
  }
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

/** Uuids by which others know it, most of them first; the one alone that a person has named, if they do. */
function candidates(facts: NodeFacts, { view, prefer }: RepairContext): readonly PeerUuid[] {
  const { node, store } = facts;
  const own = [...poolIn(view).listedAs(node)].filter(
    ([u, by]) => u === store.uuid && by.some((n) => n !== node),
  );
  const known = [...formerUuids(view, facts), ...own]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([uuid]) => uuid);
  const named = known.filter((uuid) => uuid === prefer.get(preferenceOf(facts)));
  return named.length > 0 ? named : known;
}

const preferenceOf = ({ node }: NodeFacts): string => `node/${node}`;
const preferFlag = ({ node }: NodeFacts, uuid: PeerUuid): string => `--prefer node/${node}=${uuid}`;

/** By a flag; by the file, where only one can be meant. */
function vouchedFor(
  facts: NodeFacts,
  [uuid, ...more]: readonly PeerUuid[],
  { desired, prefer }: RepairContext,
): string | undefined {
  const named = prefer.get(preferenceOf(facts));
  if (named !== undefined || more.length > 0) return named;
  return isCalledNew(facts, desired) ? uuid : undefined;
}

/** The file says that a new machine has the name of the one that was lost. */
const isCalledNew = ({ node }: NodeFacts, { nodes }: Desired): boolean =>
  nodes.some((n) => n.name === node && n.isNewMachine === true);

/** A person who names the uuid vouches for the machine; nobody else does but the machine itself. */
function doubtOf(
  view: View,
  facts: NodeFacts,
  known: readonly PeerUuid[],
  named: string | undefined,
): string | undefined {
  const { node, store } = facts;
  const [uuid, ...more] = known;
  if (more.length > 0) return `${node} is known under several uuids: ${known.join(', ')}; which is right?`;
  if (uuid === undefined || uuid === store.uuid || uuid === named) return undefined;
  if (identityWitnesses(view, facts, uuid).length > 0) return undefined;
  const by = listed(formerUuids(view, facts).get(uuid) ?? []);
  return (
    `is ${node} the machine that ${by} knew as ${uuid}? Nothing on it shows that, ` +
    'neither a brick nor a process: another machine may have its name by now'
  );
}

/** What a person has to do about such a node. */
export function identityRemedy(view: View, facts: NodeFacts, desired: Desired): string {
  const [[uuid] = [], ...more] = [...formerUuids(view, facts)];
  const recover = '"glusterctl recover FILE"';
  if (uuid === undefined || more.length > 0 || identityWitnesses(view, facts, uuid).length > 0)
    return recover;
  if (isCalledNew(facts, desired))
    return '"glusterctl apply FILE": the file says that a new machine has its name';
  return (
    `if it is that machine, "glusterctl recover FILE ${preferFlag(facts, uuid)}"; ` +
    `if a new one has its name by now: "replaces: ${facts.node}" of it in the file, ` +
    'then "glusterctl apply FILE"'
  );
}

/** What shows that it is that machine. */
export const identityEvidence = (view: View, facts: NodeFacts): readonly string[] =>
  [...formerUuids(view, facts).keys()].flatMap((uuid) =>
    identityWitnesses(view, facts, uuid).map((line) => `${facts.node}: ${line}`),
  );

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
