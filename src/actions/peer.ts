/**
 * A node joins or leaves the pool: each the undo of the other. Owns the wait for both sides, because `peer
 * probe` answers before they agree.
 */
import { sh } from '../core/shell.ts';
import { nodeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { PEER_IN_CLUSTER } from '../model/observed.ts';
import { stateOf, type View } from '../view/view.ts';
import { coordinatorOf, halfJoined, isFresh, memberNodes, poolOf } from '../view/pool.ts';
import { defineAction, type Standing } from './action.ts';
import { glusterOn } from './common.ts';

type Args = { readonly node: string };

export const peerAttach = defineAction<'peer-attach', Args>({
  name: 'peer-attach',
  risk: 'safe',
  subject: (args) => `peer/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `add ${args.node} to the pool`,
  undo: (args) => `detach ${args.node} from the pool`,
  needsEveryMember: 'staying',
  requires(args, view) {
    const facts = view.facts(nodeName(args.node));
    if (facts === undefined) return [`node ${args.node} was not read`];
    return isFresh(facts)
      ? []
      : [`${args.node} has peers or volumes of its own; glusterd takes only an empty node into a pool`];
  },
  calls: (args, view) =>
    attachStanding(args, view) === 'undone' || isHalfProbed(args, view)
      ? glusterOn(view, ['peer', 'probe', args.node])
      : [],
  standing: (args, view) => attachStanding(args, view),
  effectMs: 30_000,
  inverse: (args) => [peerDetach.intent(args)],
});

export const peerDetach = defineAction<'peer-detach', Args>({
  name: 'peer-detach',
  risk: 'safe',
  subject: (args) => `peer/${args.node}`,
  nodes: (args) => [nodeName(args.node)],
  summary: (args) => `detach ${args.node} from the pool`,
  undo: () => null,
  requires: () => [],
  calls: (args, view) => (isHalfWayIn(args, view) ? [] : glusterOn(view, ['peer', 'detach', args.node])),
  standing(args, view) {
    const standing = attachStanding(args, view);
    return standing === 'done' ? 'undone' : standing === 'undone' ? 'done' : 'partial';
  },
  effectMs: 15_000,
  byHand: ({ node }) => ({
    script: sh`if grep -qsx -e ${`hostname[0-9]*=${node}`} /var/lib/glusterd/peers/*; then
  gluster --mode=script peer detach ${node}
fi`,
  }),
  inverse: () => [],
});

/**
 * Done: every member lists it, in cluster and connected, on disk and in memory, and it lists every member.
 */
function attachStanding(args: Args, view: View): Standing {
  const facts = view.facts(nodeName(args.node));
  const uuid = facts?.store.uuid;
  const coordinator = coordinatorOf(view);
  if (facts === undefined || coordinator === undefined) return 'undone';
  if (facts.node === coordinator) return 'done';
  const others = memberNodes(view).flatMap((n) => (n === facts.node ? [] : (view.facts(n) ?? [])));
  const linked = others.filter((o) => uuid !== undefined && poolOf(o).has(uuid));
  if (linked.length === 0 && facts.store.peers.length === 0)
    return isHalfProbed(args, view) ? 'partial' : 'undone';
  return linked.length === others.length && others.every((o) => sees(o, facts) && sees(facts, o))
    ? 'done'
    : 'partial';
}

/**
 * Some member lists it under its name and without its uuid: glusterd stores a peer before it has answered,
 * and one that crashes in between keeps that file.
 */
const isHalfProbed = ({ node }: Args, view: View): boolean =>
  view.nodes.some(({ store }) =>
    [...store.peers, ...store.peerLeftovers].some((p) => p.state === 0 && p.hostnames.includes(node)),
  );

/** A handshake that stands still: glusterd takes a detach, and answers nothing until the CLI gives up. */
const isHalfWayIn = (args: Args, view: View): boolean =>
  halfJoined(view).some(({ node, other }) => node === args.node || other === args.node);

function sees(from: NodeFacts, to: NodeFacts): boolean {
  const onDisk = from.store.peers.some((p) => p.uuid === to.store.uuid && p.state === PEER_IN_CLUSTER);
  const inMemory = stateOf(from)?.peers.some(
    (p) => p.uuid === to.store.uuid && p.state === 'Peer in Cluster' && p.connected,
  );
  return onDisk && inMemory === true;
}
