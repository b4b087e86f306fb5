/**
 * A node without bricks leaves the pool, on all sides: no member lists it, and it lists none. Where it is
 * lost, its undo puts the files of the peer back; else it is probed again.
 */
import { nodeName, peerUuid } from '../model/names.ts';
import { bricksOn, type Departing, departureProblems, staying } from '../view/departure.ts';
import { memberNodes } from '../view/pool.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineAction, type Standing } from './action.ts';
import { CLI_TIMEOUT_S } from './common.ts';
import { peerAttach } from './peer.ts';
import { storeRestore } from './store-repair.ts';

type Args = { readonly node: string; readonly uuid: string; readonly isGone: boolean };

/** A uuid that is none is in no store. */
const departingOf = ({ node, uuid, isGone }: Args): Departing | undefined => {
  const checked = peerUuid(uuid);
  return checked === undefined ? undefined : { node: nodeName(node), uuid: checked, isGone };
};

function standing({ node, uuid }: Args, view: View): Standing {
  const rest = view.nodes.filter((n) => n.node !== node);
  const lists = (n: (typeof rest)[number]): boolean =>
    [...n.store.peers, ...(stateOf(n)?.peers ?? [])].some((p) => p.uuid === uuid);
  const own = view.facts(nodeName(node));
  const hasPeers = own !== undefined && [...own.store.peers, ...(stateOf(own)?.peers ?? [])].length > 0;
  const listing = rest.filter(lists);
  if (rest.length > 0 && listing.length === 0 && !hasPeers) return 'done';
  const members = memberNodes(view).filter((n) => n !== node);
  const isListedByAll = members.every((n) => listing.some((l) => l.node === n));
  return isListedByAll && (own === undefined || hasPeers) ? 'undone' : 'partial';
}

export const nodeDetach = defineAction<'node-detach', Args>({
  name: 'node-detach',
  risk: 'safe',
  subject: (args) => `node/${args.node}`,
  nodes: ({ node, isGone }, view) => [
    ...staying({ node: nodeName(node) }, view).map((n) => n.node),
    ...(isGone ? [] : [nodeName(node)]),
  ],
  summary: ({ node, isGone }) => `detach ${node} from the pool${isGone ? ', which it will not hear of' : ''}`,
  undo: ({ node, isGone }) =>
    isGone
      ? `put the peer file of ${node} back from the before-image, glusterd stopped`
      : `probe ${node} again: a new membership with the same uuid`,
  checkedAtCommit: true,
  requires(args, view) {
    const departing = departingOf(args);
    if (departing === undefined) return [`${args.uuid} is not a uuid`];
    return [
      ...bricksOn(departing, view).map(({ place, of }) => `${place} is a brick of ${of}`),
      ...departureProblems(departing, view),
    ];
  },
  calls({ node, uuid, isGone }, view) {
    const from = staying({ node: nodeName(node) }, view)
      .filter((n) => !view.leaving.has(n.node))
      .flatMap((n) => ({ on: n.node, peers: stateOf(n)?.peers ?? [] }))
      .find(({ peers }) => peers.some((p) => p.uuid === uuid));
    if (from === undefined) return [];
    const hosts = from.peers.find((p) => p.uuid === uuid)?.hostnames ?? [];
    const host = hosts.includes(node) ? node : (hosts[0] ?? node);
    // By force it does not ask for other peers: those that are away go as well.
    const isAlone = from.peers.every((p) => p.connected || p.uuid === uuid);
    const argv = ['peer', 'detach', host, ...(isGone && !isAlone ? ['force'] : [])];
    return [{ node: from.on, op: { kind: 'gluster', argv, timeoutSeconds: CLI_TIMEOUT_S } }];
  },
  standing,
  effectMs: 15_000,
  inverse({ node, uuid, isGone }, before, transaction) {
    if (!isGone) return [peerAttach.intent({ node })];
    const files = staying({ node: nodeName(node) }, before).flatMap((n) =>
      n.store.peers.filter((p) => p.uuid === uuid).map((p) => [n.node, [`peers/${p.file}`]] as const),
    );
    return [storeRestore.intent({ transaction, nodes: Object.fromEntries(files) })];
  },
});
