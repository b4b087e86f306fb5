/**
 * Guards of a transaction that no lost message alone tests: connected peers before it, an observation at its
 * end, a check before force.
 */
import { expect, it } from 'vitest';
import { VOLUME_ID } from '../../src/simulator/brick.ts';
import type { SimCluster } from '../../src/simulator/cluster.ts';
import type { FaultAt } from '../../src/simulator/fault.ts';
import { JOURNAL_ROOT } from '../../src/model/transaction.ts';
import { JOURNAL, STORE } from '../../src/simulator/world.ts';
import { HANDSHAKE_MS, RECONNECT_MS } from '../../src/transaction/limits.ts';
import { NODES, faultRun } from './fault-run.ts';

it('nothing is committed while a peer is disconnected', async () => {
  const { result, ending } = await faultRun('options', 1, (cluster) => [
    {
      at: 1,
      fault: {
        kind: 'act',
        act: () => {
          for (const peer of cluster.node('node01').daemon?.peers.values() ?? []) peer.connected = false;
        },
      },
    },
  ]);
  expect(result?.exitCode).toBe(8);
  expect(result?.failures.map((f) => f.code)).toContain('precondition-failed');
  expect(ending).toBe('before');
});

it('no transaction begins over one that another controller left meanwhile', async () => {
  const { result, trace } = await faultRun('options', 1, (cluster) => {
    const leave = (): void => {
      const { disk } = cluster.node('node02');
      disk.mkdirs(`${JOURNAL}/20260101T000000Z-00000000`);
      disk.write(`${JOURNAL}/20260101T000000Z-00000000/state`, 'committing\n');
    };
    return [{ at: ({ kind }) => kind === 'lock', fault: { kind: 'act', act: leave } }];
  });
  expect(result?.failures.map((f) => f.code)).toEqual(['plan-outdated']);
  expect(result?.failures[0]?.title).toContain('20260101T000000Z-00000000 was left unfinished');
  expect(trace.filter((line) => line.includes('gluster volume set'))).toEqual([]);
});

it.each([
  ['stays half way into the pool', undefined, { exitCode: 8, outcome: 'refused' }, 'before'],
  ['arrives within some seconds', 8_000, { exitCode: 0, outcome: 'applied' }, 'after'],
] as const)('a peer that %s', async (_name, arrivesMs, ends, ending) => {
  const run = await faultRun('options', 1, async (cluster) => {
    // A glusterd that is young is waited for anyway.
    await cluster.clock.sleep(70_000);
    const believe = (state: number) => (): void => {
      for (const peer of cluster.node('node01').daemon?.peers.values() ?? [])
        if (peer.hostnames.includes('node02')) peer.state = state;
    };
    const arrival = { kind: 'act', act: believe(3), afterMs: arrivesMs ?? 0 } as const;
    return [
      { at: 1, fault: { kind: 'act', act: believe(4) } },
      ...(arrivesMs === undefined ? [] : [{ at: 1, fault: arrival }]),
    ];
  });
  expect(run.result).toMatchObject(ends);
  expect(run.ending).toBe(ending);
  expect(run.trace.filter((line) => line.includes('gluster volume set')).length > 0).toBe(ending === 'after');
});

it('no command is sent once the lock of a node is lost, though the step has begun', async () => {
  const { result, trace } = await faultRun('delete', 1, [
    {
      at: ({ op }) => op?.kind === 'same-glusterd',
      fault: { kind: 'kill-lock-holder', node: 'node02', when: 'before' },
    },
  ]);
  expect(result?.outcome).toBe('rolled-back');
  expect(trace.filter((line) => line.includes('gluster volume delete'))).toEqual([]);
});

it('what is undone between the commit and the end is not called applied', async () => {
  let isCommitted = false;
  const { result, broken } = await faultRun('options', 1, (cluster) => [
    {
      at: ({ kind, op }) => {
        isCommitted ||= op?.kind === 'gluster';
        return isCommitted && kind === 'observe';
      },
      fault: {
        kind: 'act',
        act: () => {
          for (const node of NODES)
            cluster.node(node).daemon?.volumes.get('old')?.options.delete('network.ping-timeout');
        },
      },
    },
  ]);
  expect(result?.exitCode).not.toBe(0);
  expect(result?.failures.map((f) => f.code)).toContain('post-validate-failed');
  expect(broken.filter((b) => b.startsWith('exit 0'))).toEqual([]);
});

it('a rollback starts no brick by force where the brick is another directory by then', async () => {
  const seen: SimCluster[] = [];
  const path = '/bricks/d1/old';
  const { result } = await faultRun('options', 1, (cluster) => {
    seen.push(cluster);
    const swap = (): void => {
      const { disk } = cluster.node('node01');
      cluster.node('node01').killBrick(path);
      disk.removeXattr(path, VOLUME_ID);
    };
    const committing: FaultAt['at'] = ({ op }) => op?.kind === 'gluster';
    return [
      { at: committing, fault: { kind: 'immutable', node: 'node02', path: `${STORE}/vols/old` } },
      { at: committing, fault: { kind: 'act', act: swap } },
    ];
  });
  expect(result?.exitCode).toBe(6);
  const trace = seen.flatMap((cluster) => cluster.trace).join('\n');
  expect(trace).toContain('stop-glusterd');
  expect(trace).not.toContain('force');
});

it('a rollback stops no glusterd whose store takes no writes: it would not start again', async () => {
  const seen: SimCluster[] = [];
  const { result } = await faultRun('options', 1, (cluster) => {
    seen.push(cluster);
    const path = `${STORE}/vols/old`;
    return [
      { at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'immutable', node: 'node02', path } },
      { at: ({ op }) => op?.kind === 'check-store', fault: { kind: 'immutable', node: 'node03', path } },
    ];
  });
  expect(result?.exitCode).toBe(6);
  const trace = seen.flatMap((cluster) => cluster.trace).join('\n');
  expect(trace).toContain('first perform node03 check-store');
  expect(trace).not.toContain('first perform node03 stop-glusterd');
});

it('what a rollback stops is started, though the work on a store fails', async () => {
  const seen: SimCluster[] = [];
  const path = `${STORE}/vols/old`;
  const { result } = await faultRun('options', 1, (cluster) => {
    seen.push(cluster);
    return [
      { at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'immutable', node: 'node02', path } },
      { at: ({ op }) => op?.kind === 'check-store', fault: { kind: 'mutable', node: 'node02', path } },
      { at: ({ op }) => op?.kind === 'restore-store', fault: { kind: 'immutable', node: 'node03', path } },
    ];
  });
  expect(result?.exitCode).toBe(6);
  const trace = (seen[0]?.trace ?? []).join('\n');
  for (const node of ['node01', 'node03'])
    for (const what of ['stop', 'start']) expect(trace).toContain(`first perform ${node} ${what}-glusterd`);
});

it('a brick of a volume that nobody named, lost meanwhile, is started again before the end', async () => {
  const seen: SimCluster[] = [];
  const path = '/bricks/d1/old';
  const { result } = await faultRun('delete', 1, (cluster) => {
    seen.push(cluster);
    return [{ at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'kill-brick', node: 'node02', path } }];
  });
  expect(result?.exitCode).toBe(0);
  const runs = seen[0]?.node('node02').processes.some((p) => p.brick?.path === path);
  expect(runs).toBe(true);
});

it('a glusterd that is killed after the last observation runs again once the lock is released', async () => {
  const seen: SimCluster[] = [];
  const { result } = await faultRun('options', 1, (cluster) => {
    seen.push(cluster);
    const ending: FaultAt['at'] = ({ op }) => op?.kind === 'journal-prune';
    return [{ at: ending, fault: { kind: 'kill-glusterd', node: 'node02' } }];
  });
  expect(result?.exitCode).toBe(0);
  // Later the run itself starts what is down: only what comes before the lock is released counts.
  const trace = seen[0]?.trace ?? [];
  const killed = trace.findIndex((line) => /^node02 glusterd \d+ KILL$/.test(line));
  const released = trace.lastIndexOf('node02 lock let go: released');
  expect(killed).toBeGreaterThan(-1);
  expect(trace.slice(killed, released).join('\n')).toContain('node02 glusterd starts');
});

it('nothing is called applied while a lost brick of an unnamed volume cannot be started', async () => {
  const path = '/bricks/d1/old';
  const { result } = await faultRun('delete', 1, (cluster) => {
    const lose = (): void => {
      cluster.node('node02').killBrick(path);
      cluster.node('node02').disk.removeXattr(path, VOLUME_ID);
    };
    return [{ at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'act', act: lose } }];
  });
  expect(result?.exitCode).toBe(6);
  expect(result?.failures.flatMap((f) => f.details ?? []).join('\n')).toContain(
    `node02:${path} of volume old`,
  );
});

it('a glusterd that dies while the end is waited for is started again, and the change stands', async () => {
  let observations = -1;
  const { result, broken } = await faultRun('options', 1, (cluster) => {
    // Until later, a disk is full: the end is observed again and again.
    const path = '/var/log';
    const fill = async (): Promise<void> => {
      await cluster.node('node03').fault({ kind: 'fill-disk', path });
      cluster.clock.after(5000, () => void cluster.node('node03').fault({ kind: 'free-disk', path }));
    };
    const isFirst: FaultAt['at'] = ({ kind, op }) => {
      if (op?.kind === 'gluster') observations = 0;
      return observations >= 0 && kind === 'observe' && observations++ === 0;
    };
    const isLater: FaultAt['at'] = ({ kind }) =>
      observations > 0 && kind === 'observe' && observations++ === 15;
    return [
      { at: isFirst, fault: { kind: 'act', act: fill } },
      { at: isLater, fault: { kind: 'kill-glusterd', node: 'node02' } },
    ];
  });
  expect(observations).toBeGreaterThan(15);
  expect(result?.exitCode).toBe(0);
  expect(broken).toEqual([]);
});

it('a journal that takes its mark a little later is closed, and the change applied', async () => {
  const { result, broken } = await faultRun('options', 1, (cluster) => {
    const each = (act: (paths: Set<string>, path: string) => void) => (): void => {
      for (const node of NODES) act(cluster.node(node).disk.immutable, `${JOURNAL_ROOT}/tx-1`);
    };
    return [
      { at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'act', act: each((all, p) => all.add(p)) } },
      {
        at: ({ op }) => op?.kind === 'journal-mark' && op.state === 'committed',
        fault: { kind: 'act', act: each((all, p) => all.delete(p)), afterMs: 10_000 },
      },
    ];
  });
  expect(result).toMatchObject({ outcome: 'applied', exitCode: 0 });
  expect(broken).toEqual([]);
});

it('a rollback does not wait for a node that is out of reach', async () => {
  const [undoing, marked]: [number[], number[]] = [[], []];
  const { result } = await faultRun('options', 1, (cluster) => {
    const watch: FaultAt['at'] = ({ op }) => {
      if (op?.kind === 'gluster') undoing.push(cluster.clock.now());
      if (op?.kind === 'journal-mark' && op.state === 'owed') marked.push(cluster.clock.now());
      return false;
    };
    return [
      { at: ({ op }) => op?.kind === 'gluster', fault: { kind: 'power-off', node: 'node03' } },
      { at: watch, fault: { kind: 'drop-request' } },
    ];
  });
  expect(result?.exitCode).toBe(6);
  expect((marked[0] ?? NaN) - (undoing.at(-1) ?? NaN)).toBeLessThan(RECONNECT_MS + HANDSHAKE_MS);
});
