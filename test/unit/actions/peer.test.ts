/**
 * What is known of a node that is to join: a crash of glusterd may leave it half probed, which is neither
 * done nor undone.
 */
import { expect, it } from 'vitest';
import { peerAttach, peerDetach } from '../../../src/actions/peer.ts';
import { believe, believePeer, nodeUuid, removeTree, type World, world } from '../../worlds.ts';

const ARGS = { node: 'node04' };

/** node04 is alone, and the others do not know it. */
function apart(): World {
  const w = world({ nodes: 4, volumes: [] });
  for (const n of w.nodes) {
    if (n.node === 'node04') removeTree(n, 'peers');
    else n.files.delete(`peers/${nodeUuid(4)}`);
    believe(n, (state) => ({
      ...state,
      peers: n.node === 'node04' ? [] : state.peers.filter((p) => p.uuid !== nodeUuid(4)),
    }));
  }
  return w;
}

it('a node that nobody lists has not joined', () => {
  const view = apart().view();
  expect(peerAttach.standing(ARGS, view)).toBe('undone');
  expect(peerDetach.standing(ARGS, view)).toBe('done');
});

it.each<[string, string, number]>([
  ['a member does not see it yet', 'node03', 4],
  ['it does not see a member yet', 'node04', 2],
])('has not joined, though the probe has answered, while %s', (_name, from, to) => {
  const w = world({ nodes: 4, volumes: [] });
  expect(peerAttach.standing(ARGS, w.view())).toBe('done');
  believePeer(w.node(from), nodeUuid(to), { connected: false });
  expect(peerAttach.standing(ARGS, w.view())).toBe('partial');
});

it('a node that a member lists by its name alone has half joined: probe it again, or detach it', () => {
  const w = apart();
  w.node('node01').files.set(
    'peers/node04',
    'uuid=00000000-0000-0000-0000-000000000000\nstate=0\nhostname1=node04\n',
  );
  expect(peerAttach.standing(ARGS, w.view())).toBe('partial');
  expect(peerDetach.standing(ARGS, w.view())).toBe('partial');
});
