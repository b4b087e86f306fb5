/**
 * The fence between a command and a glusterd: only the process that was seen to be settled gets it, and a
 * busy one gets it again.
 */
import { describe, expect, it } from 'vitest';
import { nodeName, type NodeName } from '../../../src/model/names.ts';
import type { NodeOp } from '../../../src/model/op.ts';
import { compile } from '../../../src/plan/compile.ts';
import { awaitSettled } from '../../../src/transaction/await-settled.ts';
import type { Context, Goal } from '../../../src/transaction/context.ts';
import { BUSY_MS, SETTLED_MS } from '../../../src/transaction/limits.ts';
import { perform } from '../../../src/transaction/perform.ts';
import { preValidate } from '../../../src/transaction/pre-validate.ts';
import { type World, world } from '../../worlds.ts';
import { DONE, over, type Sent } from './over.ts';

const SET: NodeOp = { kind: 'gluster', argv: ['volume', 'set', 'v', 'a', 'b'], timeoutSeconds: 120 };

const one = nodeName('node01');
const commands = (sent: readonly Sent[]): readonly NodeOp[] =>
  sent.map((s) => s.op).filter((op) => op.kind === 'gluster');

/** Another process from here on, as young as it can be. */
function restarted(w: World, name: string): void {
  const node = w.node(name);
  for (const p of node.processes.filter((q) => q.role === 'glusterd')) {
    p.pid += 1000;
    p.startTicks = node.ticks;
  }
}

describe('a command', () => {
  it('waits for settled glusterds where none were seen yet, and names the process it is for', async () => {
    const w = world();
    const { context, sent } = over(w);
    expect(await perform(context, one, SET)).toEqual(DONE);
    const glusterd = w
      .view()
      .facts(one)
      ?.processes.find((p) => p.role === 'glusterd');
    expect(commands(sent)).toEqual([
      { ...SET, glusterd: { pid: glusterd?.pid, startTicks: glusterd?.startTicks } },
    ]);
  });

  it('is not sent while any member is another process than the one that was settled', async () => {
    const w = world();
    const { context, sent } = over(w);
    await awaitSettled(context);
    restarted(w, 'node03');
    // Nothing of it comes back: it is young for as long as is waited.
    w.node('node03').processes = w.node('node03').processes.filter((p) => p.role !== 'self-heal');
    const state = w.node('node03').memory;
    if (state.kind !== 'up') throw new Error('glusterd is up in a healthy world');
    w.node('node03').memory = { kind: 'hung', detail: 'no answer yet' };
    expect(await perform(context, one, SET)).toMatchObject({ kind: 'unsettled' });
    expect(commands(sent)).toEqual([]);
    w.node('node03').memory = state;
    w.node('node03').ticks += 100_000;
    expect(await perform(context, one, SET)).toEqual(DONE);
  });

  it('is sent again, at other moments each time, while another holds the lock of glusterd', async () => {
    let tries = 0;
    const { context, sent, waited } = over(world(), ({ op }) =>
      op.kind === 'gluster' && ++tries < 5
        ? { kind: 'busy', message: 'Another transaction is in progress' }
        : undefined,
    );
    expect(await perform(context, one, SET)).toEqual(DONE);
    expect(commands(sent)).toHaveLength(5);
    expect(waited()).toBeGreaterThan(0);
  });

  it('is given up where that does not end', async () => {
    const { context, waited } = over(world(), ({ op }) =>
      op.kind === 'gluster' ? { kind: 'busy', message: 'Another transaction is in progress' } : undefined,
    );
    expect(await perform(context, one, SET)).toMatchObject({ kind: 'busy' });
    expect(waited()).toBeGreaterThanOrEqual(BUSY_MS);
    expect(waited()).toBeLessThan(2 * BUSY_MS);
  });
});

it('no journal is written while a glusterd is not settled', async () => {
  const w = world();
  const { plan } = compile(w.desired, w.view());
  const { context, sent, waited } = over(w);
  const goal: Goal = { plan: () => plan, blockers: () => [], remaining: () => [] };
  const node = w.node('node03');
  node.processes = node.processes.filter((p) => p.role !== 'glusterd');
  node.service = { ...node.service, active: 'activating' };
  node.memory = { kind: 'down', detail: 'it is started again in a minute' };
  const { failures, before } = await preValidate({ ...context, goal }, plan);
  expect(failures.map((f) => f.title)).toEqual(['glusterd is not settled']);
  expect(before).toBeUndefined();
  expect(waited()).toBeGreaterThanOrEqual(SETTLED_MS);
  expect(sent).toEqual([]);
});

it('a glusterd that has died under the lock is started immediately, and reported once', async () => {
  const w = world();
  const notices: string[] = [];
  const { context, sent } = over(w, ({ op, node }) => {
    if (op.kind === 'start-glusterd') revive(w, node);
    return undefined;
  });
  const watched = {
    ...context,
    emit: (e: Parameters<Context['emit']>[0]) => {
      if (e.type === 'notice') notices.push(e.message);
    },
  };
  await awaitSettled(watched);
  const dead = w.node('node02');
  const [gone] = dead.processes.filter((p) => p.role === 'glusterd');
  dead.processes = dead.processes.filter((p) => p.role !== 'glusterd');
  watched.observer.invalidate();
  const { waiting } = await awaitSettled(watched);
  expect(waiting).toEqual([]);
  expect(sent.filter((s) => s.op.kind === 'start-glusterd').map((s) => s.node)).toEqual(['node02']);
  expect(notices).toEqual([expect.stringContaining(`glusterd on node02 (pid ${String(gone?.pid)}) ended`)]);

  function revive(of: World, node: NodeName): void {
    const n = of.node(node);
    if (gone !== undefined) n.processes = [...n.processes, { ...gone, pid: gone.pid + 1000 }];
  }
});
