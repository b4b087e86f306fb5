/**
 * Mends the stores of several nodes at once: their glusterds stopped together, so that none teaches another its old version,
 * the files edited, the glusterds started, bricks serving all the while. Its undo puts the same paths back from the before-image.
 */
import { type NodeName, nodeName } from '../model/names.ts';
import { changesOf, type Edit, editWords, pathsOf } from './store-edit.ts';
import { glusterdArgv, stateOf, type View } from '../view/view.ts';
import { poolOf } from '../view/pool.ts';
import { type Call, defineAction, type Standing } from './action.ts';

export type RepairArgs = { readonly nodes: { readonly [node: string]: readonly Edit[] } };

const namesOf = (args: { readonly nodes: { readonly [node: string]: unknown } }): readonly NodeName[] =>
  Object.keys(args.nodes).map(nodeName);

/** Stop on all, do the work on all, start on all: each a group. */
function around(nodes: readonly NodeName[], view: View, work: readonly Call[]): readonly (readonly Call[])[] {
  return [
    nodes.map((node) => ({
      node,
      op: { kind: 'stop-glusterd', hung: view.facts(node)?.memory.kind === 'hung' },
    })),
    work,
    nodes.map((node) => ({ node, op: { kind: 'start-glusterd', argv: glusterdArgv(view.facts(node)) } })),
  ];
}

export const storeRepair = defineAction<'store-repair', RepairArgs>({
  name: 'store-repair',
  risk: 'safe',
  subject: (args) => (namesOf(args).length === 1 ? `node/${namesOf(args)[0] ?? ''}` : 'cluster'),
  volume: () => undefined,
  nodes: (args) => namesOf(args),
  summary: (args) =>
    Object.entries(args.nodes)
      .map(([node, edits]) => `on ${node}, glusterd stopped: ${edits.map(editWords).join(', ')}`)
      .join('; '),
  undo: () => 'put the same files back from the before-image, glusterd stopped',
  requires: () => [],
  calls(args, view) {
    const work = namesOf(args).flatMap((node): Call[] => {
      const facts = view.facts(node);
      if (facts === undefined) return [];
      const changes = (args.nodes[node] ?? []).map((edit) => changesOf(edit, facts, view));
      const op = {
        kind: 'edit-store',
        writes: changes.flatMap((c) => c.writes),
        removes: changes.flatMap((c) => c.removes),
      } as const;
      return [{ node, op }];
    });
    return around(namesOf(args), view, work);
  },
  settleMs: 40_000,
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

/** glusterd answers on all of them, and sees its peers; whether the fault is gone is for the findings to say. */
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

export const storeRestore = defineAction<
  'store-restore',
  { readonly transaction: string; readonly nodes: { readonly [node: string]: readonly string[] } }
>({
  name: 'store-restore',
  risk: 'disruptive',
  subject: () => 'cluster',
  volume: () => undefined,
  nodes: (args) => namesOf(args),
  summary: (args) =>
    `put the store back as it was before transaction ${args.transaction} on ${namesOf(args).join(', ')}`,
  undo: () => null,
  requires: () => [],
  calls: (args, view) =>
    around(
      namesOf(args),
      view,
      namesOf(args).map((node): Call => {
        const op = {
          kind: 'restore-store',
          transaction: args.transaction,
          paths: args.nodes[node] ?? [],
          ports: [],
        } as const;
        return { node, op };
      }),
    ),
  /** Only running it tells: the image is on the nodes. */
  standing: () => 'undone',
  inverse: () => [],
});
