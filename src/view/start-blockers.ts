/**
 * Would the glusterd of a node start, or start again? The one judgement, by its own rules (glusterd-store.c,
 * glusterd.c); others decide what follows from it.
 */
import { NO_ANSWER, type NodeFacts, type StoreBrick } from '../model/observed.ts';
import { directoriesWithoutInfo, filesAmongSnapshots } from '../model/store-directories.ts';
import { highestOpVersion } from './op-version.ts';
import { peerEntry } from './pool.ts';
import { heldFromGlusterd } from './ports.ts';
import { lacksRoom } from './room.ts';
import { hasUntrustedStore, isLost, isUnread } from './trust.ts';
import type { View } from './view.ts';

/** `path`: what has to be put right, relative to the store; ".": it is not in the store, or all of it. */
export interface StartFault {
  readonly path: string;
  readonly what: string;
}

/**
 * Why it would not start, start as another node, lose files of its store, or hang. Empty: it would start.
 */
export const startFaults = (view: View, facts: NodeFacts): readonly StartFault[] => [
  ...startBlockers(facts).map((path) => ({ path, what: `${path} keeps it from starting` })),
  ...(isLost(view, facts) ? [{ path: 'glusterd.info', what: 'it would be another node' }] : []),
  ...opVersionFault(facts),
  ...missingOwners(view, facts).map(({ node, store }) => ({
    path: `peers/${store.uuid ?? ''}`,
    what: `${node}, which has bricks, is not among its peers`,
  })),
  ...surroundings(facts).map((what) => ({ path: '.', what })),
];

/** Nothing in the store would repair these. */
const surroundings = (facts: NodeFacts): readonly string[] => [
  ...(isUnread(facts) ? ['its store could not be read'] : []),
  ...(facts.daemonConfig.unmounted !== undefined ? ['the file system of its store is not mounted'] : []),
  ...(lacksRoom(facts) ? ['it has no room to write'] : []),
  ...heldFromGlusterd(facts),
  ...(definesGlusterd(facts) ? [] : ['glusterd.vol does not say what glusterd is']),
  ...bricksWithoutPath(facts).map(({ path }) => `${path} is not there, and its brick has no real_path`),
  ...(waitsForDisk(facts) ? ['the disk of a brick does not answer, and it would wait for it'] : []),
];

/** Where nothing of GlusterFS is installed, there is nothing to read. */
export const definesGlusterd = ({ memory, daemonConfig }: NodeFacts): boolean =>
  memory.kind === 'absent' || /^\s*type\s+mgmt\/glusterd\s*$/m.test(daemonConfig.raw);

/** Files and directories of its store with which glusterd does not start. */
export const startBlockers = (facts: NodeFacts): readonly string[] => [
  ...leftoversIn(facts),
  ...damagedIn(facts)
    .map((p) => p.path)
    .filter((p) => /^(vols\/[^/]+\/(info|bricks\/.+)|snaps\/[^/]+\/([^/]+\/)?info)$/.test(p)),
];

/** An operating version that its program does not know: "wrong op-version retrieved". */
export function isOpVersionTooHigh({ store, version }: NodeFacts): boolean {
  const highest = version === undefined ? undefined : highestOpVersion(version);
  return highest !== undefined && (store.operatingVersion ?? 0) > highest;
}

const opVersionFault = (facts: NodeFacts): readonly StartFault[] =>
  isOpVersionTooHigh(facts)
    ? [
        {
          path: 'glusterd.info',
          what: `its program does not know operating version ${String(facts.store.operatingVersion)}`,
        },
      ]
    : [];

/**
 * Own bricks that are not where the store says, and whose file has no real_path (old releases wrote none):
 * glusterd asks for it ("realpath() failed"), and gives up.
 */
export function bricksWithoutPath(facts: NodeFacts): readonly StoreBrick[] {
  const { store, paths, unreadPaths } = facts;
  if (isUnread(facts) || store.uuid === undefined) return [];
  return [...store.volumes.values()].flatMap(({ name, bricks }) =>
    bricks.filter(({ ownerUuid, path, file }) => {
      if (ownerUuid !== store.uuid || paths.has(path) || unreadPaths.has(path)) return false;
      const text = store.files.get(`vols/${name}/bricks/${file}`)?.content.toString('utf8') ?? '';
      return !/^real_path=./m.test(text);
    }),
  );
}

/**
 * Members that own bricks and that this node's peers/ does not know: glusterd does not start without them.
 */
export function missingOwners(view: View, facts: NodeFacts): readonly NodeFacts[] {
  // A file without a uuid is no peer.
  const peers = facts.store.peers.filter((p) => p.uuid !== undefined);
  const hosts = new Set(peers.flatMap((p) => p.hostnames));
  const missing = new Set<NodeFacts>();
  for (const volume of facts.store.volumes.values())
    for (const brick of volume.bricks) {
      if (brick.ownerUuid === facts.store.uuid || hosts.has(brick.hostname)) continue;
      const node = view.nodeOf(brick.ownerUuid);
      const owner = node === undefined ? undefined : view.facts(node);
      if (owner === undefined || peerEntry(view, facts.node, brick.ownerUuid) !== undefined) continue;
      if (!hasUntrustedStore(view, owner)) missing.add(owner);
    }
  return [...missing];
}

/**
 * What lies where only volumes and snapshots may, and is none. Where part of the store is unread, none is
 * known.
 */
export function leftoversIn(facts: NodeFacts): readonly string[] {
  if (isUnread(facts)) return [];
  return [...directoriesWithoutInfo(facts.store), ...filesAmongSnapshots(facts.store)];
}

/** What is not as glusterd writes it, beside leftovers. Of an unread store, none is known. */
export function damagedIn(facts: NodeFacts): NodeFacts['store']['problems'] {
  if (isUnread(facts)) return [];
  const leftovers = new Set(leftoversIn(facts));
  return facts.store.problems.filter((p) => !leftovers.has(p.path));
}

/** A glusterd reads the file systems of its bricks when it starts. A frozen one is resumed all the same. */
const waitsForDisk = ({ unreadPaths, processes }: NodeFacts): boolean =>
  [...unreadPaths.values()].includes(NO_ANSWER) &&
  !processes.some((p) => p.role === 'glusterd' && p.state === 'T');
