/**
 * All members of the pool that one host belongs to, each with its name and where SSH reaches it. Asks the
 * host for its peers, them for theirs, and checks by its uuid that each is who it was taken for. Refuses the
 * whole pool where one member cannot be read.
 */
import { isLoopbackAddress } from '../core/address.ts';
import { failure, type Failure, FailureError } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { HeadNode } from '../cluster-file/head.ts';
import { isHost, isLoopback, isSshHost } from '../cluster-file/host.ts';
import { NODES_MAX } from '../cluster-file/limits.ts';
import type { PeerUuid } from '../model/names.ts';
import type { NodeFacts, StorePeer } from '../model/observed.ts';
import { poolNames } from '../view/pool-names.ts';

/** Reads the host that SSH finds there. */
export type ReadAt = (address: string) => Promise<Result<NodeFacts, Failure>>;

interface Member {
  readonly facts: NodeFacts;
  /** Where SSH found it. */
  readonly address: string;
}

interface ReachedPool {
  /** By name. */
  readonly nodes: readonly HeadNode[];
  /** What is listed as a peer and is no member yet. */
  readonly halfWay: readonly string[];
}

export async function reachPool(host: string, readAt: ReadAt): Promise<ReachedPool> {
  const first = await readAt(host);
  if (!first.ok) throw new FailureError(first.error);
  const members = await readMembers({ facts: first.value, address: host }, readAt);
  const facts = members.map((m) => m.facts);
  const names = poolNames(facts, isNodeName);
  const nodes = await Promise.all(
    members.map(async (member): Promise<HeadNode> => {
      const { uuid } = member.facts.store;
      const known = (uuid === undefined ? undefined : names.get(uuid)) ?? [];
      const name = known[0] ?? ownName(member);
      const given = member.facts === first.value && !isLoopback(host) ? [host] : [];
      const places = [name, ...given, ...known, ...addressesOf(known, facts)];
      const address = await firstThatLeadsTo(member, places, readAt);
      return address === name ? { name } : { name, address };
    }),
  );
  return {
    nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)),
    halfWay: facts.flatMap(({ node, store: { peers, peerLeftovers } }) =>
      [...peers, ...peerLeftovers]
        .filter((p) => memberUuid(p) === undefined)
        .map((p) => `${p.hostnames[0] ?? p.file} (on ${node})`),
    ),
  };
}

/** Of a peer that has answered once: before that, it is listed with zeros. */
const memberUuid = ({ uuid }: StorePeer): PeerUuid | undefined =>
  uuid === undefined || /^[0-]+$/.test(uuid) ? undefined : uuid;

const isNodeName = (text: string): boolean => isHost(text) && !isLoopback(text);

/** Of a node that no other one names. */
const ownName = ({ address, facts }: Member): string =>
  [address, facts.hostname].find(isNodeName) ?? facts.hostname;

/** In the order of their lists, each level of them together. */
async function readMembers(first: Member, readAt: ReadAt): Promise<readonly Member[]> {
  const members = [first];
  const seen = new Set([first.facts.store.uuid]);
  for (let level: readonly Member[] = [first]; level.length > 0;) {
    const listed = level.flatMap(({ facts }) =>
      facts.store.peers.flatMap((peer): readonly Listed[] => {
        const uuid = memberUuid(peer);
        if (uuid === undefined || seen.has(uuid)) return [];
        seen.add(uuid);
        return [{ uuid, hostnames: peer.hostnames, by: facts }];
      }),
    );
    if (seen.size > NODES_MAX) throw new FailureError(failure('output-too-large', 'the pool has no end'));
    const read = await Promise.all(listed.map((peer) => readListed(peer, readAt)));
    const failures = read.flatMap((r) => (r.ok ? [] : [r.error]));
    if (failures.length > 0) throw new FailureError(...failures);
    level = read.flatMap((r) => (r.ok ? [r.value] : []));
    members.push(...level);
  }
  return members;
}

interface Listed {
  readonly uuid: PeerUuid;
  readonly hostnames: readonly string[];
  readonly by: NodeFacts;
}

/** What would be the same at another address; and sshd punishes those who try again. */
const FINAL: readonly Failure['code'][] = [
  'auth-failed',
  'privilege-denied',
  'sudo-password-needed',
  'sudo-password-wrong',
  'sudo-not-allowed',
  'sudo-needs-tty',
  'host-key-changed',
  'node-unreadable',
  'interrupted',
];

/** By its names, and where they lead nowhere from here, by the addresses that its peer knows for them. */
async function readListed({ uuid, hostnames, by }: Listed, readAt: ReadAt): Promise<Result<Member, Failure>> {
  const [name = uuid] = hostnames;
  const failures: Failure[] = [];
  for (const address of usable([...hostnames, ...addressesOf(hostnames, [by])])) {
    const read = await readAt(address);
    if (read.ok && read.value.store.uuid === uuid) return ok({ facts: read.value, address });
    failures.push(read.ok ? isAnother(name, address, uuid, read.value) : read.error);
    if (!read.ok && FINAL.includes(read.error.code)) break;
  }
  const [first = failure('node-unreadable', `${by.node} lists a peer without a usable name`), ...more] =
    failures;
  return err({
    ...first,
    node: name,
    details: [...(first.details ?? []), ...more.map((f) => `also tried: ${f.title}`)],
  });
}

const isAnother = (name: string, address: string, uuid: PeerUuid, found: NodeFacts): Failure =>
  failure('node-unreadable', `${address} is not the peer ${name}`, {
    cause: `the peers know it as ${uuid}; the host there is ${found.store.uuid ?? 'none'}`,
    fix: 'name the nodes yourself ("glusterctl init HOST…"); "glusterctl doctor FILE" says which is right',
  });

/** The first of these places, as all of them are tried from any host, that leads to this member. */
async function firstThatLeadsTo(
  { facts, address }: Member,
  places: readonly string[],
  readAt: ReadAt,
): Promise<string> {
  for (const place of usable(places)) {
    if (place === address) return place;
    const read = await readAt(place);
    if (read.ok && read.value.store.uuid === facts.store.uuid && read.value.bootId === facts.bootId)
      return place;
  }
  return address;
}

const usable = (places: readonly string[]): readonly string[] => [...new Set(places)].filter(isSshHost);

/** As any of these nodes resolves the names; IPv4 first. */
const addressesOf = (names: readonly string[], nodes: readonly NodeFacts[]): readonly string[] =>
  names
    .flatMap((name) => nodes.flatMap((n) => n.resolves.get(name) ?? []))
    .filter((a) => !isLoopbackAddress(a) && !a.startsWith('fe80:'))
    .sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')) || (a < b ? -1 : 1));
