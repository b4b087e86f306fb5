/**
 * A node out of service and back on the simulated cluster: what is stopped, what nobody starts meanwhile,
 * what is refused, and what a failure leaves.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Change } from '../../../src/change/change.ts';
import { drainChange, undrainChange } from '../../../src/change/drain.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { findAll } from '../../../src/findings/index.ts';
import type { Desired } from '../../../src/model/desired.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { nodeName } from '../../../src/model/names.ts';
import { DRAIN_MARK } from '../../../src/model/transaction.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { makeView, type View } from '../../../src/view/view.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const BRICK = '/bricks/d1/a';
const MARK = { who: 'ann@desk', when: '2026-11-28T20:00:00.000Z', why: 'new disk' };
const REST_MS = 70_000;
const WAIT_MS = 10 * 60_000;

let cluster: SimCluster;
let desired: Desired;
let count: number;

const bricksOf = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ');

async function run(change: Change): Promise<RunResult> {
  const host = simulatedHost(cluster, (node) => cluster.link(node), {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
  });
  const result = await runChange(change, host);
  await cluster.clock.sleep(REST_MS);
  return result;
}

const apply = (wanted = desired): Change =>
  applyChange({
    desired: wanted,
    saved: undefined,
    file: 'cluster.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
  });
const drain = (node: string): Change => drainChange({ desired, node: nodeName(node), mark: MARK });
const undrain = (node: string): Change =>
  undrainChange({ desired, node: nodeName(node), file: 'cluster.yaml', waitMs: WAIT_MS });

async function seen(): Promise<View> {
  const links = new Map(desired.nodes.map(({ name }) => [name, cluster.link(name)]));
  return makeView(await observeAll(desired, links, new AbortController().signal));
}

const codes = async (): Promise<readonly string[]> =>
  findAll(await seen(), desired)
    .filter((f) => f.severity !== 'info' || f.code === 'node-drained')
    .map((f) => `${f.code} ${f.subject}`);

const served = (node: string): readonly string[] =>
  cluster.node(node).processes.flatMap((p) => (p.role === 'brick' ? [p.brick?.path ?? ''] : []));
const markOn = (node: string): string | undefined => cluster.node(node).disk.read(DRAIN_MARK);

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 5, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
  desired = desiredOf(`  a: { replica: 3, bricks: [${bricksOf('a')}] }\n`);
  expect(await run(apply())).toMatchObject({ outcome: 'applied' });
});

describe('a drained node', () => {
  beforeEach(async () => {
    expect(await run(drain('node02'))).toMatchObject({ outcome: 'applied', failures: [] });
  });

  it('has no brick process, a mark, and no fault', async () => {
    expect([served('node01'), served('node02'), served('node03')]).toEqual([[BRICK], [], [BRICK]]);
    expect(JSON.parse(markOn('node02') ?? '')).toEqual(MARK);
    expect(await codes()).toEqual(['node-drained node/node02']);
  });

  it('is left alone by apply and recover, and drained once', async () => {
    expect(await run(apply())).toMatchObject({ outcome: 'nothing-to-do' });
    const recover = recoverChange({ desired, file: 'cluster.yaml', allowDestroy: [], prefer: new Map() });
    expect(await run(recover)).toMatchObject({ outcome: 'nothing-to-do' });
    expect(await run(drain('node02'))).toMatchObject({ outcome: 'nothing-to-do' });
    expect(served('node02')).toEqual([]);
  });

  it('keeps another one of its sets from being drained', async () => {
    const result = await run(drain('node03'));
    expect(result.outcome).toBe('decision-needed');
    expect(result.failures.map((f) => f.cause)).toEqual(['heal-pending', 'set-quorum-at-risk']);
    expect([served('node03'), markOn('node03')]).toEqual([[BRICK], undefined]);
  });

  it('keeps a volume of its from being created or started', async () => {
    const more = desiredOf(
      `  a: { replica: 3, bricks: [${bricksOf('a')}] }\n  b: { replica: 3, bricks: [${bricksOf('b')}] }\n`,
    );
    const result = await run(apply(more));
    expect(result.outcome).toBe('refused');
    expect(JSON.stringify(result.failures)).toContain('node02 is drained: its bricks would be started');
    expect(served('node02')).toEqual([]);
  });

  it('keeps a volume that was stopped meanwhile from being started', async () => {
    await cluster.gluster('node01', 'volume stop a'.split(' '));
    await cluster.clock.sleep(REST_MS);
    const result = await run(apply());
    expect(result.outcome).toBe('refused');
    expect(JSON.stringify(result.failures)).toContain('node02 is drained: its bricks would be started');
    expect(NODES.flatMap(served)).toEqual([]);
  });

  it('keeps another brick from being started by force, and glusterd there from being started', async () => {
    cluster.node('node02').stopGlusterd('process');
    await cluster.clock.sleep(REST_MS);
    const result = await run(apply());
    expect(result.outcome).toBe('refused');
    expect(result.failures.map((f) => f.cause)).toContain('glusterd-down');
    expect([served('node02'), cluster.node('node02').daemon]).toEqual([[], undefined]);
  });

  it('comes back: its bricks, and then the mark goes', async () => {
    expect(await run(undrain('node02'))).toMatchObject({ outcome: 'applied', failures: [] });
    expect([served('node02'), markOn('node02')]).toEqual([[BRICK], undefined]);
    expect(await codes()).toEqual([]);
    expect(await run(undrain('node02'))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('keeps its mark until what it missed is healed', async () => {
    cluster.node('node01').setPendingHeals(BRICK, 5);
    const running = run(undrain('node02'));
    await cluster.clock.sleep(WAIT_MS / 2);
    expect([served('node02'), markOn('node02') !== undefined]).toEqual([[BRICK], true]);
    cluster.node('node01').setPendingHeals(BRICK, 0);
    expect(await running).toMatchObject({ outcome: 'applied', failures: [] });
    expect(markOn('node02')).toBeUndefined();
  });

  it('keeps its mark where the heals do not end in time, and says so', async () => {
    cluster.node('node01').setPendingHeals(BRICK, 5);
    expect(await run(undrain('node02'))).toMatchObject({
      outcome: 'decision-needed',
      failures: [
        {
          title: 'node02 still lacks what it missed: its bricks are up, the mark stays',
          fix: 'glusterctl undrain cluster.yaml node02',
        },
      ],
    });
    expect([served('node02'), markOn('node02') !== undefined]).toEqual([[BRICK], true]);
  });

  it('whose glusterd was restarted keeps a mark that undrain takes away', async () => {
    cluster.node('node02').stopGlusterd('process');
    cluster.node('node02').startGlusterd();
    await cluster.clock.sleep(REST_MS);
    expect(served('node02')).toEqual([BRICK]);
    expect(await codes()).toEqual(['node-drained node/node02']);
    expect(await run(undrain('node02'))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(markOn('node02')).toBeUndefined();
  });
});

describe('a node is not drained', () => {
  const refused = async (node: string): Promise<readonly unknown[]> => {
    const result = await run(drain(node));
    expect(result.outcome).toBe('decision-needed');
    expect([served(node).includes(BRICK), markOn(node)]).toEqual([true, undefined]);
    return result.failures.map((f) => f.cause);
  };

  it('while files are healed, also from another brick of a set', async () => {
    cluster.node('node03').setPendingHeals(BRICK, 5);
    expect(await refused('node02')).toEqual(['heal-pending']);
  });

  it('where it holds files that no other has, also of a volume that the file does not name', async () => {
    await cluster.gluster('node01', 'volume create lone node02:/bricks/d1/lone'.split(' '));
    await cluster.gluster('node01', 'volume start lone'.split(' '));
    await cluster.clock.sleep(REST_MS);
    expect(await refused('node02')).toEqual(['set-quorum-at-risk']);
  });

  it('where heals begin after it was planned', async () => {
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'mark-drained',
        fault: {
          kind: 'act',
          act: () => {
            cluster.node('node03').setPendingHeals(BRICK, 3);
          },
        },
      },
    ]);
    const result = await run(drain('node02'));
    expect(result).toMatchObject({ outcome: 'rolled-back' });
    expect([served('node02'), markOn('node02')]).toEqual([[BRICK], undefined]);
  });
});

it('a drain that fails half way leaves the node in service', async () => {
  cluster.inject([{ at: ({ op }) => op?.kind === 'end-process', fault: { kind: 'drop-request' } }]);
  const result = await run(drain('node02'));
  expect(result.outcome).toBe('rolled-back');
  expect([served('node02'), markOn('node02')]).toEqual([[BRICK], undefined]);
});
