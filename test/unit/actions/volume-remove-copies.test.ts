/** What keeps copies from leaving, by the observation of every node. */
import { describe, expect, it } from 'vitest';
import { volumeRemoveCopies } from '../../../src/actions/volume-remove-copies.ts';
import type { Layout } from '../../../src/model/desired.ts';
import { edit, type World, world } from '../../worlds.ts';

const TWO: Layout = { kind: 'replicate', replica: 2, arbiter: 0 };
const THREE: Layout = { kind: 'replicate', replica: 3, arbiter: 0 };
const args = {
  volume: 'v',
  from: THREE,
  to: TWO,
  sets: [['node03:/bricks/d1/v']],
  clientIoThreads: null,
} as const;
const problems = (w: World): string => volumeRemoveCopies.requires(args, w.view(), w.desired).join('\n');

function pending(w: World, node: string, heals: number | undefined): void {
  const { paths } = w.node(node);
  const at = paths.get('/bricks/d1/v');
  if (at !== undefined) paths.set(at.path, { ...at, pendingHeals: heals });
}

const endBrick = (w: World, node: string): void => {
  w.node(node).processes = w.node(node).processes.filter((p) => p.role !== 'brick');
};

const option =
  (options: Readonly<Record<string, string>>) =>
  (w: World): void => {
    for (const node of w.nodes)
      edit(
        node,
        'vols/v/info',
        (text) =>
          text +
          Object.entries(options)
            .map(([k, v]) => `${k}=${v}\n`)
            .join(''),
      );
  };

describe('no copy leaves', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['where all is well', () => undefined, /^$/],
    [
      'while a brick that stays is down',
      (w) => {
        endBrick(w, 'node02');
      },
      /is not known; node02:.bricks.d1.v is down/,
    ],
    [
      'while the one that leaves is down, and could be started',
      (w) => {
        endBrick(w, 'node03');
      },
      /is not known; node03:.bricks.d1.v is down/,
    ],
    [
      'unless its disk is gone: what the others remember is for it',
      (w) => {
        endBrick(w, 'node03');
        w.node('node03').paths.delete('/bricks/d1/v');
        pending(w, 'node01', 4);
      },
      /^$/,
    ],
    [
      'while one that stays waits for heals from the one that leaves',
      (w) => {
        pending(w, 'node03', 4);
      },
      /^set 1 of volume v: node03:.bricks.d1.v waits for heals: 4$/,
    ],
    [
      'where heals could not be counted',
      (w) => {
        pending(w, 'node03', undefined);
      },
      /the heals that wait on node03:.bricks.d1.v could not be counted/,
    ],
    [
      'while a task of the volume is not over',
      (w) => {
        for (const node of w.nodes)
          edit(node, 'vols/v/bricks/node02:-bricks-d1-v', (text) =>
            text.replace('decommissioned=0', 'decommissioned=1'),
          );
      },
      /of volume v is not over/,
    ],
    [
      'while a node of the volume is out of service',
      (w) => {
        w.node('node02').drained = { who: 'ann', when: '2026-01-01T00:00:00Z', why: 'disk' };
      },
      /^node02 is drained/,
    ],
    [
      'where the rest is too few for a fixed quorum',
      option({ 'cluster.quorum-type': 'fixed', 'cluster.quorum-count': '3' }),
      /^clients of v would have no quorum with 2 bricks of each set; .*cluster.quorum-count 3$/,
    ],
    [
      'unless the rest is enough for it',
      option({ 'cluster.quorum-type': 'fixed', 'cluster.quorum-count': '2' }),
      /^$/,
    ],
  ])('%s', (_when, make, says) => {
    const w = world();
    make(w);
    expect(problems(w)).toMatch(says);
  });
});

it('each set that loses one has to be allowed by the name of its brick', () => {
  expect(volumeRemoveCopies.destroys(args, world().view())).toEqual(['brick/node03:/bricks/d1/v']);
});

it('ends the process of the brick first: glusterd cannot stop one that was launched by somebody else', () => {
  const w = world();
  const pid = w.node('node03').processes.find((p) => p.role === 'brick')?.pid;
  const calls = volumeRemoveCopies.calls(args, w.view()).flat();
  expect(calls).toMatchObject([
    { node: 'node03', op: { kind: 'end-process', pid, word: '/bricks/d1/v' } },
    {
      op: {
        kind: 'gluster',
        argv: ['volume', 'remove-brick', 'v', 'replica', '2', args.sets[0][0], 'force'],
      },
    },
  ]);
});
