/** What a deleted volume has left, and what of it goes: processes, then marks, and nothing of others. */
import { describe, expect, it } from 'vitest';
import { brickPath, nodeName, volumeName } from '../../../src/model/names.ts';
import { leftoverPlan, withLeaving } from '../../../src/plan/leftovers.ts';
import { brickProcess, directory, volumeId, world, type World } from '../../worlds.ts';

const PATH = '/bricks/d1/gone';
const NODES = ['node01', 'node02', 'node03'];
const PID = 1999;

/** `v` runs; `gone` is in no store, and its bricks carry its marks. */
function marked(): World {
  const w = world({ volumes: [{ name: 'v' }] });
  for (const name of NODES)
    w.node(name).paths.set(PATH, {
      ...directory(PATH, '/', 1),
      volumeId: volumeId(9),
      entries: ['.glusterfs'],
    });
  return w;
}

function leftovers(w: World) {
  const bricks = NODES.map((n) => ({ node: nodeName(n), path: brickPath(PATH) }));
  const leaving = [{ name: volumeName('gone'), id: volumeId(9), bricks }];
  return leftoverPlan(leaving, withLeaving(w.desired, leaving), w.view(), []).steps;
}

it('keeps all its marks where one brick could not be read: it may hold a file', () => {
  const w = marked();
  w.node('node02').unreadPaths.set(PATH, 'Input/output error');
  expect(leftovers(w)).toEqual([]);
});

function serve(w: World, multiplex: boolean): void {
  const node = w.node('node02');
  node.processes.push(
    brickProcess({ volume: 'gone', host: 'node02', path: PATH, port: 51999, pid: PID, multiplex }),
  );
}

describe('a process of a deleted volume', () => {
  it('is ended, by a step that is shown, before any mark goes', () => {
    const w = marked();
    serve(w, false);
    const [end, ...marks] = leftovers(w);
    expect(end).toMatchObject({
      id: `process-end:node02:${String(PID)}`,
      risk: 'disruptive',
      reason: 'volume gone is gone, as the file says',
      summary: `end process ${String(PID)} of node02:${PATH}`,
    });
    expect(marks.map((s) => [s.id, s.after])).toEqual(
      NODES.map((n) => [`brick-clean:${n}:${PATH}`, [end?.id]]),
    );
  });

  it('is left where it serves a brick of another volume too', () => {
    const w = marked();
    serve(w, true);
    const pidFile = '/var/run/gluster/vols/v/node02-bricks-d1-v.pid';
    w.node('node02').pidFiles.push({ path: pidFile, pid: PID, alive: true });
    expect(leftovers(w).map((s) => s.action)).toEqual(NODES.map(() => 'brick-clean'));
  });

  it('is left, with its marks, where a store has the volume again', () => {
    const w = marked();
    for (const name of NODES) w.node(name).paths.set(PATH, directory(PATH, '/', 1));
    const [v] = w.view().volumes.values();
    const leaving = [
      { name: volumeName('v'), id: v?.best.id ?? '', bricks: w.desired.volumes[0]?.bricks ?? [] },
    ];
    expect(leftoverPlan(leaving, w.desired, w.view(), []).steps).toEqual([]);
  });
});
