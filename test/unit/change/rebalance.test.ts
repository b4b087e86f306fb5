/**
 * Sets have come, and files are moved, on the simulated cluster: begun once, waited for with nothing locked,
 * joined by whoever comes next, and begun again where it broke off.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange, type ApplyOptions } from '../../../src/change/apply.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { nextOf } from '../../../src/plan/next.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { Task } from '../../../src/simulator/world.ts';
import { makeView } from '../../../src/view/view.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const REST_MS = 100_000;
const set = (disk: number): string => NODES.map((n) => `${n}:/bricks/d${String(disk)}/a`).join(', ');
const file = (disks: readonly number[], more = ''): string =>
  `  a: { replica: 3, bricks: [${disks.map(set).join(', ')}]${more === '' ? '' : `, ${more}`} }\n`;

let cluster: SimCluster;
let plans: Plan[];
let said: string[];
let count: number;

async function run(
  volumes: string,
  more: Partial<ApplyOptions> & { readonly signal?: AbortSignal } = {},
  link = (node: string): NodeLink => cluster.controller(`run ${String(count)}`).link(node),
): Promise<RunResult> {
  [plans, said] = [[], []];
  const { signal, ...options } = more;
  const change = applyChange({
    desired: desiredOf(volumes),
    saved: undefined,
    file: 'c.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
    ...options,
  });
  return await runChange(
    change,
    simulatedHost(cluster, link, {
      newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
      showPlan: (plan) => void plans.push(plan),
      notify: (message) => void said.push(message),
      timeOf: () => cluster.clock.now(),
      ...(signal !== undefined && { signal }),
    }),
  );
}

const commands = (): readonly string[] =>
  cluster.commands
    .filter(({ argv, by }) => by === 'transaction' && argv[1] === 'rebalance' && argv.at(-1) !== 'status')
    .map(({ argv }) => argv.slice(3).join(' '));
const movers = (): number =>
  NODES.flatMap((n) => cluster.node(n).processes.filter((p) => p.argv.includes('rebalance/a'))).length;
const option = (): readonly (string | undefined)[] =>
  NODES.map((n) =>
    cluster.node(n).store.volumes.get(volumeName('a'))?.options.get('cluster.lookup-optimize'),
  );
const byHand = async (...words: readonly string[]): Promise<void> => {
  expect(await cluster.gluster('node02', ['volume', ...words])).toMatchObject({ kind: 'done' });
};
const tasks = (): readonly Task[] =>
  NODES.flatMap((n) => cluster.node(n).daemon?.volumes.get('a')?.task ?? []);

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 11, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
  expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
});

it('a brick is replaced after a rebalance, and every glusterd says what it knows', async () => {
  const grown = file([1, 2]);
  expect(await run(grown)).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
  const replaced = grown.replace('node02:/bricks/d1/a', 'node02:/bricks/d3/a');
  expect(await run(replaced)).toMatchObject({ outcome: 'applied', failures: [] });
  expect(commands()).toEqual(['start', 'fix-layout start']);
  await cluster.clock.sleep(REST_MS);
  expect(await run(replaced)).toMatchObject({ outcome: 'nothing-to-do' });
});

it('two are replaced, though the layout is still fixed when the first is healed', async () => {
  const grown = file([1, 2]);
  expect(await run(grown)).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
  const replaced = grown
    .replace('node02:/bricks/d1/a', 'node02:/bricks/d3/a')
    .replace('node03:/bricks/d2/a', 'node03:/bricks/d3/a');
  expect(await run(replaced)).toMatchObject({ outcome: 'applied', failures: [] });
  expect(commands()).toEqual(['start', 'fix-layout start', 'fix-layout start']);
});

it('one that was replaced by hand is named, and no glusterd is restarted for it', async () => {
  expect(await run(file([1, 2]))).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
  await byHand('replace-brick', 'a', 'node02:/bricks/d1/a', 'node02:/bricks/d3/a', 'commit', 'force');
  const result = await run(file([1, 2]).replace('node02:/bricks/d1/a', 'node02:/bricks/d3/a'));
  expect(exitCodeOf(result)).toBe(8);
  expect(JSON.stringify(result.failures)).toMatch(/a brick of volume a was replaced after a rebalance/);
  expect(JSON.stringify(result.failures)).toContain('gluster volume rebalance a fix-layout start');
  await byHand('rebalance', 'a', 'fix-layout', 'start');
  await cluster.clock.sleep(REST_MS);
  expect(await run(file([1, 2]).replace('node02:/bricks/d1/a', 'node02:/bricks/d3/a'))).toMatchObject({
    outcome: 'nothing-to-do',
  });
});

it('a member of the pool without a brick of the volume has no part in it', async () => {
  const volume = (...more: readonly string[]): string =>
    `${file([1])}  b: { bricks: [node01:/bricks/d1/b, node02:/bricks/d1/b${more.join('')}] }\n`;
  expect(await run(volume())).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
  const wider = volume(', node01:/bricks/d2/b');
  expect(await run(wider)).toMatchObject({ outcome: 'applied', failures: [] });
  expect(commands()).toEqual(['start']);
  expect(await run(wider)).toMatchObject({ outcome: 'nothing-to-do' });
});

describe('after growing', () => {
  it('files are moved, with nothing locked meanwhile, and the next plan is empty', async () => {
    const running = run(file([1, 2]));
    let held = 0;
    while (movers() === 0) await cluster.clock.sleep(500);
    await cluster.clock.sleep(10_000);
    for (let i = 0; i < 10; i++) {
      if (movers() > 0 && NODES.some((n) => cluster.node(n).isLocked)) held += 1;
      await cluster.clock.sleep(200);
    }
    expect(await running).toMatchObject({ outcome: 'applied', failures: [] });
    expect(held).toBe(0);
    expect(plans[0]?.steps.map((s) => s.id)).toEqual([
      'volume-options:a/cluster.lookup-optimize',
      'volume-add-bricks:a',
    ]);
    expect(plans[0]?.later?.map((s) => [s.id, s.risk])).toEqual([['volume-rebalance:a', 'safe']]);
    expect(said.filter((s) => s.startsWith('waiting')).at(-1)).toMatch(
      /nothing is locked.*files of volume a/,
    );
    expect(said.join('\n')).toMatch(/volume a: moved so far: node01 /);
    expect([movers(), commands(), option()]).toEqual([0, ['start'], ['off', 'off', 'off']]);
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'nothing-to-do' });
    expect(plans).toEqual([]);
  });

  it.each([
    ['fixLayout', ['fix-layout start'], [undefined, undefined, undefined]],
    ['none', [], [undefined, undefined, undefined]],
  ])('the file may say %s', async (mode, begun, options) => {
    expect(await run(file([1, 2], `rebalance: ${mode}`))).toMatchObject({ outcome: 'applied' });
    expect([commands(), option()]).toEqual([begun, options]);
    expect(await run(file([1, 2], `rebalance: ${mode}`))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('a volume that no client has used needs none', async () => {
    for (const n of NODES) cluster.node(n).disk.removeXattr('/bricks/d1/a', 'trusted.glusterfs.dht');
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'applied' });
    expect([commands(), option()]).toEqual([[], [undefined, undefined, undefined]]);
  });

  it('a file that turns lookup-optimize on is refused, and nothing is changed', async () => {
    const result = await run(file([1, 2], 'options: { cluster.lookup-optimize: on }'));
    expect(result.failures.map((f) => f.cause)).toEqual(['rebalance-needs-lookup-optimize-off']);
    expect(exitCodeOf(result)).toBe(4);
    expect(cluster.commands.filter(({ argv }) => argv[1] === 'add-brick')).toEqual([]);
  });

  it('optionsMode: exact leaves lookup-optimize off', async () => {
    expect(await run(file([1, 2], 'optionsMode: exact'))).toMatchObject({ outcome: 'applied' });
    expect(await run(file([1, 2], 'optionsMode: exact'))).toMatchObject({ outcome: 'nothing-to-do' });
    expect(option()).toEqual(['off', 'off', 'off']);
  });
});

describe('one that is under way', () => {
  it('is left to go on by --no-wait, and joined by the next apply', async () => {
    const first = await run(file([1, 2]), { waitMs: 'none' });
    expect(first).toMatchObject({ outcome: 'running', failures: [] });
    expect(first.running?.join()).toMatch(/files of volume a are moved/);
    const desired = desiredOf(file([1, 2]));
    const links = new Map(desired.nodes.map(({ name }) => [name, cluster.link(name)]));
    const view = makeView(await observeAll(desired, links));
    const { plan } = nextOf({ view, desired, prefer: new Map() });
    expect([plan.changes, plan.steps, plan.running]).toEqual([false, [], first.running]);
    expect([exitCodeOf(first), movers()]).toEqual([0, 3]);
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'nothing-to-do' });
    expect([commands(), movers()]).toEqual([['start'], 0]);
  });

  it('is joined after the death of its controller', async () => {
    const dying = cluster.controller('dying');
    void run(file([1, 2]), {}, (node) => dying.link(node));
    while (movers() === 0) await cluster.clock.sleep(500);
    await cluster.clock.sleep(12_000);
    dying.die(false);
    await cluster.clock.sleep(1000);
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'nothing-to-do' });
    expect([commands(), movers()]).toEqual([['start'], 0]);
  });

  it('goes on when the person who waits ends that, and it is said how to come back', async () => {
    const stop = new AbortController();
    const running = run(file([1, 2]), { signal: stop.signal });
    while (!said.some((s) => s.includes('files of volume a'))) await cluster.clock.sleep(500);
    stop.abort();
    const result = await running;
    expect(result).toMatchObject({
      outcome: 'interrupted',
      failures: [{ fix: expect.stringContaining('apply c.yaml') as string }],
    });
    expect([exitCodeOf(result), commands(), movers()]).toEqual([130, ['start'], 3]);
  });

  it('ends the wait at its limit, with exit code 8, and goes on', async () => {
    const result = await run(file([1, 2]), { waitMs: 2000 });
    expect([result.outcome, exitCodeOf(result), movers()]).toEqual(['decision-needed', 8, 3]);
  });

  it('is over before more sets come', async () => {
    await run(file([1, 2]), { waitMs: 'none' });
    expect(await run(file([1, 2, 3]))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(commands()).toEqual(['start', 'start']);
    const added = cluster.commands.filter(({ argv }) => argv[1] === 'add-brick');
    expect(added.map(({ ended }) => ended)).toEqual(['done', 'done']);
  });
});

describe('one that broke off is begun again', () => {
  it('after a stop by hand', async () => {
    await run(file([1, 2]), { waitMs: 'none' });
    await byHand('rebalance', 'a', 'stop');
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(plans[0]?.steps.map((s) => s.reason)).toEqual(['the last one was stopped']);
    expect([commands(), movers()]).toEqual([['start', 'start'], 0]);
    expect(await run(file([1, 2], 'rebalance: none'))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('after its processes were killed', async () => {
    await run(file([1, 2]), { waitMs: 'none' });
    for (const n of NODES) cluster.node(n).killMover('a');
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(plans[0]?.findings.map((f) => f.code)).toContain('migration-stalled');
    expect([commands(), movers()]).toEqual([['start', 'start'], 0]);
  });

  it('not by the run in which somebody stops it', async () => {
    const running = run(file([1, 2]));
    while (!said.some((s) => s.includes('files of volume a'))) await cluster.clock.sleep(500);
    await byHand('rebalance', 'a', 'stop');
    expect(exitCodeOf(await running)).toBe(8);
    expect(commands()).toEqual(['start']);
  });

  it('is not taken for one where a glusterd writes the end down later than its process ends', async () => {
    const running = run(file([1, 2]));
    while (movers() === 0) await cluster.clock.sleep(500);
    await cluster.clock.sleep(8000);
    const volume = cluster.node('node02').daemon?.volumes.get('a');
    cluster.node('node02').killMover('a');
    while (movers() > 0) await cluster.clock.sleep(100);
    await cluster.clock.sleep(20_000);
    if (volume !== undefined) volume.task.status = 3;
    const [{ disk }, path] = [cluster.node('node02'), '/var/lib/glusterd/vols/a/node_state.info'];
    disk.write(path, (disk.read(path) ?? '').replace(/^status=1$/m, 'status=3'));
    expect(await running).toMatchObject({ outcome: 'applied', failures: [] });
    expect(commands()).toEqual(['start']);
  });

  it('where files failed, three times in each run, and then what failed is said', async () => {
    const running = run(file([1, 2]));
    for (let i = 1; i <= 3; i++) {
      while (movers() === 0) await cluster.clock.sleep(500);
      await cluster.clock.sleep(8000);
      for (const task of tasks()) task.failures = 2;
      while (movers() > 0) await cluster.clock.sleep(500);
    }
    const result = await running;
    const thrice = ['start', 'start', 'start'];
    expect([result.outcome, exitCodeOf(result), commands()]).toEqual(['decision-needed', 8, thrice]);
    expect(result.failures[0]).toMatchObject({
      cause: expect.stringMatching(/could not move 2 on node01/) as string,
    });
    expect(result.changed).toHaveLength(4);
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'applied' });
    expect(commands()).toEqual([...thrice, 'start']);
  });
});
