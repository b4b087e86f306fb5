/** What keeps bricks from being added, by the observation of every node. */
import { describe, expect, it } from 'vitest';
import { volumeCreate } from '../../../src/actions/volume-definition.ts';
import { volumeAddBricks } from '../../../src/actions/volume-add-bricks.ts';
import { directory, edit, type World, world } from '../../worlds.ts';

const args = {
  volume: 'v',
  sets: [[1, 2, 3].map((n) => ({ node: `node0${String(n)}`, path: '/bricks/d1/w' }))],
};
const problems = (w: World): readonly string[] => volumeAddBricks.requires(args, w.view(), w.desired);

const CLIENT = {
  pid: 4000,
  startTicks: 5,
  state: 'S',
  role: 'client',
  brick: undefined,
  ports: [],
  cgroup: '',
} as const;

describe('bricks are not added', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['where all is well', () => undefined, /^$/],
    [
      'while a removal of bricks waits for its commit',
      (w) => {
        for (const node of w.nodes)
          edit(node, 'vols/v/bricks/node03:-bricks-d1-v', (text) =>
            text.replace('decommissioned=0', 'decommissioned=1'),
          );
      },
      /of volume v is under way/,
    ],
    [
      'while a process moves files, whatever glusterd says of it',
      (w) =>
        void w
          .node('node02')
          .processes.push({ ...CLIENT, argv: ['/usr/sbin/glusterfs', '--volfile-id', 'rebalance/v'] }),
      /^node02 still moves files of v$/,
    ],
    [
      'while a brick of the volume is down',
      (w) => {
        w.node('node03').processes = w.node('node03').processes.filter((p) => p.role !== 'brick');
      },
      /^node03:.bricks.d1.v is down$/,
    ],
    [
      'on a directory that is not empty',
      (w) =>
        void w
          .node('node01')
          .paths.set('/bricks/d1/w', { ...directory('/bricks/d1/w', '/bricks/d1', 7), entries: ['old'] }),
      /^node01:.bricks.d1.w is not empty: it holds old$/,
    ],
    [
      'on a node without a port for them',
      (w) => {
        const node = w.node('node02');
        node.daemonConfig = { ...node.daemonConfig, maxPort: 49151 };
      },
      /^node02 has 0 ports left/,
    ],
  ])('%s', (_when, make, says) => {
    const w = world();
    make(w);
    expect(problems(w).join('\n')).toMatch(says);
  });
});

describe('force is said where glusterd wants it', () => {
  const on = (...nodes: readonly string[]): (typeof args)['sets'][number] =>
    nodes.map((node, i) => ({ node, path: `/bricks/d1/f${String(i)}` }));
  const three = on('node01', 'node02', 'node03');
  const six = on('node01', 'node02', 'node03', 'node01', 'node02', 'node03');
  const layout = { kind: 'disperse', disperse: 6, redundancy: 2 } as const;

  it.each([
    ['a set with two bricks on a node', [six], true],
    ['sets that have one on each', [three, three], false],
  ])('for %s', (_what, sets, expected) => {
    const view = world().view();
    const disperse = sets[0]?.length ?? 0;
    const bricks = sets.flat();
    const calls = [
      volumeAddBricks.calls({ volume: 'v', sets }, view),
      volumeCreate.calls({ volume: 'n', transport: 'tcp', layout: { ...layout, disperse }, bricks }, view),
    ];
    expect(calls.map((c) => JSON.stringify(c).includes('"force"'))).toEqual([expected, expected]);
  });
});
