import { expect, it } from 'vitest';
import { joiningLeft, peersLost } from '../../../../src/transaction/rollback/peers.ts';
import { edit, nodeUuid, removeTree, world, type World } from '../../../worlds.ts';

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

/** Of a world where node03 has joined by the transaction: what goes there, and on node01. */
const joined = (change: (w: World) => void): readonly (readonly string[])[] => {
  const w = world();
  const was = world();
  for (const name of ['node01', 'node02']) forget(was, name, 3);
  for (const tree of ['peers', 'vols']) removeTree(was.node('node03'), tree);
  change(w);
  const view = w.view();
  const stores = new Map(was.view().nodes.map((n) => [n.node, n.store]));
  const journal = { plan: { steps: [{ subject: 'peer/node03' }] } };
  const image = { stores, journal } as unknown as Parameters<typeof joiningLeft>[1];
  return ['node03', 'node01'].map((name) => {
    const facts = view.nodes.find((n) => n.node === name);
    return facts === undefined ? [] : joiningLeft(facts, image, view);
  });
};
/** Nothing of any volume stands on it. */
const withoutBrick = (w: World): void => {
  for (const n of w.nodes) removeTree(n, 'vols/v');
};
const setState = (w: World, node: string, peer: number, state: number): void => {
  edit(w.node(node), `peers/${nodeUuid(peer)}`, (text) =>
    text.replace(/^state=.*$/m, `state=${String(state)}`),
  );
};

it('a node that stays half way into the pool goes, on it and on the others', () => {
  const half = (w: World): void => {
    withoutBrick(w);
    setState(w, 'node01', 3, 5);
  };
  expect(joined(half)).toEqual([[`peers/${nodeUuid(1)}`, `peers/${nodeUuid(2)}`], [`peers/${nodeUuid(3)}`]]);
});

it('also where only one end has it yet', () => {
  const oneWay = (w: World): void => {
    withoutBrick(w);
    forget(w, 'node02', 3);
  };
  expect(joined(oneWay)[1]).toEqual([`peers/${nodeUuid(3)}`]);
});

it('one that is whole in the pool by now stays: somebody may have attached it', () => {
  expect(joined(withoutBrick)).toEqual([[], []]);
});

it('one that has a brick stays', () => {
  expect(
    joined((w) => {
      setState(w, 'node01', 3, 5);
    }),
  ).toEqual([[], []]);
});
