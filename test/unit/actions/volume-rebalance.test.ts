/** What keeps a rebalance from beginning, and by what it is seen to have begun. */
import { describe, expect, it } from 'vitest';
import { volumeRebalance } from '../../../src/actions/volume-rebalance.ts';
import { edit, type World, world } from '../../worlds.ts';

const OFF = 'cluster.lookup-optimize=off';
const args = (kind: 'rebalance' | 'fix-layout' = 'rebalance') => ({ volume: 'v', kind, earlier: ['a-1'] });

const MOVER = {
  pid: 4000,
  startTicks: 5,
  state: 'S',
  role: 'client',
  brick: undefined,
  ports: [],
  cgroup: '',
  argv: ['/usr/sbin/glusterfs', '--volfile-id', 'rebalance/v'],
} as const;

const everywhere = (w: World, file: string, change: (text: string) => string): void => {
  for (const node of w.nodes) edit(node, file, change);
};
const optimized = (w: World): void => {
  everywhere(w, 'vols/v/info', (text) => text.replace(`${OFF}\n`, ''));
};

function ready(): World {
  const w = world();
  everywhere(w, 'vols/v/info', (text) => `${text}${OFF}\n`);
  return w;
}

describe('files are not moved', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['where all is well', () => undefined, /^$/],
    ['while clients take a miss for an answer', optimized, /^cluster.lookup-optimize is on/],
    [
      'while a brick is down',
      (w) => {
        w.node('node03').processes = w.node('node03').processes.filter((p) => p.role !== 'brick');
      },
      /^node03:.bricks.d1.v is down/,
    ],
    [
      'while some are moved',
      (w) => void w.node('node02').processes.push(MOVER),
      /^node02 still moves files of v$/,
    ],
    [
      'while bricks are removed',
      (w) => {
        everywhere(w, 'vols/v/bricks/node03:-bricks-d1-v', (text) =>
          text.replace('decommissioned=0', 'decommissioned=1'),
        );
      },
      /^a remove-brick of volume v is not over/,
    ],
    [
      'of a volume that is stopped',
      (w) => {
        everywhere(w, 'vols/v/info', (text) => text.replace('status=1', 'status=2'));
      },
      /^volume v is not started/,
    ],
  ])('%s', (_when, change, says) => {
    const w = ready();
    change(w);
    expect(volumeRebalance.requires(args(), w.view(), w.desired).join('\n')).toMatch(says);
  });

  it('to fix the layout alone, no option has to be off', () => {
    const w = ready();
    optimized(w);
    expect(volumeRebalance.requires(args('fix-layout'), w.view(), w.desired)).toEqual([]);
  });
});

it.each<readonly [string, readonly string[], string]>([
  ['by another id on every node', ['b-2', 'b-2', 'b-2'], 'done'],
  ['by the id of an earlier one, not at all', ['a-1', 'a-1', 'a-1'], 'undone'],
  ['on some nodes', ['b-2', 'b-2', 'a-1'], 'partial'],
  ['where it was stopped, not at all', ['00000000-0000', '00000000-0000', '00000000-0000'], 'undone'],
])('it is seen to be begun %s', (_how, ids, standing) => {
  const w = ready();
  w.nodes.forEach((node, i) => {
    edit(
      node,
      'vols/v/node_state.info',
      () => `rebalance_status=1\nrebalance_op=19\nrebalance-id=${ids[i] ?? ''}\n`,
    );
  });
  expect(volumeRebalance.standing(args(), w.view())).toBe(standing);
});
