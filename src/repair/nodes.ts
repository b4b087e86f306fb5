/**
 * Repairs of one node's store beside its volumes: what keeps glusterd from starting, who it is, whom it
 * knows.
 */
import { damagedIn, startBlockers, strayDirectories } from '../view/start-blockers.ts';
import { formerUuids, trustedMembers } from '../view/trust.ts';
import { peerEntry, poolIn } from '../view/pool.ts';
import { type NodeName, nodeName, type PeerUuid, peerUuid, volumeName } from '../model/names.ts';
import { type NodeFacts, PEER_IN_CLUSTER } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { stateOf, type View } from '../view/view.ts';
import type { Edit } from '../actions/store-edit.ts';
import type { Remedy, RepairContext } from './remedy.ts';
import { volumeRemedies } from './volumes.ts';

const edit = (facts: NodeFacts, what: Edit, reason: string): Remedy => ({
  kind: 'edit',
  node: facts.node,
  edit: what,
  reason,
});

const factsOf = (finding: Finding, view: View): readonly NodeFacts[] =>
  finding.nodes.flatMap((node) => view.facts(node) ?? []);

/** All that keeps glusterd from starting is mended, or nothing of it: with one left it would not start. */
function allOrNothing(
  facts: NodeFacts,
  paths: readonly string[],
  mend: (path: string) => readonly Remedy[],
): readonly Remedy[] {
  const fatal = new Set(startBlockers(facts));
  const mended = paths.map((path) => ({ path, remedies: mend(path) }));
  return mended.some((m) => m.remedies.length === 0 && fatal.has(m.path))
    ? []
    : mended.flatMap((m) => m.remedies);
}

/**
 * A directory that another node has as a volume is a damaged copy; an empty one only keeps glusterd from
 * starting; what else lies there is somebody's.
 */
export const strayDirectory = (finding: Finding, context: RepairContext): readonly Remedy[] =>
  factsOf(finding, context.view).flatMap((facts) =>
    allOrNothing(facts, strayDirectories(facts), (path) => correctedPeers(facts, path, context)),
  );

function correctedPeers(facts: NodeFacts, directory: string, context: RepairContext): readonly Remedy[] {
  const name = /^vols\/(.+)$/.exec(directory)?.[1];
  if (name !== undefined && context.view.volumes.has(volumeName(name)))
    return volumeRemedies(context, volumeName(name));
  if ([...facts.store.files.keys(), ...facts.store.hashes.keys()].some((f) => f.startsWith(`${directory}/`)))
    return [];
  const reason = `${directory} on ${facts.node} is empty, and glusterd does not start with it`;
  return [edit(facts, { kind: 'remove', path: directory }, reason)];
}

/** Each damaged file by what it is; what no other node can tell is left to a person. */
export const damagedFiles = (finding: Finding, context: RepairContext): readonly Remedy[] =>
  factsOf(finding, context.view).flatMap((facts) => {
    const paths = damagedIn(facts).map((p) => p.path);
    return allOrNothing(facts, paths, (path) => repairedFile(facts, path, finding, context));
  });

function repairedFile(
  facts: NodeFacts,
  path: string,
  finding: Finding,
  context: RepairContext,
): readonly Remedy[] {
  const volume = /^vols\/([^/]+)\/(info|bricks\/|quota\.cksum|node_state\.info)/.exec(path)?.[1];
  if (volume !== undefined && context.view.volumes.has(volumeName(volume)))
    return damagedVolume(facts, volume, path, context);
  if (/^peers\//.test(path)) return rebuiltPeers(facts, context.view, path);
  if (path === 'glusterd.info') return identity({ ...finding, nodes: [facts.node] }, context);
  return [];
}

function damagedVolume(
  facts: NodeFacts,
  volume: string,
  path: string,
  context: RepairContext,
): readonly Remedy[] {
  const reason = `${path} on ${facts.node} is damaged`;
  if (path.endsWith('/node_state.info')) return [edit(facts, { kind: 'remove', path }, reason)];
  return volumeRemedies(context, volumeName(volume));
}

/** Removed when it is empty of sense; written anew for every member that the node should know. */
function rebuiltPeers(facts: NodeFacts, view: View, damaged: string): readonly Remedy[] {
  const reason = `${damaged} on ${facts.node} is damaged`;
  const uuid = peerUuid(damaged.slice('peers/'.length));
  const known = uuid === undefined ? undefined : peerLines(view, facts.node, uuid);
  if (known !== undefined) return [edit(facts, { kind: 'write', path: damaged, lines: known }, reason)];
  return [edit(facts, { kind: 'remove', path: damaged }, reason)];
}

/** A peers file as another member has it, or as the node's own name gives it. */
function peerLines(view: View, without: NodeName, uuid: PeerUuid): readonly string[] | undefined {
  const node = view.nodeOf(uuid);
  const elsewhere = view.nodes
    .filter((n) => n.node !== without && n.node !== node)
    .map((n) => peerEntry(view, n.node, uuid)?.hostnames ?? [])
    .find((hostnames) => hostnames.length > 0);
  const hostnames = elsewhere ?? (node === undefined ? [] : [node]);
  if (hostnames.length === 0) return undefined;
  return [
    `uuid=${uuid}`,
    `state=${String(PEER_IN_CLUSTER)}`,
    ...hostnames.map((h, i) => `hostname${String(i + 1)}=${h}`),
  ];
}

/** Who the node was, whom it knew and what it held, put back before its glusterd starts again. */
export const identity = (finding: Finding, context: RepairContext): readonly Remedy[] =>
  factsOf(finding, context.view).flatMap((facts): readonly Remedy[] => {
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
          question: `${facts.node} is known under several uuids: ${former.map(([u]) => u).join(', ')}; which is right?`,
          flags: [],
        },
      ];
    const reason = `${facts.node} gets the identity back by which the others know it`;
    const peers = others.flatMap((o): readonly Remedy[] => {
      const lines = o.store.uuid === undefined ? undefined : peerLines(view, facts.node, o.store.uuid);
      return lines === undefined
        ? []
        : [edit(facts, { kind: 'write', path: `peers/${o.store.uuid ?? ''}`, lines }, reason)];
    });
    const stale = facts.store.peers
      .filter((p) => !others.some((o) => o.store.uuid === p.uuid))
      .map((p) => edit(facts, { kind: 'remove', path: `peers/${p.file}` }, reason));
    const volumes = [...view.volumes.values()]
      .filter((v) => !v.copies.has(facts.node))
      .flatMap((v) => copyFromAnother(facts, v.name, context, reason));
    return [
      edit(
        facts,
        {
          kind: 'write',
          path: 'glusterd.info',
          lines: [`UUID=${uuid}`, `operating-version=${String(opVersion)}`],
        },
        reason,
      ),
      ...stale,
      ...peers,
      ...volumes,
    ];
  });

/**
 * The volume decision of all members; of it, what concerns this node (which may not count as a member yet).
 */
function copyFromAnother(
  facts: NodeFacts,
  name: string,
  context: RepairContext,
  reason: string,
): readonly Remedy[] {
  const remedies = volumeRemedies(context, volumeName(name));
  const question = remedies.filter((r) => r.kind === 'question');
  if (question.length > 0) return question;
  const wanted = context.desired.volumes.find((v) => v.name === name);
  const from = context.view.volumes.get(volumeName(name))?.copies.keys().next().value;
  if (wanted?.state === 'absent' || from === undefined) return [];
  return [
    edit(facts, { kind: 'copy-volume', volume: name, from }, reason),
    edit(facts, { kind: 'renew-volfiles' }, reason),
  ];
}

/** The members that lack a peers file get it; a node that nobody lists is a person's decision. */
export const oneWayPeer = (finding: Finding, context: RepairContext): readonly Remedy[] => {
  const { view } = context;
  const missing = view.facts(nodeName(finding.subject.slice('peer/'.length)));
  const uuid = missing?.store.uuid;
  if (missing === undefined || uuid === undefined) return [];
  const listed = view.nodes.some((n) => n !== missing && peerEntry(view, n.node, uuid) !== undefined);
  if (!listed || !poolIn(view).isMember(missing.node)) return [];
  return factsOf(finding, view).flatMap((facts) => {
    const lines = peerLines(view, facts.node, uuid);
    const reason = `${facts.node} does not know ${missing.node}`;
    return lines === undefined ? [] : [edit(facts, { kind: 'write', path: `peers/${uuid}`, lines }, reason)];
  });
};

export const selfListed = (finding: Finding, { view }: RepairContext): readonly Remedy[] =>
  factsOf(finding, view).flatMap((facts) =>
    facts.store.peers
      .filter(
        (p) =>
          p.uuid !== undefined &&
          (p.uuid === facts.store.uuid ||
            (view.nodeOf(p.uuid) === undefined &&
              p.hostnames.some((h) => poolIn(view).nodeOfHost(h) === facts.node))),
      )
      .map((p) =>
        edit(facts, { kind: 'remove', path: `peers/${p.file}` }, `${facts.node} has itself among its peers`),
      ),
  );

/**
 * The state machine of both sides starts anew, from a file that says what both agree on: of use only where
 * they reach each other.
 */
export const stuckPeer = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const other = view.facts(nodeName(finding.subject.slice('peer/'.length)));
  const uuid = other?.store.uuid;
  return factsOf(finding, view).flatMap((facts): readonly Remedy[] => {
    const lines = uuid === undefined ? undefined : peerLines(view, facts.node, uuid);
    const isConnected = stateOf(facts)?.peers.some((p) => p.uuid === uuid && p.connected) === true;
    if (lines === undefined || uuid === undefined || !isConnected) return [];
    return [edit(facts, { kind: 'write', path: `peers/${uuid}`, lines }, finding.message)];
  });
};

/**
 * The file with the highest version, among equals the one that most nodes have; with no majority a person
 * decides.
 */
export const globalOptions = (_finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const known = trustedMembers(view);
  const textOf = (n: NodeFacts): string =>
    n.store.files.get('options')?.content.toString('utf8').split('\n').sort().join('\n') ?? '';
  const version = (n: NodeFacts): number => Number(n.store.options.get('global-option-version') ?? 0);
  const newest = Math.max(...known.map(version));
  const sides = new Map<string, NodeFacts[]>();
  for (const n of known.filter((k) => version(k) === newest))
    sides.set(textOf(n), [...(sides.get(textOf(n)) ?? []), n]);
  const [first, second] = [...sides.values()].sort((a, b) => b.length - a.length);
  const donor = first?.[0];
  if (donor === undefined) return [];
  if (second !== undefined && second.length === first?.length)
    return [
      {
        kind: 'question',
        subject: 'cluster',
        question: `the options of the whole cluster differ between ${first.map((n) => n.node).join(', ')} and ${second.map((n) => n.node).join(', ')}, with no majority: set them again with "gluster volume set all KEY VALUE"`,
        flags: [],
      },
    ];
  return known
    .filter((n) => textOf(n) !== textOf(donor))
    .map((n) =>
      edit(
        n,
        { kind: 'copy-file', path: 'options', from: donor.node },
        `the options of the whole cluster are taken from ${donor.node}`,
      ),
    );
};

export const staleVolfiles = (finding: Finding, { view }: RepairContext): readonly Remedy[] =>
  factsOf(finding, view).map((facts) => edit(facts, { kind: 'renew-volfiles' }, finding.message));

/** Which limits were meant, only the higher quota version can tell. */
export const quotaLimits = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const name = finding.subject.slice('volume/'.length);
  const copies = [...(view.volumes.get(volumeName(name))?.copies ?? [])];
  const newest = Math.max(...copies.map(([, c]) => c.quotaVersion));
  const donors = copies.filter(([, c]) => c.quotaVersion === newest).map(([n]) => n);
  const donor = donors.find((n) => !finding.nodes.includes(n));
  if (donor === undefined) return [];
  return factsOf(finding, view).flatMap((facts) =>
    ['quota.conf', 'quota.cksum'].map((file) =>
      edit(
        facts,
        { kind: 'copy-file', path: `vols/${name}/${file}`, from: donor },
        `quota limits of ${name} are taken from ${donor}`,
      ),
    ),
  );
};
