/**
 * A node that committed and lost power is out of sight while the others are rolled back. When it returns, by
 * itself, nothing comes back: it takes the old state over, and no brick of the others is restarted.
 */
import { beforeEach, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import type { Change, Host } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { owner } from '../../contract/harness.ts';
import { CHANGES, desiredOf, NODES } from '../../laws/fault-run.ts';
import { simulatedHost } from './simulated-host.ts';

const OTHERS = ['node01', 'node02'];
const bricks = NODES.map((n) => `${n}:/bricks/d1/old`);
const RETURN_MS = 30_000;
const LONG_MS = 200_000;
/** A rollback by images makes more of them. */
const CALLS_MIN = 30;
const isCommand =
  (word: string) =>
  ({ op }: SimCall): boolean =>
    op?.kind === 'gluster' && op.argv[1] === word;

let cluster: SimCluster;
let started: number;

beforeEach(async () => {
  started = 0;
  await volumeOld();
});

function hostOn(link: (node: string) => NodeLink): Host {
  const since = new Date(cluster.clock.now()).toISOString();
  return simulatedHost(cluster, link, {
    newOwner: () => ({ ...owner(`20260101T00000${String((started += 1))}Z-00000000`), since }),
  });
}

const given = (volumes: string): Parameters<typeof recoverChange>[0] => ({
  desired: desiredOf(volumes),
  file: 'cluster.yaml',
  allowDestroy: [],
  prefer: new Map(),
});
const run = (change: Change): Promise<RunResult> =>
  runChange(
    change,
    hostOn((n) => cluster.link(n)),
  );
const pids = (): readonly (number | undefined)[] =>
  OTHERS.map((n) => cluster.node(n).processes.find((p) => p.role === 'brick')?.pid);
const has = (node: string, key: string): boolean =>
  cluster
    .node(node)
    .info('old')
    .some((line) => line.startsWith(`${key}=`));

const PING = CHANGES['options'] ?? '';
const path = '/var/lib/glusterd/vols/old';
const LOSS = { kind: 'power-off', node: 'node03' } as const;

it.each([
  ['as its command answers', isCommand('set'), 'after', true],
  [
    'as the rollback begins to stop a glusterd',
    ({ op }: SimCall) => op?.kind === 'check-store',
    'before',
    true,
  ],
  ['as images are put back', ({ op }: SimCall) => op?.kind === 'restore-store', 'before', true],
  ['with the commit done everywhere else', isCommand('set'), 'after', false],
] as const)(
  'a node that is lost %s gives the change to nobody',
  async (_name, at, when, isFailing) => {
    cluster.inject([
      ...(isFailing
        ? [{ at: isCommand('set'), fault: { kind: 'immutable', node: 'node02', path } } as const]
        : []),
      ...(isFailing
        ? [{ at: isCommand('set'), fault: { kind: 'mutable', node: 'node02', path, when: 'after' } } as const]
        : []),
      { at, fault: { ...LOSS, when } },
    ]);
    const change = applyChange({ ...given(PING), saved: undefined, noRepair: false });
    const result = await run(change);
    expect(exitCodeOf(result)).toBe(6);
    for (const node of OTHERS) expect(has(node, 'network.ping-timeout')).toBe(false);
    const before = pids();

    await cluster.node('node03').fault({ kind: 'power-on' });
    await cluster.clock.sleep(RETURN_MS);
    for (const node of NODES) expect([node, has(node, 'network.ping-timeout')]).toEqual([node, false]);
    expect(pids()).toEqual(before);

    expect(await run(recoverChange(given(PING)))).toMatchObject({ outcome: 'applied' });
    for (const node of NODES) {
      expect(has(node, 'network.ping-timeout')).toBe(false);
      expect(
        cluster
          .node(node)
          .info('old')
          .find((l) => l.startsWith('version=')),
      ).toBe(
        cluster
          .node('node01')
          .info('old')
          .find((l) => l.startsWith('version=')),
      );
    }
    expect(pids()).toEqual(before);
  },
  LONG_MS,
);

/** Of all nodes, what their stores say of `old`, without the version. */
const words = (): readonly string[] =>
  NODES.map((n) =>
    cluster
      .node(n)
      .info('old')
      .filter((line) => !line.startsWith('version='))
      .join(' '),
  );

async function volumeOld(): Promise<void> {
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  for (const command of [`create old replica 3 ${bricks.join(' ')}`, 'start old'])
    await cluster.gluster('node01', ['volume', ...command.split(' ')]);
  await cluster.clock.sleep(10_000);
}

it.each([
  ['options', 'set'],
  ['stop', 'stop'],
])(
  'a node that is lost at any call after the commit of a change of %s gives it to nobody',
  async (change, word) => {
    const bad: string[] = [];
    let calls = 0;
    for (let n = 1; ; n++) {
      await volumeOld();
      const before = words();
      let count = 0;
      let call: string | undefined;
      const at = (now: SimCall): boolean => {
        if (count > 0 || isCommand(word)(now)) count += 1;
        if (count !== n || call !== undefined) return false;
        call = `${now.kind} ${now.node} ${now.op?.kind ?? ''}`;
        return true;
      };
      cluster.inject([
        { at: isCommand(word), fault: { kind: 'immutable', node: 'node02', path } },
        { at: isCommand(word), fault: { kind: 'mutable', node: 'node02', path, when: 'after' } },
        { at, fault: { ...LOSS, when: 'after' } },
      ]);
      const wanted = given(CHANGES[change] ?? '');
      const code = exitCodeOf(await run(applyChange({ ...wanted, saved: undefined, noRepair: false })));
      if (call === undefined) break;
      calls += 1;
      const running = pids();
      await cluster.node('node03').fault({ kind: 'power-on' });
      await cluster.clock.sleep(RETURN_MS);
      const alone = words();
      const { outcome } = await run(recoverChange(wanted));
      const isRight =
        [3, 6].includes(code) &&
        [alone, words()].every((seen) => seen.join() === before.join()) &&
        ['applied', 'nothing-to-do'].includes(outcome) &&
        pids().join() === running.join();
      if (!isRight)
        bad.push(`${String(n)} ${call}: exit ${String(code)}, recover ${outcome}; ${alone.join(' | ')}`);
    }
    expect(calls).toBeGreaterThan(CALLS_MIN);
    expect(bad).toEqual([]);
  },
  LONG_MS,
);
