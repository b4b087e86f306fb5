/** What a before-image is put back with, besides its files. */
import { expect, it } from 'vitest';
import { storeRestore } from '../../../src/actions/store-repair.ts';
import { world } from '../../worlds.ts';

it('bricks that run keep the ports that they have by then', () => {
  const w = world();
  const nodes = { node01: ['vols/v'], node02: ['glusterd.info'], node03: ['vols/v'] };
  w.node('node03').processes = [];
  const [brick] = w.node('node01').processes.flatMap((p) => p.brick ?? []);
  const path = 'vols/v/bricks/node01:-bricks-d1-v';
  expect([...w.node('node01').files.keys()]).toContain(path);
  const restarted = (node: string, ports: readonly object[]): object => ({ node, op: { ports } });
  const port = brick?.port ?? NaN;
  expect(storeRestore.calls({ transaction: 't', nodes }, w.view())).toMatchObject([
    { restart: [restarted('node01', [{ path, port }]), restarted('node02', []), restarted('node03', [])] },
  ]);
});
