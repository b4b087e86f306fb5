import { expect, it } from 'vitest';
import { peersLost } from '../../../../src/transaction/rollback/peers.ts';
import { edit, nodeUuid, world, type World } from '../../../worlds.ts';

const before = (): Parameters<typeof peersLost>[1] => {
  const stores = new Map(
    world()
      .view()
      .nodes.map((n) => [n.node, n.store]),
  );
  return { stores } as unknown as Parameters<typeof peersLost>[1];
};
const forget = (w: World, node: string, ...others: readonly number[]): void => {
  for (const other of others) edit(w.node(node), `peers/${nodeUuid(other)}`, () => undefined);
};
const lostOn = (w: World, node: string): readonly string[] => {
  const view = w.view();
  const facts = view.nodes.find((n) => n.node === node);
  return facts === undefined ? [] : peersLost(facts, before(), view);
};

it('a peer that a node alone has forgotten is put back', () => {
  const w = world();
  expect(lostOn(w, 'node02')).toEqual([]);
  forget(w, 'node02', 3);
  expect(lostOn(w, 'node02')).toEqual([`peers/${nodeUuid(3)}`]);
});

it('one that others have let go of meanwhile is not', () => {
  const w = world();
  for (const node of ['node01', 'node02']) forget(w, node, 3);
  forget(w, 'node03', 1, 2);
  expect(lostOn(w, 'node02')).toEqual([]);
});
