/** Heals that stand still while they are waited for, on the simulated cluster: when they are begun again. */
import { beforeEach, describe, expect, it } from 'vitest';
import { beginHeals, stillHeals } from '../../../src/change/heals.ts';
import { nodeName, type NodeName, volumeName } from '../../../src/model/names.ts';
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

const heals = (): number => cluster.commands.filter(({ argv }) => argv[1] === 'heal').length;

/** How often it was asked for, of so many times that the cluster was observed. */
async function asked(times: number, meanwhile: (i: number) => void = () => undefined): Promise<number> {
  const begunAgain = stillHeals(links(), () => cluster.clock.now());
  for (let i = 0; i < times; i++) {
    await begunAgain(await seen());
    meanwhile(i);
    await cluster.clock.sleep(EVERY_MS);
  }
  return heals();
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

describe('the heal of a volume with new bricks', () => {
  const begin = async (view?: View, signal = new AbortController().signal): Promise<readonly string[]> => {
    const on = { links: new Map(links()), clock: cluster.clock };
    return beginHeals([volumeName('a')], view ?? (await seen()), on, signal);
  };

  const replace = async (): Promise<void> => {
    const words = ['node02:/bricks/d1/a', 'node02:/bricks/d2/a', 'commit', 'force'];
    await cluster.gluster('node01', ['volume', 'replace-brick', 'a', ...words]);
  };

  it('is asked for until the daemons have met them', async () => {
    await replace();
    expect(await begin()).toEqual([]);
    expect(heals()).toBeGreaterThan(1);
    const asked = heals();
    expect([await begin(), heals()]).toEqual([[], asked + 1]);
  });

  it('is asked for no more once a person interrupts', async () => {
    await replace();
    const stop = new AbortController();
    const [view, before] = [await seen(), cluster.clock.now()];
    const asking = begin(view, stop.signal);
    await cluster.clock.sleep(500);
    stop.abort();
    expect(await asking).toEqual(['a']);
    expect(cluster.clock.now() - before).toBeLessThan(3_000);
  });

  it('is given up after a while, and said', async () => {
    await cluster.gluster('node01', ['volume', 'stop', 'a', 'force']);
    const before = cluster.clock.now();
    expect(await begin()).toEqual(['a']);
    expect(cluster.clock.now() - before).toBeLessThan(90_000);
  });

  it.each([
    ['the self-heal daemon is switched off', 'cluster.self-heal-daemon'],
    ['another option is switched off', 'performance.quick-read'],
  ])('%s', async (_, option) => {
    await cluster.gluster('node01', ['volume', 'set', 'a', option, 'off']);
    expect(await begin()).toEqual([]);
    expect(heals()).toBe(option.startsWith('cluster.') ? 0 : 1);
  });

  it('is not asked for where a node is left out: its daemon is out of sight', async () => {
    const view = await seen();
    expect(await begin({ ...view, leftOut: new Map([[nodeName('node03'), undefined]]) })).toEqual([]);
    expect(heals()).toBe(0);
  });
});
