/** Where gluster answers "check log file", what the glusterds logged stands below the failure. */
import { beforeEach, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { failure } from '../../../src/core/failure.ts';
import { err, ok } from '../../../src/core/result.ts';
import type { RunResult } from '../../../src/model/event.ts';
import type { LoggedError, NodeLink } from '../../../src/model/node-link.ts';
import type { NodeOp } from '../../../src/model/op.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const WHY = 'All the ports in the range are exhausted';
const volume = (options = ''): string =>
  `  a: { replica: 3, bricks: [${NODES.map((n) => `${n}:/bricks/d1/a`).join(', ')}]${options} }\n`;
const CHANGED = volume(', options: { network.ping-timeout: 21 }');

let cluster: SimCluster;
let transactions: number;

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  transactions = 0;
  expect(await run(volume())).toMatchObject({ outcome: 'applied' });
});

/** With what each node logs; `at` is when, in milliseconds of the simulated clock. */
async function run(
  volumes: string,
  logs: (
    node: string,
  ) => readonly (Omit<LoggedError, 'agoMs'> & { readonly at: number })[] | undefined = () => [],
): Promise<RunResult> {
  const link = (node: string): NodeLink => ({
    ...cluster.link(node),
    loggedErrors: () => {
      const logged = logs(node);
      if (logged === undefined) return Promise.resolve(err(failure('timeout', `${node} does not answer`)));
      return Promise.resolve(ok(logged.map(({ at, text }) => ({ agoMs: cluster.clock.now() - at, text }))));
    },
  });
  const host = simulatedHost(cluster, link, {
    newOwner: () => owner(`20260101T0000${String((transactions += 1)).padStart(2, '0')}Z-00000000`),
  });
  const desired = desiredOf(volumes);
  const options = { desired, saved: undefined, file: 'c.yaml', allowDestroy: [], prefer: new Map() };
  return await runChange(applyChange({ ...options, noRepair: false }), host);
}

/** The commit of the set fails on node03, whose store cannot be written. */
function failOnThree(): { readonly at: () => number } {
  let began = 0;
  const isSet = (op: NodeOp | undefined): boolean => op?.kind === 'gluster' && op.argv[1] === 'set';
  const note = (): void => {
    began = cluster.clock.now();
  };
  cluster.inject([
    { at: ({ op }) => isSet(op), fault: { kind: 'act', act: note } },
    {
      at: ({ op }) => isSet(op),
      fault: { kind: 'immutable', node: 'node03', path: '/var/lib/glusterd/vols/a' },
    },
  ]);
  return { at: () => began };
}

const detailsOf = ({ failures }: RunResult): readonly string[] | undefined =>
  failures.find((f) => f.code === 'commit-failed')?.details;

it('what was logged while the step ran, once each; nothing from before or after it', async () => {
  const sent = failOnThree();
  const result = await run(CHANGED, (node) =>
    node === 'node03'
      ? [
          { at: sent.at() - 60_000, text: 'of a minute before' },
          { at: sent.at() + 1, text: WHY },
          { at: sent.at() + 2, text: WHY },
          { at: sent.at() + 3, text: 'Dict get failed [{Key=key2}, {errno=2}]' },
          { at: sent.at() + 60_000, text: 'of the rollback' },
        ]
      : [],
  );
  expect(result.outcome).toBe('rolled-back');
  expect(detailsOf(result)).toEqual([`node03, glusterd.log: ${WHY}`]);
});

it('the last three lines of a node, those of a node that gluster names first', async () => {
  const sent = failOnThree();
  const result = await run(CHANGED, () =>
    [1, 2, 3, 4, 5].map((n) => ({ at: sent.at(), text: `line ${String(n)}` })),
  );
  expect(detailsOf(result)).toHaveLength(9);
  expect(detailsOf(result)?.slice(0, 4)).toEqual([
    ...[3, 4, 5].map((n) => `node01, glusterd.log: line ${String(n)}`),
    'node03, glusterd.log: line 3',
  ]);
});

it('a node that does not answer is passed over, and the outcome is the same', async () => {
  failOnThree();
  const result = await run(CHANGED, () => undefined);
  expect(result.outcome).toBe('rolled-back');
  expect(detailsOf(result)).toBeUndefined();
});

it('no log is read where nothing failed', async () => {
  let read = 0;
  const result = await run(CHANGED, () => {
    read += 1;
    return [];
  });
  expect([result.outcome, read]).toEqual(['applied', 0]);
});
