/** Two guards of a transaction that no lost message alone puts to the test: connected peers before, and a look at the end. */
import { expect, it } from 'vitest';
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
  expect(result?.exitCode).toBe(3);
  expect(result?.failures.map((f) => f.code)).toContain('precondition-failed');
  expect(ending).toBe('before');
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
