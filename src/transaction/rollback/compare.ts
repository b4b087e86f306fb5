/**
 * Compares the cluster with the stores from before a transaction, for the volumes and peers that it touched.
 * Owns what "exactly as before" means: where others have changed a volume since, by our own keys alone. A
 * node without a before-image is not judged.
 */
import { actionNamed } from '../../actions/index.ts';
import { nodeName, type NodeName, volumeName, type VolumeName } from '../../model/names.ts';
import type { NodeFacts, StoreBrick, StoreVolume } from '../../model/observed.ts';
import type { Step } from '../../model/plan.ts';
import { stateOf, type View, type VolumeView } from '../../view/view.ts';
import { sameInMemory } from '../../view/same-in-memory.ts';
import { type Before, daemonProblems } from '../journal.ts';
import { missingIn } from '../revive.ts';
import { type Difference, differencesIn, type Foreign, foreignIn, foreignWords } from './foreign.ts';
import type { Residue } from './residue.ts';
import { raisedVersion, unseenIn, versionsIn } from './versions.ts';

export const touchedVolumes = (steps: readonly Step[]): ReadonlySet<VolumeName> =>
  new Set(steps.flatMap((s) => actionNamed(s.action).volumes(s.args)));

/** Volumes whose stores differ from before, or from each other. */
export const differingVolumes = (residue: readonly Residue[]): ReadonlySet<VolumeName> =>
  new Set(residue.flatMap((r) => r.volume ?? []));

/** Empty: it is exactly as before. */
export function compareWithBefore(
  view: View,
  before: Before,
  touched: ReadonlySet<VolumeName>,
): readonly Residue[] {
  const foreign = foreignIn(view, before, touched);
  const own = [...touched].filter((volume) => !foreign.has(volume));
  const unread = [...before.stores.keys()].filter((node) => view.facts(node) === undefined);
  const known = before.journal.amiss ?? [];
  const contested = contestedVolumes(view, touched);
  const isForTheirs = (node: NodeName, host: string): boolean =>
    contested.some(({ copies }) => {
      const other = view.ownerOf({ hostname: host });
      return other !== undefined && isContested(copies.get(node), copies.get(other));
    });
  const daemons = daemonProblems(view).filter(
    ({ subject, node, peer = [], isRejected }) =>
      !known.includes(subject) && !(isRejected === true && peer.some((host) => isForTheirs(node, host))),
  );
  return [
    ...unread.map((node) => ({ node, what: `${node} could not be read`, isAway: true as const })),
    ...own.flatMap((volume) => compareVolume(view, before, volume)),
    ...[...foreign.values()].flatMap((f) => compareOwnKeys(view, before, f)),
    ...comparePeers(view, before),
    ...daemons.map(({ node, what, isDown, peer = [] }) => ({
      node,
      what,
      ...(isDown && { isDown }),
      ...(unread.some((away) => peer.includes(away)) && { isAway: true as const }),
    })),
    // Of every volume, not only the touched ones: a glusterd that ended may have taken any brick along.
    ...missingIn(view, before.journal)
      .filter(({ volume }) => !contested.some(({ name }) => name === volume))
      .map(({ node, what }) => ({ node: nodeName(node), what: `${what} is not online again` })),
    ...bricksUp(view, before, new Set(own)),
  ];
}

const isContested = (a: StoreVolume | undefined, b: StoreVolume | undefined): boolean =>
  a !== undefined && a.version === b?.version && a.signature !== b.signature;

/**
 * Volumes that were not touched, and that nodes have in the same version and otherwise, which is never ours.
 * These nodes reject each other until a person has decided, and commands pass one of them over.
 */
export const contestedVolumes = (view: View, touched: ReadonlySet<VolumeName>): readonly VolumeView[] =>
  [...view.volumes.values()].filter(({ name, copies }) => {
    const first = new Map<number, StoreVolume>();
    for (const copy of copies.values()) if (!first.has(copy.version)) first.set(copy.version, copy);
    return (
      !touched.has(name) && [...copies.values()].some((copy) => isContested(copy, first.get(copy.version)))
    );
  });

/** A volume that others have changed since: what of ours is still there. They keep what is theirs. */
function compareOwnKeys(view: View, before: Before, { volume, keys, isHeld }: Foreign): readonly Residue[] {
  if (isHeld) {
    const inUse = before.held?.get(volume) ?? [];
    return [
      ...inUse.map(({ node, what }) => ({
        node,
        what:
          `volume ${volume} is left as the transaction made it: ${what}; ` +
          `"glusterctl recover FILE --abandon ${before.transaction}" keeps it so`,
        isAway: true as const,
      })),
      ...keys.map((key) => ({
        node: key.node,
        what: `left as it is, others have changed it: ${foreignWords(key)}`,
      })),
    ];
  }
  return differencesIn(view, before, [volume])
    .filter((d) => d.isOurs && !isStartUndone(d))
    .map(({ node, key, is = 'not set' }) => ({
      node,
      what: `volume ${volume} on ${node} still has ${key} as ${is}`,
    }));
}

/** Nothing makes a started volume one again that was never started. */
const isStartUndone = ({ key, was, is }: Difference): boolean =>
  key === 'status' && was === 'created' && is === 'stopped';

const comparePeers = (view: View, before: Before): readonly Residue[] =>
  view.nodes.flatMap(({ node, store }) => {
    const was = before.stores.get(node);
    if (was === undefined || peerWords(was.peers) === peerWords(store.peers)) return [];
    return [{ node, what: `${node} has other peers than before`, isPeers: true }];
  });

const peerWords = (peers: readonly { readonly uuid: string | undefined; readonly file: string }[]): string =>
  peers
    .map((p) => p.uuid ?? p.file)
    .sort()
    .join(' ');

/** Content as before on every node, and one version on all of them; memory as disk. */
function compareVolume(view: View, before: Before, volume: VolumeName): readonly Residue[] {
  const versions = versionsIn(view, volume);
  const versionWords = `volume ${volume} has different versions: ${[...versions].join(', ')}`;
  return [
    ...view.nodes.flatMap((facts) => {
      const what = compareOn(facts, before, volume);
      return what === undefined ? [] : [{ node: facts.node, what, volume }];
    }),
    ...(versions.size > 1 && !disagreedBefore(before, volume) ? view.nodes : []).map(({ node }) => ({
      node,
      what: versionWords,
      volume,
    })),
    ...compareWithUnseen(view, before, volume),
  ];
}

/**
 * The nodes had it differently before: a glusterd that starts takes it over from another, so that each may
 * have it as any of them had it.
 */
export function disagreedBefore({ stores }: Before, volume: VolumeName): boolean {
  const words = [...stores.values()].map((s) => {
    const was = s.volumes.get(volume);
    return `${was?.signature ?? ''} ${String(was?.version)}`;
  });
  return new Set(words).size > 1;
}

/** A node that may have committed, and returns, must not give the others the change again. */
function compareWithUnseen(view: View, before: Before, volume: VolumeName): readonly Residue[] {
  const isNew = [...before.stores.values()].every((s) => !s.volumes.has(volume));
  if (isNew)
    // What is owed to a node that is left out is a mark in the journal, and no residue on the others.
    return unseenIn(view, before)
      .filter((node) => !view.leftOut.has(node))
      .map((node) => ({
        node,
        what:
          `${node} may have volume ${volume}, and would give it to the others when it returns: ` +
          '"glusterctl recover FILE" removes it again then',
        isAway: true,
      }));
  const wanted = raisedVersion(view, before, volume);
  if (wanted === undefined) return [];
  return view.nodes.flatMap(({ node, store }) => {
    const is = store.volumes.get(volume)?.version;
    if (!before.stores.has(node) || is === wanted) return [];
    const what = `volume ${volume} on ${node} needs version ${String(wanted)}, above what others may have`;
    return [{ node, what, volume }];
  });
}

function compareOn(facts: NodeFacts, before: Before, volume: VolumeName): string | undefined {
  const { node } = facts;
  const image = before.stores.get(node);
  if (image === undefined) return undefined;
  const was = image.volumes.get(volume);
  const is = facts.store.volumes.get(volume);
  const isAsAnother =
    disagreedBefore(before, volume) &&
    [...before.stores.values()].some((s) => s.volumes.get(volume)?.signature === is?.signature);
  if (!isAsAnother && (was === undefined) !== (is === undefined))
    return `volume ${volume} ${is === undefined ? 'is missing' : 'is left'} on ${node}`;
  if (was?.signature !== is?.signature && !isAsAnother) return `volume ${volume} on ${node} is not as it was`;
  const state = stateOf(facts);
  if (state !== undefined && !sameInMemory(is, state.volumes.get(volume)))
    return `glusterd on ${node} remembers volume ${volume} otherwise than its store has it`;
  return undefined;
}

/**
 * A started volume had the brick there, on some node's word: whether it ran is no doing of ours. Bricks of
 * other nodes often have the same path.
 */
export const wasServed = (
  view: View,
  { stores }: Before,
  { volume, node, path }: { readonly volume: string; readonly node: NodeName; readonly path: string },
): boolean =>
  [...stores.values()].some((store) => {
    const was = store.volumes.get(volumeName(volume));
    const isThere = (b: StoreBrick): boolean => b.path === path && (view.ownerOf(b) ?? node) === node;
    return was?.status === 'started' && was.bricks.some(isThere);
  });

/** Processes of bricks that were not online before and belong to a touched volume. */
function bricksUp(view: View, before: Before, touched: ReadonlySet<VolumeName>): readonly Residue[] {
  const online = new Set(before.journal.online.map((b) => `${b.volume} ${b.node} ${b.path}`));
  const repaired = new Set(
    before.journal.plan.steps.filter((s) => s.subject.startsWith('brick/')).map((s) => s.subject),
  );
  return view.nodes.flatMap((facts) =>
    facts.processes.flatMap((p) => {
      if (p.brick === undefined || p.state === 'Z' || !touched.has(volumeName(p.brick.volume))) return [];
      if (
        wasServed(view, before, { ...p.brick, node: facts.node }) ||
        online.has(`${p.brick.volume} ${facts.node} ${p.brick.path}`) ||
        repaired.has(`brick/${facts.node}:${p.brick.path}`)
      )
        return [];
      return [
        {
          node: facts.node,
          what: `a process of brick ${facts.node}:${p.brick.path} is left (pid ${String(p.pid)})`,
          process: { pid: p.pid, startTicks: p.startTicks },
        },
      ];
    }),
  );
}
