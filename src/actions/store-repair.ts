/**
 * Repairs the stores of several nodes. Their glusterds are stopped together, so that none gives another its
 * old version; bricks keep serving. The undo restores the same paths from the before-image.
 */
import { listed } from '../core/text.ts';
import { isVolumeName, type NodeName, nodeName, type VolumeName, volumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { changesOf, type Edit, editWords, pathsOf } from './store-edit.ts';
import { risksOfOptions } from './option-risks.ts';
import { drainedProblems } from '../view/drained.ts';
import { isProtectedBy } from '../view/protection.ts';
import { quorumProblems } from '../view/quorum.ts';
import { brickFilePath, stateOf, type View } from '../view/view.ts';
import { poolOf } from '../view/pool.ts';
import { defineAction, type PartRisk, type Standing } from './action.ts';
import { withGlusterdStopped } from './with-glusterd-stopped.ts';

export type RepairArgs = { readonly nodes: { readonly [node: string]: readonly Edit[] } };

const namesOf = (args: { readonly nodes: { readonly [node: string]: unknown } }): readonly NodeName[] =>
  Object.keys(args.nodes).map(nodeName);

/** Volumes whose definition the edits write. */
function volumesOf(args: RepairArgs): readonly VolumeName[] {
  const paths = Object.values(args.nodes).flatMap((edits) => edits.flatMap(pathsOf));
  const names = paths.map((path) => /^vols\/([^/]+)/.exec(path)?.[1] ?? '');
  return [...new Set(names)].filter(isVolumeName).map(volumeName);
}

const isRemoved = (volume: VolumeName, args: RepairArgs): boolean =>
  Object.values(args.nodes).some((edits) =>
    edits.some((e) => e.kind === 'remove' && e.path === `vols/${volume}`),
  );

/** A restart that an edit needs anyway is not named. */
const worded = (edits: readonly Edit[]): string => {
  const named = edits.filter((e) => e.kind !== 'restart');
  return (named.length > 0 ? named : edits.slice(0, 1)).map(editWords).join(', ');
};

export const storeRepair = defineAction<'store-repair', RepairArgs>({
  name: 'store-repair',
  risk: 'safe',
  risks: (args, view) => [
    ...[...removedDefinitions(args)].flatMap((volume) => definitionGoes(volume, view)),
    ...Object.entries(args.nodes).flatMap(([node, edits]) =>
      edits.flatMap((edit) => optionsReplaced(nodeName(node), edit, view)),
    ),
  ],
  subject: (args) => (namesOf(args).length === 1 ? `node/${namesOf(args)[0] ?? ''}` : 'cluster'),
  volumes: volumesOf,
  /** A copy is as some node has it already; what goes, goes. */
  becomes: (args, before) =>
    new Map(volumesOf(args).map((v) => [v, isRemoved(v, args) ? null : (before.get(v) ?? null)])),
  nodes: (args) => namesOf(args),
  summary: (args) =>
    Object.entries(args.nodes)
      .map(([node, edits]) => `on ${node}, glusterd stopped: ${worded(edits)}`)
      .join('; '),
  undo: () => 'put the same files back from the before-image, glusterd stopped',
  checkedAtCommit: true,
  requires: (args, view) => [...quorumProblems(namesOf(args), view), ...drainedProblems(namesOf(args), view)],
  calls: (args, view, transaction) =>
    withGlusterdStopped(namesOf(args), view, (facts) => {
      const edits = args.nodes[facts.node] ?? [];
      const changes = edits.map((edit) => changesOf(edit, facts, view));
      const writes = changes.flatMap((c) => c.writes);
      const removes = changes.flatMap((c) => c.removes);
      const paths = changes.flatMap((c) => c.aside ?? []);
      const aside = paths.length > 0 && transaction !== undefined && { aside: { transaction, paths } };
      return { op: { kind: 'edit-store', writes, removes, ...aside }, paths: edits.flatMap(pathsOf) };
    }),
  effectMs: 40_000,
  standing: (args, view) => settledStanding(namesOf(args), view),
  inverse: (args, _before, transaction) => [
    storeRestore.intent({
      transaction,
      nodes: Object.fromEntries(
        Object.entries(args.nodes).map(([n, e]) => [n, [...new Set(e.flatMap(pathsOf))]]),
      ),
    }),
  ],
});

function removedDefinitions(args: RepairArgs): ReadonlySet<VolumeName> {
  const edits = Object.values(args.nodes).flat();
  const removed = edits.flatMap((e) =>
    e.kind === 'remove' ? (/^vols\/([^/]+)$/.exec(e.path)?.[1] ?? []) : [],
  );
  return new Set(removed.map(volumeName));
}

/** What no store has as a volume any more is a leftover, and not a definition. */
function definitionGoes(volume: VolumeName, view: View): readonly PartRisk[] {
  const holders = [...(view.volumes.get(volume)?.copies.keys() ?? [])];
  if (holders.length === 0) return [];
  const why = `the definition of volume ${volume} goes from ${listed(holders)}, the files on its bricks stay`;
  return [{ risk: 'destructive', subject: `volume/${volume}`, why }];
}

/** A copy that replaces another one sets and resets options. */
function optionsReplaced(node: NodeName, edit: Edit, view: View): readonly PartRisk[] {
  if (edit.kind !== 'copy-volume') return [];
  const copies = view.volumes.get(volumeName(edit.volume))?.copies;
  const [was, will] = [copies?.get(node), copies?.get(nodeName(edit.from))];
  if (was === undefined || will === undefined) return [];
  const unprotected = isProtectedBy(was.options) && !isProtectedBy(will.options);
  const why = `volume ${was.name} is no longer protected`;
  return [
    ...risksOfOptions(was, will.options),
    ...(unprotected ? [{ risk: 'disruptive', subject: `volume/${was.name}`, why } as const] : []),
  ];
}

/**
 * glusterd answers on all of them, and sees its peers; whether the fault is gone, the findings say.
 */
function settledStanding(nodes: readonly NodeName[], view: View): Standing {
  const fine = nodes.every((node) => {
    const facts = view.facts(node);
    const state = facts === undefined ? undefined : stateOf(facts);
    return state !== undefined && state.peers.every((p) => p.connected || !poolHas(view, p.uuid));
  });
  return fine ? 'done' : 'partial';
}

/** A peer whose own glusterd is down, or that was not read, cannot be waited for. */
const poolHas = (view: View, uuid: string | undefined): boolean =>
  view.nodes.some((n) => n.store.uuid === uuid && n.memory.kind === 'up' && poolOf(n).size > 1);

/** Of the bricks that run, by their processes: the store may name none of them. */
const portsOf = (
  facts: NodeFacts | undefined,
  paths: readonly string[],
): readonly { readonly path: string; readonly port: number }[] =>
  (facts?.processes ?? []).flatMap(({ brick, state }) =>
    brick === undefined || state === 'Z' || !paths.includes(`vols/${brick.volume}`)
      ? []
      : [{ path: brickFilePath(brick.volume, brick.host, brick.path), port: brick.port }],
  );

export const storeRestore = defineAction<
  'store-restore',
  { readonly transaction: string; readonly nodes: { readonly [node: string]: readonly string[] } }
>({
  name: 'store-restore',
  risk: 'disruptive',
  subject: () => 'cluster',
  nodes: (args) => namesOf(args),
  summary: (args) =>
    `put the store back as it was before transaction ${args.transaction} on ${namesOf(args).join(', ')}`,
  undo: () => null,
  requires: () => [],
  restoresImage: true,
  calls: (args, view) => {
    const { transaction } = args;
    const restart = namesOf(args).map((node) => {
      const paths = args.nodes[node] ?? [];
      const ports = portsOf(view.facts(node), paths);
      return { node, op: { kind: 'restore-store', transaction, paths, ports } as const, paths };
    });
    return [{ restart }];
  },
  /** Not known before it has run: the image is on the nodes. */
  standing: () => 'undone',
  inverse: () => [],
});
