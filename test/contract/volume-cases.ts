/** What commands do to a volume on every node, without a fault. Each case has a volume of its own. */
import { describe, expect, it } from 'vitest';
import { locate } from '../../src/view/brick.ts';
import { launchOf } from '../../src/actions/brick-start.ts';
import { volumeName } from '../../src/model/names.ts';
import { type NodeFacts } from '../../src/model/observed.ts';
import { brickProcesses, stateOf } from '../../src/view/view.ts';
import { type Harness, NODES, one, pathOf, pidOf, two } from './harness.ts';

export function volumeCases(b: () => Harness): void {
  describe('a volume', () => {
    it('is created with version 1 on all nodes, its brick directories stamped', async () => {
      await b().create('make');
      const v = await b().view();
      for (const f of v.nodes) {
        const volume = f.store.volumes.get(volumeName('make'));
        expect(volume).toMatchObject({ version: 1, status: 'created', transport: 'tcp' });
        expect(volume?.layout).toEqual({ kind: 'replicate', replica: 3, arbiter: 0 });
        expect(Object.fromEntries(volume?.options ?? [])).toEqual({
          'cluster.granular-entry-heal': 'on',
          'storage.fips-mode-rchecksum': 'on',
          'transport.address-family': 'inet',
          'nfs.disable': 'on',
          'performance.client-io-threads': 'off',
        });
        expect(f.paths.get(pathOf('make'))).toMatchObject({
          volumeId: volume?.id,
          gfid: false,
          entries: ['.glusterfs'],
        });
        expect(volume?.bricks.map((b) => [b.brickId, b.mountDir, b.listenPort])).toEqual(
          [0, 1, 2].map((i) => [`make-client-${String(i)}`, '/make', 0]),
        );
        expect(stateOf(f)?.volumes.get(volumeName('make'))).toMatchObject({ status: 'created' });
        expect(f.store.problems).toEqual([]);
      }
      expect(new Set(v.nodes.map((f) => f.store.volumes.get(volumeName('make'))?.signature)).size).toBe(1);
    });

    it('is started with version 2, its bricks with the argv and port of store and memory', async () => {
      const v = await b().started('run');
      expect(await b().versions('run')).toEqual([2, 2, 2]);
      for (const f of v.nodes) {
        const located = locate({ volume: 'run', node: f.node, path: pathOf('run') }, v);
        const [process, ...more] = brickProcesses(f, 'run', pathOf('run'));
        const port = located?.believed?.local.port;
        if (located === undefined || process === undefined) throw new Error('no brick');
        expect(more).toEqual([]);
        expect(process.argv.slice(1)).toEqual(launchOf(located).argv);
        expect(process.ports).toEqual([port]);
        expect(located.brick.listenPort).toBe(port);
        expect(f.pidFiles).toContainEqual({ path: process.brick?.pidFile, pid: process.pid, alive: true });
        expect(f.sockets).toContain(process.brick?.socket);
        expect(f.paths.get(pathOf('run'))?.gfid).toBe(true);
        const foreign = located.volume.bricks.filter((b) => b.hostname !== f.node);
        expect(foreign.map((b) => b.listenPort)).toEqual([0, 0]);
      }
    });

    it('takes several options as one change, and a reset of what is not set as none', async () => {
      await b().create('opts');
      await b().good('volume', 'set', 'opts', 'network.ping-timeout', '33', 'user.who', 'eva');
      for (const node of NODES) {
        const [disk, memory] = [await b().copy(node, 'opts'), await b().remembered(node, 'opts')];
        expect(disk?.version).toBe(2);
        expect(disk?.options.get('network.ping-timeout')).toBe('33');
        expect(disk?.options.get('user.who')).toBe('eva');
        expect(memory?.options.get('network.ping-timeout')).toBe('33');
      }
      await b().good('volume', 'reset', 'opts', 'network.ping-timeout');
      expect(await b().versions('opts')).toEqual([3, 3, 3]);
      expect((await b().copy(two, 'opts'))?.options.has('network.ping-timeout')).toBe(false);
      await b().good('volume', 'reset', 'opts', 'network.frame-timeout');
      expect(await b().versions('opts')).toEqual([3, 3, 3]);
    });

    it('is stopped with one more version, no brick left, the last port still in the store', async () => {
      const before = await b().started('halt');
      await b().good('volume', 'stop', 'halt');
      expect(await b().versions('halt')).toEqual([3, 3, 3]);
      for (const f of (await b().view()).nodes) {
        expect(pidOf(f, 'halt')).toBeUndefined();
        expect(f.pidFiles.filter((p) => p.path.includes('/vols/halt/'))).toEqual([]);
        const port = (x: NodeFacts | undefined): readonly number[] | undefined =>
          x?.store.volumes.get(volumeName('halt'))?.bricks.map((b) => b.listenPort);
        expect(port(f)).toEqual(port(before.facts(f.node)));
      }
      expect(await b().cluster.gluster(one, ['volume', 'stop', 'halt'])).toEqual({
        kind: 'failed',
        message: 'Volume halt is not in the started state',
      });
      await b().good('volume', 'stop', 'halt', 'force');
      expect(await b().versions('halt')).toEqual([4, 4, 4]);
    });

    it('is deleted everywhere, and its bricks keep their marks', async () => {
      await b().started('gone');
      expect(await b().cluster.gluster(one, ['volume', 'delete', 'gone'])).toEqual({
        kind: 'failed',
        message: 'Volume gone has been started.Volume needs to be stopped before deletion.',
      });
      await b().good('volume', 'stop', 'gone');
      await b().good('volume', 'delete', 'gone');
      expect(await b().versions('gone')).toEqual([undefined, undefined, undefined]);
      for (const node of NODES) {
        const f = await b().facts(node, pathOf('gone'));
        expect(f.store.directories).not.toContain('vols/gone');
        expect(f.paths.get(pathOf('gone'))).toMatchObject({ gfid: true });
        expect(f.paths.get(pathOf('gone'))?.entries).toContain('.glusterfs');
      }
      const again = ['volume', 'create', 'gone2', `${two}:${pathOf('gone')}`];
      expect(await b().cluster.gluster(one, again)).toEqual({
        kind: 'failed',
        message: `Staging failed on ${two}. Error: ${pathOf('gone')} is already part of a volume`,
      });
    });

    it.each([
      [['volume', 'start', 'nowhere'], 'Volume nowhere does not exist'],
      [['volume', 'set', 'nowhere', 'network.ping-timeout', '3'], 'Volume nowhere does not exist'],
      [
        ['volume', 'create', 'bad', 'NODE:/bricks/d1/no/such'],
        'Failed to create brick directory for brick NODE:/bricks/d1/no/such. ' +
          'Reason : No such file or directory',
      ],
      [
        ['volume', 'create', 'bad', 'stranger:/bricks/d1/bad'],
        "Host stranger is not in 'Peer in Cluster' state",
      ],
      [['peer', 'detach', 'stranger'], 'stranger is not part of cluster'],
    ])('refuses %j in these words', async (argv, message) => {
      const words = argv.map((w) => w.replace('NODE', one));
      const outcome = await b().cluster.gluster(one, words);
      expect(outcome).toEqual({ kind: 'failed', message: message.replace('NODE', one) });
    });
  });
}
