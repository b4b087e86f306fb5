/** When a transaction looks anew: what was seen holds until something is done, and no longer. */
import { expect, it } from 'vitest';
import { failure } from '../../../src/core/failure.ts';
import { err } from '../../../src/core/result.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { OpOutcome } from '../../../src/model/op.ts';
import { type Context, contextOf } from '../../../src/transaction/context.ts';
import { perform } from '../../../src/transaction/perform.ts';
import { world } from '../../worlds.ts';

/** A transaction on one node that counts how often it is looked at; `during`: what happens while it is. */
function watched(
  during: () => Promise<unknown> = () => Promise.resolve(),
  outcome: OpOutcome = { kind: 'done', output: '' },
): {
  context: Context;
  looks: () => number;
} {
  const { desired } = world();
  const [node] = desired.nodes.map((n) => n.name);
  if (node === undefined) throw new Error('a world without nodes');
  let looks = 0;
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const link: NodeLink = {
    node,
    observe: async () => {
      looks++;
      await during();
      return err(failure('node-unreachable', 'not there', { node }));
    },
    perform: () => Promise.resolve(outcome),
    lock: unused,
    release: unused,
    journal: unused,
  };
  const context = contextOf({
    desired,
    goal: { plan: unused, blockers: unused, remaining: unused },
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    emit: () => undefined,
    owner: { transaction: 't', user: 'u', host: 'h', pid: 1, since: '', command: 'apply' },
    links: new Map([[node, link]]),
    relink: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  });
  return { context, looks: () => looks };
}

const act = (context: Context): Promise<unknown> =>
  Promise.all([...context.links.keys()].map((node) => perform(context, node, { kind: 'stop-glusterd' })));

it('looks once while nothing is done, and again after something was', async () => {
  const { context, looks } = watched();
  await context.observer.observe();
  await context.observer.current();
  await context.observer.current();
  expect(looks()).toBe(1);
  await act(context);
  await context.observer.current();
  expect(looks()).toBe(2);
});

it('does not trust a look in whose course something was done', async () => {
  const { context, looks } = watched(() => act(context));
  await context.observer.observe();
  await context.observer.current();
  expect(looks()).toBe(2);
});

it('judges what was seen before it waits for anything else', async () => {
  const { context, looks } = watched();
  await context.observer.observe();
  await context.observer.waitFor(1000, () => []);
  expect(looks()).toBe(1);
  await act(context);
  await context.observer.waitFor(1000, () => (looks() < 3 ? ['not yet'] : []));
  expect(looks()).toBe(3);
});

it('looks twice for quiet where an answer was lost: the command may have ended in the course of the first', async () => {
  const answered = watched();
  await act(answered.context);
  await answered.context.observer.whenIdle('t');
  expect(answered.looks()).toBe(1);
  const lost = watched(undefined, { kind: 'unknown', message: 'the connection was lost' });
  await act(lost.context);
  await lost.context.observer.whenIdle('t');
  expect(lost.looks()).toBe(2);
});
