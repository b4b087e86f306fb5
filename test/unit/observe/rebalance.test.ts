/** What a node has of a rebalance on its disks, as glusterd 10.3 wrote it. */
import { describe, expect, it } from 'vitest';
import type { VolumeTask } from '../../../src/model/observed.ts';
import { readPaths } from '../../../src/observe/read-paths.ts';
import { volumeName } from '../../../src/model/names.ts';
import { edit, world } from '../../worlds.ts';

const ID = '639666fc-0c1a-4d34-b837-9eb6908a8ca3';
const NO_ID = '00000000-0000-0000-0000-000000000000';
const state = (command: number, status: number, operation: number, id: string, moved = [0, 0, 0]): string =>
  `rebalance_status=${String(command)}\nstatus=${String(status)}\nrebalance_op=${String(operation)}\n` +
  `rebalance-id=${id}\nrebalanced-files=${String(moved[0])}\nsize=${String(moved[1])}\nscanned=142\n` +
  `failures=${String(moved[2])}\nskipped=0\nrun-time=4.000000\n`;

describe('node_state.info', () => {
  it.each<readonly [string, string, Partial<VolumeTask> | undefined]>([
    ['of a volume without one', state(0, 0, 0, NO_ID), undefined],
    ['while it runs', state(1, 1, 19, ID), { kind: 'rebalance', id: ID, status: 'running', files: 0 }],
    [
      'at its end',
      state(1, 3, 19, ID, [95, 348, 2]),
      { kind: 'rebalance', id: ID, status: 'completed', files: 95, bytes: 348, failures: 2 },
    ],
    [
      'stopped: number and id are gone',
      state(1, 2, 0, NO_ID),
      { kind: 'rebalance', id: '', status: 'stopped' },
    ],
    ['of a process that was killed', state(1, 4, 19, ID), { status: 'failed' }],
    ['of a fix of the layout', state(4, 3, 19, ID), { kind: 'fix-layout', status: 'completed' }],
    ['on a node without a part in it', state(1, 0, 19, ID), { id: ID, status: 'not-started' }],
    ['of a removal of bricks', state(5, 3, 9, ID), { kind: 'remove-brick', status: 'completed' }],
  ])('%s', (_when, text, task) => {
    const w = world();
    edit(w.node('node01'), 'vols/v/node_state.info', () => text);
    const read = w.view().volumes.get(volumeName('v'))?.copies.get(w.node('node01').node)?.task;
    if (task === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(task);
  });
});

describe('the root of a brick', () => {
  it.each([
    ['with a part of the volume', '0x0000000100000000000000007ffffffe', true],
    ['with one that begins later', '0x000000010000000055555555aaaaaaa9', true],
    ['with none, after a removal was stopped', '0x00000000000000000000000000000000', false],
    ['that came, and nothing followed', undefined, undefined],
  ])('%s', (_when, value, takesFiles) => {
    const dht = value === undefined ? '' : `trusted.glusterfs.dht=${value}\n`;
    const read = readPaths({
      paths: '7\t1\tdirectory\t/b\t/b/v\n',
      xattrs: `# file: /b/v\ntrusted.gfid=0x00000000000000000000000000000001\n${dht}`,
      entries: '',
    });
    expect(read.get('/b/v')?.takesFiles).toBe(takesFiles);
  });

  it.each([
    ['all names of them', ['f'.repeat(8)], true],
    ['a part of the names', ['7ffffffe'], false],
    ['no names', ['0'.repeat(8)], false],
    ['all names of some', ['f'.repeat(8), '7ffffffe', 'f'.repeat(8)], false],
  ])('and its first directories: it has %s', (_what, ends, isLone) => {
    const marks = ends.map(
      (end, i) => `# file: /b/v/${String(i)}\ntrusted.glusterfs.dht=0x${'0'.repeat(24)}${end}\n`,
    );
    const read = readPaths({
      paths: '7\t1\tdirectory\t/b\t/b/v\n',
      xattrs: '',
      entries: `0\t.glusterfs/old/\t\t/b/v\n${marks.join('\n')}`,
    });
    expect(read.get('/b/v')).toMatchObject({ entries: ['.glusterfs', 'old'], isLone });
  });
});
