/** When a handshake is half made: one end hears the other, and not the other way round. */
import { describe, expect, it } from 'vitest';
import { halfConnected } from '../../../src/view/pool.ts';
import { believePeer, nodeUuid, setMemory, world, type World } from '../../worlds.ts';

const deaf = (w: World, from: string, to: number): void => {
  believePeer(w.node(from), nodeUuid(to), { connected: false });
};

describe('a handshake', () => {
  it('is over where everybody hears everybody', () => {
    expect(halfConnected(world().view())).toEqual([]);
  });

  it('is half made where a node that has just started is not called back yet', () => {
    const w = world();
    deaf(w, 'node01', 3);
    deaf(w, 'node02', 3);
    expect(halfConnected(w.view())).toEqual([
      { node: 'node01', other: 'node03' },
      { node: 'node02', other: 'node03' },
    ]);
  });

  it('is not waited for where neither end hears the other', () => {
    const w = world();
    deaf(w, 'node01', 3);
    deaf(w, 'node03', 1);
    expect(halfConnected(w.view())).toEqual([]);
  });

  it('is not waited for where the other glusterd is down', () => {
    const w = world();
    deaf(w, 'node01', 3);
    setMemory(w.node('node03'), 'down');
    expect(halfConnected(w.view())).toEqual([]);
  });
});
