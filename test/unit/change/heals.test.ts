/** Heals that stand still while they are waited for, on the simulated cluster: when they are begun again. */
import { beforeEach, expect, it } from 'vitest';
import { stillHeals } from '../../../src/change/heals.ts';
import { nodeName, type NodeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { makeView, type View } from '../../../src/view/view.ts';
import { desiredOf, NODES } from './simulated-file.ts';

const BRICK = '/bricks/d1/a';
const EVERY_MS = 10_000;

let cluster: SimCluster;

const links = (): ReadonlyMap<NodeName, NodeLink> =>
  new Map(NODES.map((n) => [nodeName(n), cluster.link(n)]));

async function seen(): Promise<View> {
  const desired = desiredOf(
    `  a: { replica: 3, bricks: [${NODES.map((n) => `${n}:${BRICK}`).join(', ')}] }\n`,
  );
  return makeView(await observeAll(desired, links(), new AbortController().signal));
}

/** How often it was asked for, of so many times that the cluster was observed. */
async function asked(times: number, meanwhile: (i: number) => void = () => undefined): Promise<number> {
  const begunAgain = stillHeals(links(), () => cluster.clock.now());
  for (let i = 0; i < times; i++) {
    await begunAgain(await seen());
    meanwhile(i);
    await cluster.clock.sleep(EVERY_MS);
  }
  return cluster.commands.filter(({ argv }) => argv[1] === 'heal').length;
}

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  const bricks = NODES.map((n) => `${n}:${BRICK}`);
  await cluster.gluster('node01', ['volume', 'create', 'a', 'replica', '3', ...bricks]);
  await cluster.gluster('node01', ['volume', 'start', 'a']);
  await cluster.clock.sleep(60_000);
});

it('nothing is asked for where nothing waits', async () => {
  expect(await asked(6)).toBe(0);
});

it('one that stands still is begun again, and again after as much time', async () => {
  cluster.node('node02').setPendingHeals(BRICK, 5);
  expect(await asked(6)).toBe(2);
});

it('one that moves on is left alone', async () => {
  cluster.node('node02').setPendingHeals(BRICK, 50);
  expect(
    await asked(6, (i) => {
      cluster.node('node02').setPendingHeals(BRICK, 49 - i);
    }),
  ).toBe(0);
});

it('one of a volume with a brick that is down is left alone: it waits for that', async () => {
  cluster.node('node02').setPendingHeals(BRICK, 5);
  await cluster.node('node03').fault({ kind: 'kill-brick', path: BRICK });
  expect(await asked(6)).toBe(0);
});
