/** The divergence that a change leaves when it fails on one node: what rollback and recover are for. */
import { describe, expect, it } from 'vitest';
import { type Harness, NODES, one, pathOf, pidOf, STORE, three, two } from './harness.ts';

export function failureCases(b: () => Harness): void {
  describe('a change that fails on one node', () => {
    it('set: committed on the others, one version behind there, and nobody is rejected', async () => {
      await b().create('lag');
      await b().cluster.immutable(two, `${STORE}/vols/lag`);
      const outcome = await b().cluster.gluster(one, ['volume', 'set', 'lag', 'network.ping-timeout', '21']);
      await b().cluster.mutable(two, `${STORE}/vols/lag`);
      expect(outcome).toEqual({
        kind: 'failed',
        message: `Commit failed on ${two}. Please check log file for details.`,
      });
      expect(await b().versions('lag')).toEqual([2, 1, 2]);
      expect((await b().remembered(two, 'lag'))?.options.has('network.ping-timeout')).toBe(false);
      await b().good('volume', 'set', 'lag', 'network.frame-timeout', '100');
      expect(await b().versions('lag')).toEqual([3, 2, 3]);
      expect((await b().copy(two, 'lag'))?.options.has('network.ping-timeout')).toBe(false);
      expect((await b().view()).nodes.every((f) => b().isConnected(f))).toBe(true);
    });

    it('on the originator: nothing happened anywhere', async () => {
      await b().create('self');
      await b().cluster.immutable(one, `${STORE}/vols/self`);
      const outcome = await b().cluster.gluster(one, ['volume', 'set', 'self', 'network.ping-timeout', '21']);
      await b().cluster.mutable(one, `${STORE}/vols/self`);
      expect(outcome).toEqual({
        kind: 'failed',
        message: 'Commit failed on localhost. Please check the log file for more details.',
      });
      expect(await b().versions('self')).toEqual([1, 1, 1]);
    });

    it('start: memory and process are there, the store is not; force repairs it', async () => {
      await b().create('half');
      await b().cluster.immutable(two, `${STORE}/vols/half`);
      const outcome = await b().cluster.gluster(one, ['volume', 'start', 'half']);
      await b().cluster.mutable(two, `${STORE}/vols/half`);
      expect(outcome).toMatchObject({
        message: `Commit failed on ${two}. Please check log file for details.`,
      });
      expect(await b().versions('half')).toEqual([2, 1, 2]);
      expect((await b().copy(two, 'half'))?.status).toBe('created');
      expect((await b().remembered(two, 'half'))?.status).toBe('started');
      expect(pidOf(await b().facts(two), 'half')).toBeDefined();
      await b().good('volume', 'start', 'half', 'force');
      expect(await b().versions('half')).toEqual([2, 2, 2]);
    });

    it('stop: the brick is gone all the same, the store still says started', async () => {
      await b().started('stuck');
      await b().cluster.immutable(two, `${STORE}/vols/stuck`);
      await b().cluster.gluster(one, ['volume', 'stop', 'stuck']);
      await b().cluster.mutable(two, `${STORE}/vols/stuck`);
      expect(await b().versions('stuck')).toEqual([3, 2, 3]);
      expect((await b().copy(two, 'stuck'))?.status).toBe('started');
      expect((await b().remembered(two, 'stuck'))?.status).toBe('stopped');
      expect(pidOf(await b().facts(two), 'stuck')).toBeUndefined();
    });

    it('delete: gone on the others, and back everywhere once that glusterd starts again', async () => {
      await b().create('undead');
      await b().cluster.immutable(two, `${STORE}/vols/undead`);
      const outcome = await b().cluster.gluster(one, ['volume', 'delete', 'undead']);
      await b().cluster.mutable(two, `${STORE}/vols/undead`);
      expect(outcome).toMatchObject({
        message: `Commit failed on ${two}. Please check log file for details.`,
      });
      expect(await b().versions('undead')).toEqual([undefined, 1, undefined]);
      const again = await b().cluster.gluster(two, ['volume', 'delete', 'undead']);
      const missing = (node: string): string =>
        `Staging failed on ${node}. Error: Volume undead does not exist`;
      expect(again.kind === 'failed' && again.message.split('\n').sort()).toEqual([
        missing(one),
        missing(three),
      ]);
      await b().restart('undead', two);
      await b().until(
        'it is back everywhere',
        async () => (await b().versions('undead')).every((v) => v === 1) || undefined,
      );
    });

    it('create: stamped there and unknown there', async () => {
      await b().cluster.immutable(two, `${STORE}/vols`);
      const bricks = NODES.map((n) => `${n}:${pathOf('torn')}`);
      const outcome = await b().cluster.gluster(one, ['volume', 'create', 'torn', 'replica', '3', ...bricks]);
      await b().cluster.mutable(two, `${STORE}/vols`);
      expect(outcome).toMatchObject({
        message: `Commit failed on ${two}. Error: Failed to store the Volume information`,
      });
      expect(await b().versions('torn')).toEqual([1, undefined, 1]);
      const at = (await b().facts(two, pathOf('torn'))).paths.get(pathOf('torn'));
      expect(at?.volumeId).toBe((await b().copy(one, 'torn'))?.id);
      expect(await b().cluster.gluster(one, ['volume', 'start', 'torn'])).toMatchObject({
        message: `Pre Validation failed on ${two}. Volume torn does not exist`,
      });
      await b().restart('torn', two);
      await b().until(
        'it is there too',
        async () => (await b().versions('torn')).every((v) => v === 1) || undefined,
      );
    });
  });
}
