/** Which of its names a member of a pool is called by. */
import { describe, expect, it } from 'vitest';
import { poolNames } from '../../../src/view/pool-names.ts';
import { nodeUuid, world, type World } from '../../worlds.ts';

/** The names of node01, the best first, as its two peers and the bricks of the one volume name it. */
const namesOf = (w: World): readonly string[] | undefined =>
  poolNames(w.view().nodes, (host) => host !== 'localhost').get(nodeUuid(1));

function peerFile(w: World, node: string, ...hostnames: readonly string[]): void {
  const lines = [
    `uuid=${nodeUuid(1)}`,
    'state=3',
    ...hostnames.map((h, i) => `hostname${String(i + 1)}=${h}`),
  ];
  w.node(node).files.set(`peers/${nodeUuid(1)}`, `${lines.join('\n')}\n`);
}

function pool(): World {
  const w = world({ volumes: [] });
  const address = w.node('node01').addresses.find((a) => !a.startsWith('127.')) ?? '';
  for (const node of w.nodes)
    for (const host of ['node01', 'short', 'long.example', address]) node.resolves.set(host, [address]);
  return w;
}

const addressOf = (w: World): string => w.node('node01').resolves.get('short')?.[0] ?? '';

describe('the name of a member', () => {
  it('is the one that its peers have', () => {
    const w = pool();
    peerFile(w, 'node02', 'short');
    peerFile(w, 'node03', 'short');
    expect(namesOf(w)).toEqual(['short']);
  });

  it('is a name and no address, although more peers have that', () => {
    const w = pool();
    peerFile(w, 'node02', addressOf(w));
    peerFile(w, 'node03', addressOf(w), 'short');
    expect(namesOf(w)).toEqual(['short', addressOf(w)]);
  });

  it('leads there from every node, whoever uses another', () => {
    const w = pool();
    peerFile(w, 'node02', 'short', 'long.example');
    peerFile(w, 'node03', 'short');
    w.node('node03').resolves.set('short', ['192.0.2.99']);
    expect(namesOf(w)).toEqual(['long.example', 'short']);
    w.node('node02').resolves.set('long.example', []);
    peerFile(w, 'node03', 'short', addressOf(w));
    expect(namesOf(w)?.[0]).toBe(addressOf(w));
  });

  it('is the one that most use, and of two alike the first by letters', () => {
    const w = pool();
    peerFile(w, 'node02', 'long.example', 'short');
    peerFile(w, 'node03', 'short');
    expect(namesOf(w)).toEqual(['short', 'long.example']);
    peerFile(w, 'node03', 'short', 'long.example');
    expect(namesOf(w)).toEqual(['long.example', 'short']);
  });

  it('is what its bricks are called by, where no peer names it', () => {
    const w = world({
      nodes: 1,
      volumes: [{ name: 'v', bricks: ['node01:/bricks/d1/v'], layout: { kind: 'distribute' } }],
    });
    expect(namesOf(w)).toEqual(['node01']);
  });

  it('is never one that cannot be used', () => {
    const w = pool();
    for (const node of w.nodes) node.resolves.set('localhost', ['127.0.0.1']);
    peerFile(w, 'node02', 'localhost');
    peerFile(w, 'node03', 'localhost', 'short');
    expect(namesOf(w)).toEqual(['short']);
  });
});
