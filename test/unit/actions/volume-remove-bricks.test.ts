/** What keeps bricks from leaving a volume: before their files move, and before they are taken out. */
import { describe, expect, it } from 'vitest';
import { volumeRemoveBricks, volumeRemoveBricksCommit } from '../../../src/actions/volume-remove-bricks.ts';
import { edit, idOf, type World, world } from '../../worlds.ts';

const BRICKS = ['node01:/bricks/d1/v', 'node02:/bricks/d1/v', 'node03:/bricks/d1/v'];
const args = { volume: 'v', sets: [['node03:/bricks/d1/v']] };
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

const spread = (options: Readonly<Record<string, string>> = { 'cluster.lookup-optimize': 'off' }): World =>
  world({ volumes: [{ name: 'v', layout: { kind: 'distribute' }, bricks: BRICKS, options }] });

const state = (status: number, more = 'failures=0\nskipped=0\n', id = idOf(8, 1)): string =>
  `rebalance_status=5\nstatus=${String(status)}\nrebalance_op=9\nrebalance-id=${id}\n${more}`;

/** The brick of node03 is on its way out. */
function leaving(text: string): World {
  const w = spread();
  for (const n of w.nodes) {
    edit(n, 'vols/v/bricks/node03:-bricks-d1-v', (brick) =>
      brick.replace('decommissioned=0', 'decommissioned=1'),
    );
    edit(n, 'vols/v/node_state.info', () => (n.node === 'node03' ? text : state(0)));
  }
  return w;
}

describe('no file of them is moved', () => {
  it.each<readonly [string, (w: World) => void, RegExp]>([
    ['where all is well', () => undefined, /^$/],
    [
      'while a brick that stays is down',
      (w) => {
        w.node('node01').processes = w.node('node01').processes.filter((p) => p.role !== 'brick');
      },
      /^node01:.bricks.d1.v is down$/,
    ],
    [
      'while files are moved already',
      (w) => void w.node('node02').processes.push(MOVER),
      /^node02 still moves files of v$/,
    ],
    [
      'of a volume that is stopped',
      (w) => {
        for (const n of w.nodes) edit(n, 'vols/v/info', (t) => t.replace('status=1', 'status=2'));
      },
      /^volume v is not started/,
    ],
    [
      'while another brick leaves',
      (w) => {
        for (const n of w.nodes)
          edit(n, 'vols/v/bricks/node02:-bricks-d1-v', (t) =>
            t.replace('decommissioned=0', 'decommissioned=1'),
          );
      },
      /^a remove-brick of volume v is not over$/,
    ],
  ])('%s', (_when, change, says) => {
    const w = spread();
    change(w);
    expect(volumeRemoveBricks.requires(args, w.view(), w.desired).join('\n')).toMatch(says);
  });

  it('while clients take a miss for an answer', () => {
    const w = spread({});
    expect(volumeRemoveBricks.requires(args, w.view(), w.desired).join()).toMatch(/lookup-optimize is on/);
  });

  it('where no brick would be left', () => {
    const w = spread();
    const all = { volume: 'v', sets: BRICKS.map((b) => [b]) };
    expect(volumeRemoveBricks.requires(all, w.view(), w.desired).join()).toMatch(/would have no brick left/);
  });
});

describe('they are not taken out', () => {
  it.each<readonly [string, string, RegExp]>([
    ['where every file was moved, they are', state(3), /^$/],
    ['where the process is gone and did not come to its end', state(1), /^node03: running/],
    ['where it never began', state(0), /^node03: not-started/],
    ['where it failed', state(4), /^node03: failed/],
    ['where it was stopped', state(2), /^node03: stopped/],
    ['where a file failed', state(3, 'failures=1\nskipped=0\n'), /1 failed, 0 skipped/],
    ['where a file was skipped', state(3, 'failures=0\nskipped=2\n'), /0 failed, 2 skipped/],
    ['where nothing is known of it', 'rebalance_status=0\nstatus=0\nrebalance_op=0\n', /nothing is known/],
  ])('%s', (_when, text, says) => {
    const w = leaving(text);
    expect(volumeRemoveBricksCommit.requires(args, w.view(), w.desired).join('\n')).toMatch(says);
  });

  it('while their node cannot be read', () => {
    const w = leaving(state(3));
    w.node('node03').unreachable = true;
    expect(volumeRemoveBricksCommit.requires(args, w.view(), w.desired)).not.toEqual([]);
  });

  it('while a process moves files', () => {
    const w = leaving(state(3));
    w.node('node03').processes.push(MOVER);
    expect(volumeRemoveBricksCommit.requires(args, w.view(), w.desired)).toEqual([
      'node03 still moves files of v',
    ]);
  });

  it('where others leave than these', () => {
    const w = leaving(state(3));
    const other = { volume: 'v', sets: [['node02:/bricks/d1/v']] };
    expect(volumeRemoveBricksCommit.requires(other, w.view(), w.desired).join()).toMatch(/not on their way/);
  });

  it('before the nodes have searched each of them', () => {
    const w = leaving(state(3));
    const [checks, command] = volumeRemoveBricksCommit.calls(args, w.view());
    expect(checks).toMatchObject([{ node: 'node03', op: { kind: 'check-emptied', path: '/bricks/d1/v' } }]);
    expect(command).toMatchObject({ op: { argv: ['volume', 'remove-brick', 'v', BRICKS[2], 'commit'] } });
  });
});
