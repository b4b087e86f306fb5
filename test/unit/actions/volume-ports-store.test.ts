/**
 * Ports are rewritten by "volume start V force", which also starts and stamps: when that command is given,
 * and when it is not.
 */
import { expect, it } from 'vitest';
import { actionNamed } from '../../../src/actions/index.ts';
import { edit, world, type World } from '../../worlds.ts';

const BRICK_FILE = 'vols/v/bricks/node02:-bricks-d1-v';

const stale = (w: World): void => {
  edit(w.node('node02'), BRICK_FILE, (text) => text.replace(/^listen-port=.*$/m, 'listen-port=1'));
};
const stopped =
  (...nodes: readonly string[]) =>
  (w: World): void => {
    for (const node of nodes)
      edit(w.node(node), 'vols/v/info', (text) => text.replace(/^status=.*$/m, 'status=2'));
  };
const unmounted = (w: World): void => {
  w.node('node03').paths.delete('/bricks/d1/v');
};

function commands(...changes: readonly ((w: World) => void)[]): number {
  const w = world();
  for (const change of changes) change(w);
  const calls = actionNamed('volume-ports-store').calls({ volume: 'v' }, w.view());
  return calls.filter((call) => 'op' in call && call.op.kind === 'gluster').length;
}

it.each([
  ['where every file has the port right', [], 0],
  ['where one has not', [stale], 1],
  [
    'of a volume that is stopped: a process left over must not start it',
    [stale, stopped('node01', 'node02', 'node03')],
    0,
  ],
  ['of a volume that one node has stopped', [stale, stopped('node01')], 0],
  ['where force would stamp a directory that is not the brick', [stale, unmounted], 0],
] as const)('%s', (_name, changes, count) => {
  expect(commands(...changes)).toBe(count);
});
