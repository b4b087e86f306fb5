/**
 * A glusterd that is down holds another store than those that run: its repair restarts no brick, whichever
 * copy is right.
 */
import { describe, expect, it } from 'vitest';
import { compileRecovery } from '../../src/plan/recover.ts';
import type { SimCluster } from '../../src/simulator/cluster.ts';
import { STORE } from '../../src/simulator/world.ts';
import type { Goal } from '../../src/transaction/context.ts';
import { runTransaction } from '../../src/transaction/run.ts';
import { CHANGES, contextFor, desiredOf, NODES, prepared, seenFrom } from './fault-run.ts';

/** For handshakes, and what they restart. */
const SETTLE_MS = 20_000;
const PASSES_MAX = 4;

interface Case {
  readonly ahead: readonly string[];
  readonly prefer: string;
  readonly timeout: string | undefined;
}

const CASES: readonly Case[] = [
  { ahead: ['node03'], prefer: 'node03', timeout: '33' },
  { ahead: ['node03'], prefer: 'node01', timeout: undefined },
  { ahead: ['node02', 'node03'], prefer: 'node02', timeout: '33' },
  { ahead: ['node02', 'node03'], prefer: 'node01', timeout: undefined },
];

/** An option that these nodes alone have, whose glusterds are down and whose bricks serve. */
async function downAhead(ahead: readonly string[]): Promise<SimCluster> {
  const cluster = await prepared(1);
  const path = `${STORE}/vols/old`;
  const others = NODES.filter((node) => !ahead.includes(node));
  for (const node of others) await cluster.node(node).fault({ kind: 'immutable', path });
  await cluster.gluster(ahead[0] ?? '', ['volume', 'set', 'old', 'network.ping-timeout', '33']);
  for (const node of others) await cluster.node(node).fault({ kind: 'mutable', path });
  for (const node of ahead) cluster.node(node).stopGlusterd('process');
  await cluster.clock.sleep(SETTLE_MS);
  return cluster;
}

const pids = (cluster: SimCluster): readonly (readonly number[])[] =>
  NODES.map((node) =>
    cluster
      .node(node)
      .processes.filter((p) => p.brick !== undefined)
      .map((p) => p.pid),
  );

describe('a glusterd that is down and ahead', () => {
  it.each(CASES.map((c) => [c.ahead.join(' and '), c.prefer, c] as const))(
    '%s, the copy of %s is right',
    async (_ahead, _prefer, { ahead, prefer, timeout }) => {
      const cluster = await downAhead(ahead);
      const before = pids(cluster);
      const desired = desiredOf(CHANGES['delete'] ?? '');
      const goal: Goal = {
        plan: (view) => compileRecovery({ view, desired, prefer: new Map([['old', prefer]]) }).plan,
        blockers: () => [],
        remaining: () => [],
      };
      const outcomes: string[] = [];
      for (let pass = 1; pass <= PASSES_MAX; pass++) {
        const plan = goal.plan(await seenFrom(cluster, desired));
        if (plan.steps.length === 0) break;
        const context = contextFor(cluster, desired, goal, (n) => cluster.link(n), `tx-${String(pass)}`);
        outcomes.push((await runTransaction(context, plan)).outcome);
        await cluster.clock.sleep(SETTLE_MS);
      }
      expect(new Set(outcomes)).toEqual(new Set(['applied']));
      expect(NODES.filter((node) => cluster.node(node).daemon === undefined)).toEqual([]);
      expect(pids(cluster)).toEqual(before);
      for (const node of NODES) {
        const line = cluster
          .node(node)
          .info('old')
          .find((l) => l.startsWith('network.ping-timeout='));
        expect(line?.split('=')[1]).toBe(timeout);
      }
    },
  );
});
