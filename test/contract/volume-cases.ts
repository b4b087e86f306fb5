/** What commands do to a volume on every node, without a fault. Each case has a volume of its own. */
import { describe, expect, it } from 'vitest';
import { isOnline, locate } from '../../src/view/brick.ts';
import { launchOf } from '../../src/actions/launch.ts';
import { volumeName } from '../../src/model/names.ts';
import type { NodeFacts, VolumeTask } from '../../src/model/observed.ts';
import { moversOf } from '../../src/view/rebalance.ts';
import { removalOf } from '../../src/view/removal.ts';
import { brickProcesses, stateOf } from '../../src/view/view.ts';
import { type Harness, NODES, one, pathOf, pidOf, three, two } from './harness.ts';

export function volumeCases(b: () => Harness): void {
  const brickOnline = (volume: string, directory: string, ...nodes: readonly string[]): Promise<true> =>
    b().until(`the bricks ${directory} of ${volume} are online`, async () => {
      const v = await b().view();
      const located = nodes.map((node) => locate({ volume, node, path: pathOf(directory) }, v));
      return located.every((l) => l !== undefined && isOnline(l)) ? true : undefined;
    });

  const tasksOf = async (volume: string): Promise<readonly (VolumeTask | undefined)[]> =>
    (await b().view()).nodes.map((f) => f.store.volumes.get(volumeName(volume))?.task);

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

    it('is healed when that is asked for, and says where it cannot be', async () => {
      await b().started('heals');
      await b().until('a heal can be begun', async () => {
        const begun = await b().linkOf(two).beginHeal('heals');
        return begun.ok ? true : undefined;
      });
      expect(await b().versions('heals')).toEqual([2, 2, 2]);
      expect(await b().linkOf(two).beginHeal('nothing')).toMatchObject({
        ok: false,
        error: { code: 'command-failed', cause: expect.stringMatching(/does not exist/) as string },
      });
    });

    it('gains a replica set and loses it again; the bricks that stay go on serving', async () => {
      const before = await b().started('grow');
      const more = NODES.map((n) => `${n}:${pathOf('grow2')}`);
      await b().good('volume', 'add-brick', 'grow', ...more);
      expect(await b().versions('grow')).toEqual([3, 3, 3]);
      await brickOnline('grow', 'grow2', ...NODES);
      for (const f of (await b().view()).nodes) {
        const volume = f.store.volumes.get(volumeName('grow'));
        expect(volume?.bricks.map((x) => x.brickId)).toEqual(
          [0, 1, 2, 3, 4, 5].map((i) => `grow-client-${String(i)}`),
        );
        const [process] = brickProcesses(f, 'grow', pathOf('grow2'));
        const own = volume?.bricks.find((x) => x.hostname === f.node && x.path === pathOf('grow2'));
        expect(own?.listenPort).toBe(process?.brick?.port);
        expect(pidOf(f, 'grow')).toBe(pidOf(before.facts(f.node), 'grow'));
      }
      await b().good('volume', 'remove-brick', 'grow', ...more, 'force');
      expect(await b().versions('grow')).toEqual([4, 4, 4]);
      for (const node of NODES) {
        const f = await b().facts(node, pathOf('grow2'));
        expect(f.store.volumes.get(volumeName('grow'))?.bricks).toHaveLength(3);
        expect(brickProcesses(f, 'grow', pathOf('grow2'))).toEqual([]);
        expect(f.paths.get(pathOf('grow2'))?.volumeId).toBe(f.store.volumes.get(volumeName('grow'))?.id);
        expect(pidOf(f, 'grow')).toBe(pidOf(before.facts(f.node), 'grow'));
      }
      expect(
        await b().cluster.gluster(one, ['volume', 'add-brick', 'grow', `${one}:${pathOf('grow3')}`]),
      ).toEqual({ kind: 'failed', message: 'Incorrect number of bricks supplied 1 with count 3' });
    });

    it('gains copies, each last in its set, and an arbiter; and loses them again', async () => {
      const path = pathOf('copies');
      const option = 'performance.client-io-threads';
      const seen = async (): Promise<readonly unknown[]> => {
        const copies = (await b().view()).nodes.map((f) => f.store.volumes.get(volumeName('copies')));
        const words = copies.map((copy) => [
          copy?.version,
          copy?.layout,
          copy?.bricks.map((x) => `${x.hostname} ${x.path} ${x.brickId}`),
          copy?.options.get(option),
        ]);
        expect(new Set(words.map((w) => JSON.stringify(w))).size).toBe(1);
        return words[0] ?? [];
      };
      const replica = (n: number, arbiter: 0 | 1): object => ({ kind: 'replicate', replica: n, arbiter });
      const a = `${one} ${path} copies-client-0`;
      const second = `${two} ${path} copies-client-1`;
      const third = `${three} ${path} copies-client-2`;
      const [twoAt, threeAt] = [`${two}:${path}`, `${three}:${path}`];
      await b().good('volume', 'create', 'copies', `${one}:${path}`);
      await b().good('volume', 'start', 'copies');
      await brickOnline('copies', 'copies', one);
      const healing = (await b().view()).nodes.map((f) => stateOf(f)?.volumes.get(volumeName('copies')));
      expect(healing.map((v) => v?.selfHealOnline)).toEqual(NODES.map(() => false));
      await b().good('volume', 'add-brick', 'copies', 'replica', '2', twoAt);
      await brickOnline('copies', 'copies', one, two);
      expect(await seen()).toEqual([3, replica(2, 0), [a, second], 'off']);
      await b().good('volume', 'set', 'copies', option, 'on');
      const arbiter = ['replica', '3', 'arbiter', '1', threeAt];
      await b().good('volume', 'add-brick', 'copies', ...arbiter);
      await brickOnline('copies', 'copies', ...NODES);
      expect(await seen()).toEqual([5, replica(3, 1), [a, second, third], 'on']);
      const refused = async (verb: string, ...words: readonly string[]): Promise<unknown> =>
        b().cluster.gluster(one, ['volume', verb, 'copies', ...words]);
      expect(await refused('add-brick', 'replica', '4', `${two}:${path}4`)).toEqual({
        kind: 'failed',
        message: 'Increasing replica count for arbiter volumes is not supported.',
      });
      expect(await refused('remove-brick', 'replica', '2', twoAt, 'force')).toEqual({
        kind: 'failed',
        message: 'Remove arbiter brick(s) only when converting from arbiter to replica 2 subvolume.',
      });
      await b().good('volume', 'remove-brick', 'copies', 'replica', '2', threeAt, 'force');
      expect(await seen()).toEqual([6, replica(2, 0), [a, second], 'on']);
      await b().good('volume', 'set', 'copies', option, 'off');
      await b().good('volume', 'remove-brick', 'copies', 'replica', '1', `${one}:${path}`, 'force');
      expect(await seen()).toEqual([8, { kind: 'distribute' }, [second], 'on']);
      const left = await b().facts(one, path);
      expect(brickProcesses(left, 'copies', path)).toEqual([]);
      expect(left.paths.get(path)?.volumeId).toBeDefined();
    });

    it('moves files to a set that came: how that ended is on the disk of each node', async () => {
      await b().started('move');
      const more = NODES.map((n) => `${n}:${pathOf('move2')}`);
      await b().good('volume', 'add-brick', 'move', ...more);
      await brickOnline('move', 'move2', ...NODES);
      const tasks = (): ReturnType<typeof tasksOf> => tasksOf('move');
      const over = (): Promise<true> =>
        b().until('no process moves files', async () =>
          moversOf('move', await b().view()).length === 0 ? true : undefined,
        );
      expect(await tasks()).toEqual([undefined, undefined, undefined]);
      await b().good('volume', 'rebalance', 'move', 'start');
      const begun = await tasks();
      expect(new Set(begun.map((t) => t?.id)).size).toBe(1);
      const moved = await b().linkOf(two).moved('move', []);
      expect(moved.ok ? moved.value.map((m) => m.uuid).sort() : moved.error).toEqual(
        (await b().view()).nodes.map((f) => f.store.uuid ?? '').sort(),
      );
      await over();
      expect((await tasks()).map((t) => [t?.kind, t?.id, t?.status])).toEqual(
        NODES.map(() => ['rebalance', begun[0]?.id, 'completed']),
      );
      await b().good('volume', 'rebalance', 'move', 'fix-layout', 'start');
      await over();
      expect((await tasks()).map((t) => [t?.kind, t?.status, t?.id === begun[0]?.id])).toEqual(
        NODES.map(() => ['fix-layout', 'completed', false]),
      );
      expect(await b().versions('move')).toEqual([3, 3, 3]);
    });

    it('moves files on the nodes with bricks: another member has the id of it, and no part', async () => {
      const at = (node: string, name: string): string => `${node}:${pathOf(name)}`;
      await b().good('volume', 'create', 'part', at(one, 'part'), at(two, 'part'));
      await b().good('volume', 'start', 'part');
      await brickOnline('part', 'part', one, two);
      await b().good('volume', 'add-brick', 'part', at(one, 'part2'));
      await brickOnline('part', 'part2', one);
      await b().good('volume', 'rebalance', 'part', 'start');
      expect((await tasksOf('part')).map((t) => t?.kind)).toEqual(['rebalance', 'rebalance', undefined]);
      await b().until('no process moves files', async () =>
        moversOf('part', await b().view()).length === 0 ? true : undefined,
      );
    });

    it('lets bricks go: their files are carried away, and a stop keeps them', async () => {
      await b().started('leave');
      const more = NODES.map((n) => `${n}:${pathOf('leave2')}`);
      await b().good('volume', 'add-brick', 'leave', ...more);
      await brickOnline('leave', 'leave2', ...NODES);
      const removal = async (): Promise<ReturnType<typeof removalOf>> => {
        const view = await b().view();
        const best = view.volumes.get(volumeName('leave'))?.best;
        return best && removalOf(best, view);
      };
      const isOver = (): Promise<string> =>
        b().until('no process carries files away', async () => {
          const state = (await removal())?.state;
          return state === 'running' ? undefined : state;
        });
      const remove = (word: string): Promise<void> =>
        b().good('volume', 'remove-brick', 'leave', ...more, word);
      expect(await b().cluster.gluster(one, ['volume', 'remove-brick', 'leave', ...more, 'commit'])).toEqual({
        kind: 'failed',
        message: expect.stringMatching(/is not decommissioned/) as string,
      });
      await remove('start');
      expect((await removal())?.leaving.map((x) => `${x.hostname}:${x.path}`)).toEqual(more);
      expect(new Set((await removal())?.parts.map(({ task }) => task.kind))).toEqual(
        new Set(['remove-brick']),
      );
      const moved = await b().linkOf(two).moved('leave', more);
      expect(moved.ok ? moved.value.map((m) => m.uuid).sort() : moved.error).toEqual(
        (await b().view()).nodes.map((f) => f.store.uuid ?? '').sort(),
      );
      expect(await isOver()).toBe('completed');
      expect(await b().cluster.gluster(one, ['volume', 'rebalance', 'leave', 'start'])).toMatchObject({
        kind: 'failed',
      });
      await remove('stop');
      expect(await removal()).toBeUndefined();
      expect((await tasksOf('leave')).map((t) => t?.id)).toEqual(['', '', '']);
      await remove('start');
      await isOver();
      await remove('commit');
      expect(await removal()).toBeUndefined();
      expect((await tasksOf('leave')).map((t) => [t?.kind, t?.id])).toEqual(
        NODES.map(() => ['rebalance', '']),
      );
      expect(await b().versions('leave')).toEqual([7, 7, 7]);
      for (const f of (await b().view(pathOf('leave2'))).nodes) {
        const { bricks = [] } = f.store.volumes.get(volumeName('leave')) ?? {};
        expect(bricks.map((x) => x.path)).toEqual(NODES.map(() => pathOf('leave')));
        expect(f.paths.get(pathOf('leave2'))?.volumeId).toBeDefined();
      }
    });

    it('has a brick replaced, which keeps its number; the old one keeps its marks', async () => {
      const before = await b().started('swap');
      const [from, to] = [`${two}:${pathOf('swap')}`, `${two}:${pathOf('swap2')}`];
      await b().good('volume', 'replace-brick', 'swap', from, to, 'commit', 'force');
      expect(await b().versions('swap')).toEqual([3, 3, 3]);
      await brickOnline('swap', 'swap2', two);
      for (const f of (await b().view(pathOf('swap'))).nodes) {
        const volume = f.store.volumes.get(volumeName('swap'));
        expect(volume?.bricks.map((x) => [`${x.hostname}:${x.path}`, x.brickId])).toEqual([
          [`${one}:${pathOf('swap')}`, 'swap-client-0'],
          [to, 'swap-client-1'],
          [`${three}:${pathOf('swap')}`, 'swap-client-2'],
        ]);
        const isOwner = f.node === two;
        expect(pidOf(f, 'swap')).toBe(isOwner ? undefined : pidOf(before.facts(f.node), 'swap'));
        if (isOwner) expect(f.paths.get(pathOf('swap'))?.volumeId).toBe(volume?.id);
      }
    });

    it('has a brick reset whose disk is new: it is made, marked and served in its place', async () => {
      const before = await b().started('blank');
      const word = `${two}:${pathOf('blank')}`;
      await b().cluster.emptyBrick(two, pathOf('blank'));
      await b().good('volume', 'reset-brick', 'blank', word, word, 'commit', 'force');
      expect(await b().versions('blank')).toEqual([3, 3, 3]);
      await brickOnline('blank', 'blank', two);
      for (const f of (await b().view(pathOf('blank'))).nodes) {
        const volume = f.store.volumes.get(volumeName('blank'));
        expect(volume?.bricks.map((x) => [x.hostname, x.brickId, x.mountDir])).toEqual(
          [one, two, three].map((node, i) => [node, `blank-client-${String(i)}`, '/blank']),
        );
        const isOwner = f.node === two;
        if (!isOwner) expect(pidOf(f, 'blank')).toBe(pidOf(before.facts(f.node), 'blank'));
        else expect(f.paths.get(pathOf('blank'))).toMatchObject({ volumeId: volume?.id, gfid: true });
      }
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
