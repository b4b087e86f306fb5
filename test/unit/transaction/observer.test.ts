/** When a transaction observes again: an observation holds until something is done, and no longer. */
import { expect, it } from 'vitest';
import { failure } from '../../../src/core/failure.ts';
import { err, ok } from '../../../src/core/result.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { OpOutcome } from '../../../src/model/op.ts';
import { type Context, contextOf } from '../../../src/transaction/context.ts';
import { Observer } from '../../../src/transaction/observer.ts';
import { perform } from '../../../src/transaction/perform.ts';
import { world } from '../../worlds.ts';

/** A transaction on one node that counts its observations; `during`: what happens in the course of each. */
function watched(
  during: () => Promise<unknown> = () => Promise.resolve(),
  outcome: OpOutcome = { kind: 'done', output: '' },
): {
  context: Context;
  observations: () => number;
} {
  const { desired } = world();
  const [node] = desired.nodes.map((n) => n.name);
  if (node === undefined) throw new Error('a world without nodes');
  let observations = 0;
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const link: NodeLink = {
    node,
    observe: async () => {
      observations++;
      await during();
      return err(failure('node-unreachable', 'not there', { node }));
    },
    perform: () => Promise.resolve(outcome),
    lock: unused,
    release: unused,
    moved: unused,
    beginHeal: unused,
    loggedErrors: unused,
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
  return { context, observations: () => observations };
}

const act = (context: Context): Promise<unknown> =>
  Promise.all([...context.links.keys()].map((node) => perform(context, node, { kind: 'stop-glusterd' })));

it('observes once while nothing is done, and again after something was', async () => {
  const { context, observations } = watched();
  await context.observer.observe();
  await context.observer.current();
  await context.observer.current();
  expect(observations()).toBe(1);
  await act(context);
  await context.observer.current();
  expect(observations()).toBe(2);
});

it('does not trust an observation in whose course something was done', async () => {
  const { context, observations } = watched(() => act(context));
  await context.observer.observe();
  await context.observer.current();
  expect(observations()).toBe(2);
});

it('judges what was seen before it waits for anything else', async () => {
  const { context, observations } = watched();
  await context.observer.observe();
  await context.observer.waitFor(1000, () => []);
  expect(observations()).toBe(1);
  await act(context);
  await context.observer.waitFor(1000, () => (observations() < 3 ? ['not yet'] : []));
  expect(observations()).toBe(3);
});

it('observes once more where an answer was lost', async () => {
  // The command may have ended in the course of the first observation.
  const answered = watched();
  await act(answered.context);
  await answered.context.observer.whenIdle('t');
  expect(answered.observations()).toBe(1);
  const lost = watched(undefined, { kind: 'unknown', message: 'the connection was lost' });
  await act(lost.context);
  await lost.context.observer.whenIdle('t');
  expect(lost.observations()).toBe(2);
});

it('does not judge a node whose store could not be read by the half that was', async () => {
  const w = world();
  w.node('node02').unread.push({ path: 'vols/v', reason: 'Cannot open: Input/output error' });
  const links = new Map(
    [...w.observed().nodes].map(([node, reading]) => [
      node,
      {
        node,
        observe: () =>
          Promise.resolve(reading.kind === 'read' ? ok(reading.facts) : err(failure('node-unreadable', ''))),
      } as unknown as NodeLink,
    ]),
  );
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const view = await new Observer({ desired: w.desired, links, clock }).observe();
  expect(view.nodes.map((n) => n.node)).toEqual(['node01', 'node03']);
  expect([...view.failed.values()]).toMatchObject([{ code: 'node-unreadable', node: 'node02' }]);
});
