/**
 * What the contract is checked with: what a cluster under test must offer, and the ways of observing it. Owns
 * no claim; does not know what is behind the links.
 */
import { expect } from 'vitest';
import { isOnline, locate } from '../../src/view/brick.ts';
import { volumeName } from '../../src/model/names.ts';
import type { Clock, NodeLink, NodeLock } from '../../src/model/node-link.ts';
import type { DaemonVolume, NodeFacts, StoreVolume } from '../../src/model/observed.ts';
import type { LockOwner } from '../../src/model/transaction.ts';
import type { NodeOp, OpOutcome } from '../../src/model/op.ts';
import { ATTACH_GRACE_MS, glusterdProcess, unsettled } from '../../src/view/settled.ts';
import { brickProcesses, makeView, stateOf, type View } from '../../src/view/view.ts';

export const NODES = ['node01', 'node02', 'node03'] as const;
export const [one, two, three] = NODES;

/** A pool of NODES, each with an empty file system at /bricks/d1. */
export interface ContractCluster {
  readonly clock: Clock;
  link(node: string): Promise<NodeLink>;
  /** Takes a node's lock on a connection that stays open and never sends a heartbeat. */
  lockAndFallSilent(node: string, owner: LockOwner): Promise<void>;
  /** A command of an administrator, outside of any transaction. */
  gluster(node: string, argv: readonly string[]): Promise<OpOutcome>;
  /** chattr +i, and its undo. */
  immutable(node: string, path: string): Promise<void>;
  mutable(node: string, path: string): Promise<void>;
  /** SIGKILL. */
  killBrick(node: string, path: string): Promise<void>;
  /** Its process is killed, and an empty directory is in its place. */
  emptyBrick(node: string, path: string): Promise<void>;
  putFile(node: string, path: string): Promise<void>;
  putDirectory(node: string, path: string): Promise<void>;
}

export const STORE = '/var/lib/glusterd';
/** As long as a glusterd takes to come up, and its peers to see it. */
const SETTLE_MS = 75_000;
const POLL_MS = 250;

export const owner = (transaction: string): LockOwner => ({
  transaction,
  user: 'eva',
  host: 'desk',
  pid: 4711,
  since: '2026-01-01T00:00:00.000Z',
  command: 'apply',
});

export const pathOf = (volume: string): string => `/bricks/d1/${volume}`;

export const pidOf = (f: NodeFacts | undefined, volume: string): number | undefined =>
  f === undefined ? undefined : brickProcesses(f, volume, pathOf(volume))[0]?.pid;

/**
 * `raw` sends an operation as it is; else a command is addressed to the glusterd that runs at that moment.
 */
export type Perform = (node: string, op: NodeOp) => Promise<OpOutcome>;

export type Harness = Awaited<ReturnType<typeof makeHarness>>;

export async function makeHarness(cluster: ContractCluster) {
  const links: ReadonlyMap<string, NodeLink> = new Map(
    await Promise.all(NODES.map(async (n) => [n, await cluster.link(n)] as const)),
  );

  const linkOf = (node: string): NodeLink => {
    const link = links.get(node);
    if (link === undefined) throw new Error(`no link to ${node}`);
    return link;
  };

  async function facts(node: string, ...paths: string[]): Promise<NodeFacts> {
    const read = await linkOf(node).observe({ paths, hosts: [], optionCatalogue: false });
    if (!read.ok) throw new Error(`${node}: ${read.error.title} ${read.error.cause ?? ''}`);
    return read.value;
  }

  async function view(...paths: string[]): Promise<View> {
    const all = await Promise.all(NODES.map((n) => facts(n, ...paths)));
    return makeView({ nodes: new Map(all.map((f) => [f.node, { kind: 'read', facts: f }])) });
  }

  async function until<T>(what: string, judge: () => Promise<T | undefined>): Promise<T> {
    const deadline = cluster.clock.now() + SETTLE_MS;
    for (;;) {
      const found = await judge();
      if (found !== undefined) return found;
      if (cluster.clock.now() > deadline) throw new Error(`did not come about: ${what}`);
      await cluster.clock.sleep(POLL_MS);
    }
  }

  const copy = async (node: string, volume: string): Promise<StoreVolume | undefined> =>
    (await facts(node)).store.volumes.get(volumeName(volume));
  const remembered = async (node: string, volume: string): Promise<DaemonVolume | undefined> =>
    stateOf(await facts(node))?.volumes.get(volumeName(volume));
  const versions = async (volume: string): Promise<readonly (number | undefined)[]> =>
    (await Promise.all(NODES.map((n) => copy(n, volume)))).map((c) => c?.version);

  async function good(...argv: string[]): Promise<void> {
    expect(await cluster.gluster(one, argv)).toMatchObject({ kind: 'done' });
  }

  async function create(volume: string): Promise<void> {
    const bricks = NODES.map((n) => `${n}:${pathOf(volume)}`);
    await good('volume', 'create', volume, 'replica', '3', ...bricks);
  }

  async function allOnline(volume: string): Promise<View> {
    return await until(`all bricks of ${volume} are online`, async () => {
      const v = await view();
      const located = NODES.map((node) => locate({ volume, node, path: pathOf(volume) }, v));
      return located.every((l) => l !== undefined && isOnline(l)) ? v : undefined;
    });
  }

  async function started(volume: string): Promise<View> {
    await create(volume);
    await good('volume', 'start', volume);
    return await allOnline(volume);
  }

  /** Commands are for the process that runs at that moment. */
  async function asked(node: string, op: NodeOp): Promise<NodeOp> {
    if (op.kind !== 'gluster' && op.kind !== 'launch-brick') return op;
    return { ...op, glusterd: op.glusterd ?? glusterdProcess(await facts(node)) };
  }

  /** All three nodes locked for the time of the work, as a transaction has them. */
  async function inTransaction(
    id: string,
    work: (perform: Perform, raw: Perform) => Promise<void>,
  ): Promise<void> {
    const locks: NodeLock[] = [];
    try {
      for (const node of NODES) {
        const taken = await linkOf(node).lock(owner(id));
        if (!taken.ok) throw new Error(`${taken.error.title} ${taken.error.cause ?? ''}`);
        locks.push(taken.value);
      }
      const raw: Perform = (node, op) => linkOf(node).perform(op, id);
      await work(async (node, op) => raw(node, await asked(node, op)), raw);
    } finally {
      await Promise.all(locks.map((l) => l.release()));
    }
  }

  const isConnected = (f: NodeFacts): boolean =>
    stateOf(f)?.peers.every((p) => p.connected && p.state === 'Peer in Cluster') === true;
  /** Settled, too: a command that comes sooner may crash glusterd. */
  async function pool(): Promise<View> {
    let last = '';
    await until('all nodes see each other in the cluster, and are settled', async () => {
      const v = await view();
      last = JSON.stringify(unsettled(v));
      return v.nodes.every(isConnected) && last === '[]' ? v : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}`);
    });
    await cluster.clock.sleep(ATTACH_GRACE_MS);
    return await view();
  }

  /**
   * Returns when newer volumes of the others are imported too, which runs in the background after the
   * handshake. A store made immutable (or a second restart) meanwhile loses the volume's `info`, without
   * which glusterd does not start.
   */
  async function restart(id: string, node: string): Promise<void> {
    await inTransaction(id, async (perform) => {
      expect(await perform(node, { kind: 'stop-glusterd' })).toMatchObject({ kind: 'done' });
      expect(await perform(node, { kind: 'start-glusterd', argv: [] })).toMatchObject({ kind: 'done' });
    });
    await pool();
    await until('all nodes hold the same version of each volume', async () => {
      const stores = (await Promise.all(NODES.map((n) => facts(n)))).map((f) => f.store.volumes);
      const names = new Set(stores.flatMap((volumes) => [...volumes.keys()]));
      return (
        [...names].every((n) => new Set(stores.map((volumes) => volumes.get(n)?.version)).size === 1) ||
        undefined
      );
    });
  }

  return {
    cluster,
    linkOf,
    facts,
    view,
    until,
    copy,
    remembered,
    versions,
    good,
    create,
    allOnline,
    started,
    inTransaction,
    isConnected,
    pool,
    restart,
  };
}
