/**
 * A node that stays half way into the pool, because its glusterd died in the handshake: `peer detach` gets no
 * answer there, and its peers files go instead.
 */
import { beforeEach, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { type Change, NO_CONSENT } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const LAST = 'node03';
const SENT_AND_RECEIVED = 5;
const BRICK = '/bricks/d1/a';
const VOLUME = `  a: { replica: 2, bricks: [node01:${BRICK}, node02:${BRICK}] }\n`;

let cluster: SimCluster;
let transactions: number;

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 5, nodes: NODES, killMode: 'process' });
  transactions = 0;
  await cluster.gluster('node01', ['peer', 'probe', 'node02']);
  await cluster.gluster('node01', [
    'volume',
    'create',
    'a',
    'replica',
    '2',
    `node01:${BRICK}`,
    `node02:${BRICK}`,
  ]);
  await cluster.gluster('node01', ['volume', 'start', 'a']);
  await cluster.clock.sleep(60_000);
});

async function run(change: Change): Promise<RunResult> {
  const controller = cluster.controller(`run ${String(cluster.calls)}`);
  const host = simulatedHost(cluster, (node) => controller.link(node), {
    newOwner: () => owner(`20260101T0000${String((transactions += 1)).padStart(2, '0')}Z-00000000`),
  });
  return await runChange(change, host);
}

const desired = desiredOf(VOLUME);
const apply = (): Promise<RunResult> =>
  run(
    applyChange({
      desired,
      saved: undefined,
      file: 'c.yaml',
      allowDestroy: [],
      prefer: new Map(),
      noRepair: false,
    }),
  );

/** On one node, of all its peers that are called so; in memory and on disk. */
function setState(node: string, host: string, state: number): void {
  const { daemon, disk } = cluster.node(node);
  for (const peer of daemon?.peers.values() ?? []) {
    if (!peer.hostnames.includes(host)) continue;
    peer.state = state;
    const path = `/var/lib/glusterd/peers/${peer.uuid}`;
    disk.write(path, (disk.read(path) ?? '').replace(/^state=.*$/m, `state=${String(state)}`));
  }
}

/** The node that joins knows nobody's answer; who has invited it waits for its. */
function haltHandshake(): void {
  let isProbed = false;
  const isAfter = ({ op }: SimCall): boolean => {
    const was = isProbed;
    isProbed ||= op?.kind === 'gluster' && op.argv[1] === 'probe';
    return was;
  };
  cluster.inject([
    {
      at: isAfter,
      fault: {
        kind: 'act',
        act: () => {
          setState('node01', LAST, SENT_AND_RECEIVED);
          for (const other of ['node01', 'node02']) setState(LAST, other, 0);
        },
      },
    },
  ]);
}

const peersOn = (node: string): number => cluster.node(node).disk.list('/var/lib/glusterd/peers').length;
const bricks = (): readonly (number | undefined)[] =>
  ['node01', 'node02'].map((n) => cluster.node(n).processes.find((p) => p.role === 'brick')?.pid);
const detaches = (): number => cluster.commands.filter(({ argv }) => argv[1] === 'detach').length;

it('is taken back by its files, bricks stay, and it joins by the next apply', async () => {
  const before = bricks();
  haltHandshake();
  expect(await apply()).toMatchObject({ outcome: 'rolled-back' });
  expect([...NODES.map(peersOn), detaches()]).toEqual([1, 1, 0, 0]);
  expect(bricks()).toEqual(before);
  expect(await apply()).toMatchObject({ outcome: 'applied', failures: [] });
  expect(NODES.map(peersOn)).toEqual([2, 2, 2]);
  expect(bricks()).toEqual(before);
});

it('also by recover, where the controller dies while the glusterds are stopped for it', async () => {
  haltHandshake();
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'edit-store' || op?.kind === 'restore-store',
      fault: { kind: 'controller-death', silent: false },
    },
  ]);
  void apply();
  await cluster.clock.sleep(600_000);
  const recovered = await run(
    recoverChange({ desired, file: 'c.yaml', allowDestroy: [], prefer: new Map(), consent: NO_CONSENT }),
  );
  expect(recovered).toMatchObject({ outcome: 'applied', failures: [] });
  expect([...NODES.map(peersOn), detaches()]).toEqual([1, 1, 0, 0]);
});
