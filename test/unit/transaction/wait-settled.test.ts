/**
 * Observations that contradict themselves are not judged: the next one is, and a contradiction that stays is
 * no reason to wait.
 */
import { expect, it } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import type { NodeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { Observer } from '../../../src/transaction/observer.ts';
import { waitSettled } from '../../../src/transaction/settled.ts';
import { setMemory, type World, world } from '../../worlds.ts';

/** Systemd says active, and no glusterd was in the list of processes read before. */
function contradicting(): World {
  const w = world();
  const two = w.node('node02');
  two.processes = two.processes.filter((p) => p.role !== 'glusterd');
  two.service = { ...two.service, active: 'active' };
  setMemory(two, 'down');
  return w;
}

/** Waits over worlds that follow each other, each for one observation, the last one for all that come. */
async function waitedOver(
  ...worlds: readonly World[]
): Promise<readonly [seen: number, ms: number, down: boolean]> {
  let [at, now] = [0, 0];
  const [first] = worlds;
  if (first === undefined) throw new Error('no world');
  const link = (node: NodeName): NodeLink => ({
    node,
    observe: () => {
      const facts = (worlds[at] ?? worlds.at(-1))?.view().facts(node);
      if (facts === undefined) throw new Error(`${node} is not in the world`);
      return Promise.resolve(ok(facts));
    },
    perform: unused,
    lock: unused,
    release: unused,
    moved: unused,
    beginHeal: unused,
    loggedErrors: unused,
    journal: unused,
  });
  const links = new Map(first.desired.nodes.map((n): [NodeName, NodeLink] => [n.name, link(n.name)]));
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      at += 1;
      return Promise.resolve();
    },
  };
  const { view } = await waitSettled(
    new Observer({ desired: first.desired, links, clock, optionCatalogue: undefined }),
  );
  return [at + 1, now, view.nodes.some((n) => n.memory.kind !== 'up')];
}

const unused = (): never => {
  throw new Error('not asked for here');
};

it('a glusterd that was started while its node was read does not count as down', async () => {
  const [seen, , isDown] = await waitedOver(contradicting(), world());
  expect(seen).toBeGreaterThan(1);
  expect(isDown).toBe(false);
});

it('a unit that is active without its glusterd, again and again, is not waited for', async () => {
  const [, ms, isDown] = await waitedOver(contradicting());
  expect(ms).toBeLessThan(15_000);
  expect(isDown).toBe(true);
});
