/**
 * Operations on glusterd, processes, store and brick directories of one node, and what glusterd makes of
 * them.
 */
import { describe, expect, it } from 'vitest';
import { isOnline, locate } from '../../src/view/brick.ts';
import { launchOf } from '../../src/actions/launch.ts';
import { nodeName, volumeName } from '../../src/model/names.ts';
import type { NodeFacts } from '../../src/model/observed.ts';
import { type BrickExpectation, type NodeOp, type StoreExpectation } from '../../src/model/op.ts';
import { glusterdProcess } from '../../src/view/settled.ts';
import { watchedLines } from '../../src/view/as-read.ts';
import { brickProcesses, stateOf } from '../../src/view/view.ts';
import { type Harness, NODES, one, owner, pathOf, pidOf, STORE, three, two } from './harness.ts';

export function nodeCases(b: () => Harness): void {
  describe('a brick that a forced start would stamp', () => {
    it('is checked before', async () => {
      const view = await b().started('stamped');
      const facts = view.facts(nodeName(two));
      const path = pathOf('stamped');
      const volumeId = facts?.paths.get(path)?.volumeId ?? '';
      const mountPoint = facts?.paths.get(path)?.mountPoint ?? '';
      const check = (change: Partial<BrickExpectation>): NodeOp => ({
        kind: 'check-bricks',
        bricks: [{ path, volumeId, mountPoint, ...change }],
      });
      await b().inTransaction('stamped', async (perform) => {
        expect(await perform(two, check({}))).toMatchObject({ kind: 'done' });
        expect(await perform(two, check({ path: `${path}-not` }))).toEqual({
          kind: 'failed',
          message: `${path}-not is not a directory`,
        });
        expect(await perform(two, check({ mountPoint: '/' }))).toEqual({
          kind: 'failed',
          message: `${path} is no longer on the file system it was on`,
        });
        expect(await perform(two, check({ volumeId: '00000000-0000-4000-8000-000000000000' }))).toEqual({
          kind: 'failed',
          message: `${path} does not carry the volume-id of its volume`,
        });
      });
    });
  });

  describe('the mark of a drained node', () => {
    it('is read as it was written, and gone when it is removed, twice too', async () => {
      const mark = { who: 'ann@desk', when: '2026-01-01T00:00:00.000Z', why: `it's "new"\n$(disk)` };
      await b().inTransaction('drained', async (perform) => {
        for (const content of [mark, { ...mark, why: '' }]) {
          const write: NodeOp = { kind: 'mark-drained', mark: content };
          expect(await perform(two, write)).toMatchObject({ kind: 'done' });
          expect((await b().facts(two)).drained).toEqual(content);
        }
        for (let times = 0; times < 2; times++) {
          expect(await perform(two, { kind: 'mark-drained', mark: null })).toMatchObject({ kind: 'done' });
          expect((await b().facts(two)).drained).toBeUndefined();
        }
      });
    });
  });

  describe('glusterd', () => {
    it('is stopped and started without its bricks', async () => {
      const before = await b().started('calm');
      await b().inTransaction('calm', async (perform) => {
        const check: NodeOp = { kind: 'check-store', paths: ['vols/calm'] };
        expect(await perform(two, check)).toMatchObject({ kind: 'done' });
        expect((await b().facts(two)).memory.kind).toBe('up');
        expect(await perform(two, { kind: 'stop-glusterd' })).toMatchObject({ kind: 'done' });
        const down = await b().facts(two);
        expect(down.memory.kind).toBe('down');
        expect(pidOf(down, 'calm')).toBe(pidOf(before.facts(nodeName(two)), 'calm'));
        expect(await perform(two, { kind: 'start-glusterd', argv: [] })).toMatchObject({ kind: 'done' });
      });
      await b().pool();
      const after = await b().allOnline('calm');
      expect(pidOf(after.facts(nodeName(two)), 'calm')).toBe(pidOf(before.facts(nodeName(two)), 'calm'));
    });

    /** Stopped under a lock whose holder sends no heartbeat; the next lock waits for what the node does. */
    async function leftStopped(id: string, others: readonly string[], isDone: boolean): Promise<NodeFacts> {
      const edit = { path: `vols/${id}/note`, base64: Buffer.from('left').toString('base64') };
      const work: NodeOp = { kind: 'edit-store', writes: [edit], removes: [] };
      const entrusted = { work, others: others.map(nodeName), argv: [] };
      await b().cluster.lockAndFallSilent(two, owner(id));
      const perform = async (op: NodeOp): Promise<void> => {
        expect(await b().linkOf(two).perform(op, id)).toMatchObject({ kind: 'done' });
      };
      await perform({ kind: 'stop-glusterd', entrusted });
      if (isDone) await perform(work);
      expect((await b().facts(two)).memory.kind).toBe('down');
      await b().until('the lock is free', async () =>
        (await b().facts(two)).lock?.held === false ? true : undefined,
      );
      const next = await b()
        .linkOf(two)
        .lock(owner(`${id}-next`));
      if (!next.ok) throw new Error(next.error.title);
      const facts = await b().facts(two);
      if (facts.memory.kind !== 'up') {
        const start: NodeOp = { kind: 'start-glusterd', argv: [] };
        expect(await b().linkOf(two).perform(start, `${id}-next`)).toMatchObject({ kind: 'done' });
      }
      await next.value.release();
      await b().pool();
      return facts;
    }

    it.each([
      ['after the stop', 'silent1', [], false],
      ['between the work and the start, though others run', 'silent2', [three], true],
    ] as const)(
      'is started by its own node where the controller dies %s',
      async (_when, id, others, isDone) => {
        const before = await b().started(id);
        const alone = await leftStopped(id, others, isDone);
        expect(alone.memory.kind).toBe('up');
        expect(alone.store.files.has(`vols/${id}/note`)).toBe(true);
        const after = await b().allOnline(id);
        expect(pidOf(after.facts(nodeName(two)), id)).toBe(pidOf(before.facts(nodeName(two)), id));
      },
    );

    it('stays down, its store untouched, where one that was to be stopped with it runs', async () => {
      await b().started('silent3');
      const alone = await leftStopped('silent3', [three], false);
      expect(alone.memory.kind).toBe('down');
      expect(alone.store.files.has('vols/silent3/note')).toBe(false);
    });

    it('is asked nothing where it is not the process that was settled, or where none is said', async () => {
      await b().create('fenced');
      const settled = glusterdProcess(await b().facts(two));
      const another = { pid: (settled?.pid ?? 0) + 1, startTicks: settled?.startTicks ?? 0 };
      const argv = ['volume', 'set', 'fenced', 'network.ping-timeout', '21'];
      await b().inTransaction('fenced', async (perform, raw) => {
        const command = { kind: 'gluster', argv, timeoutSeconds: 120 } as const;
        expect(await raw(two, { ...command, glusterd: another })).toMatchObject({ kind: 'unsettled' });
        expect(await raw(two, command)).toMatchObject({ kind: 'unsettled' });
        expect(await raw(two, { kind: 'same-glusterd', glusterd: another })).toMatchObject({
          kind: 'unsettled',
        });
        expect(await raw(two, { kind: 'same-glusterd', glusterd: undefined })).toMatchObject({
          kind: 'unsettled',
        });
        expect((await b().copy(one, 'fenced'))?.options.has('network.ping-timeout')).toBe(false);
        expect(await raw(two, { kind: 'same-glusterd', glusterd: settled })).toMatchObject({ kind: 'done' });
        expect(await perform(two, command)).toMatchObject({ kind: 'done' });
      });
      expect((await b().copy(one, 'fenced'))?.options.get('network.ping-timeout')).toBe('21');
    });

    it('is given no command that was decided on what is no longer in its store', async () => {
      await b().create('moved');
      const info = (await b().copy(two, 'moved'))?.signature.split('\n') ?? [];
      const lines = (keys: readonly string[], isAllBut: boolean): StoreExpectation => {
        const watched = { keys, isAllBut };
        return { volume: 'moved', ...watched, lines: watchedLines(watched, info) };
      };
      const set = (value: string, expects: StoreExpectation): NodeOp => ({
        kind: 'gluster',
        argv: ['volume', 'set', 'moved', 'network.ping-timeout', value],
        timeoutSeconds: 120,
        expects,
      });
      const unset = lines(['network.ping-timeout'], false);
      const whole = lines(['status'], true);
      await b().inTransaction('moved', async (perform) => {
        expect(await perform(two, set('21', unset))).toMatchObject({ kind: 'done' });
        for (const expects of [unset, whole])
          expect(await perform(two, set('22', expects))).toMatchObject({ kind: 'changed' });
        const other = { ...unset, volume: 'no-such-volume', lines: ['status=1'] };
        expect(await perform(two, set('22', other))).toMatchObject({ kind: 'changed' });
        expect((await b().copy(one, 'moved'))?.options.get('network.ping-timeout')).toBe('21');
        const status = lines(['status'], false);
        expect(await perform(two, set('23', status))).toMatchObject({ kind: 'done' });
      });
      expect((await b().copy(one, 'moved'))?.options.get('network.ping-timeout')).toBe('23');
    });

    it('that is frozen is not missed, goes on when thawed, and can be ended while frozen', async () => {
      const before = await b().started('frost');
      await b().inTransaction('frost', async (perform) => {
        expect(await perform(three, { kind: 'freeze-glusterd' })).toMatchObject({ kind: 'done' });
        expect(await perform(three, { kind: 'thaw-glusterd' })).toMatchObject({ kind: 'done' });
        expect((await b().facts(three)).memory.kind).toBe('up');
        expect(await perform(three, { kind: 'freeze-glusterd' })).toMatchObject({ kind: 'done' });
        expect(glusterdProcess(await b().facts(three))?.state).toBe('T');
        const seen = await b().facts(one);
        expect(b().isConnected(seen)).toBe(true);
        expect(await perform(three, { kind: 'stop-glusterd', frozen: true })).toMatchObject({ kind: 'done' });
        expect((await b().facts(three)).memory.kind).toBe('down');
        expect(await perform(three, { kind: 'start-glusterd', argv: [] })).toMatchObject({ kind: 'done' });
      });
      await b().pool();
      const after = await b().allOnline('frost');
      for (const node of NODES)
        expect(pidOf(after.facts(nodeName(node)), 'frost')).toBe(
          pidOf(before.facts(nodeName(node)), 'frost'),
        );
    });

    it('takes a higher version over when it starts, and its brick comes back on another port', async () => {
      const before = await b().started('late');
      await b().cluster.immutable(two, `${STORE}/vols/late`);
      await b().cluster.gluster(one, ['volume', 'set', 'late', 'network.ping-timeout', '21']);
      await b().cluster.mutable(two, `${STORE}/vols/late`);
      expect(await b().versions('late')).toEqual([3, 2, 3]);
      await b().restart('late', two);
      await b().until(
        'the lagging copy is replaced',
        async () => (await b().versions('late')).every((v) => v === 3) || undefined,
      );
      const after = await b().allOnline('late');
      expect(pidOf(after.facts(nodeName(two)), 'late')).not.toBe(pidOf(before.facts(nodeName(two)), 'late'));
      expect(pidOf(after.facts(nodeName(one)), 'late')).toBe(pidOf(before.facts(nodeName(one)), 'late'));
    });

    it('recognises a brick that was killed and launched again with the same words', async () => {
      await b().started('launch');
      await b().cluster.killBrick(two, pathOf('launch'));
      await b().cluster.clock.sleep(500);
      const v = await b().view();
      const located = locate({ volume: 'launch', node: two, path: pathOf('launch') }, v);
      if (located === undefined) throw new Error('no brick');
      expect(isOnline(located)).toBe(false);
      expect(located.believed?.local).toMatchObject({ registered: true, status: 'Stopped' });
      await b().inTransaction('launch', async (perform) => {
        const op = { kind: 'launch-brick', launch: launchOf(located) } as const;
        expect(await perform(two, op)).toMatchObject({ kind: 'done' });
        expect(await perform(two, op), 'it is there').toMatchObject({ kind: 'done' });
        const argv = op.launch.argv.map((w) => w.replace(/^launch\./, 'other.'));
        const other = { ...op, launch: { ...op.launch, argv } };
        expect(await perform(two, other), 'a brick of another volume').toMatchObject({ kind: 'failed' });
      });
      const after = await b().allOnline('launch');
      const facts = after.facts(nodeName(two));
      expect(facts && brickProcesses(facts, 'launch', pathOf('launch'))).toHaveLength(1);
      const port = locate({ volume: 'launch', node: two, path: pathOf('launch') }, after)?.believed?.local
        .port;
      expect(port).toBe(located.believed?.local.port);
    });

    it('ends a process by pid and start time, and by nothing less', async () => {
      const v = await b().started('end');
      const f = v.facts(nodeName(two));
      const process = f === undefined ? undefined : brickProcesses(f, 'end', pathOf('end'))[0];
      if (process === undefined) throw new Error('no brick');
      const op = {
        kind: 'end-process',
        pid: process.pid,
        startTicks: process.startTicks,
        word: pathOf('end'),
      } as const;
      await b().inTransaction('end', async (perform) => {
        await perform(two, { ...op, startTicks: op.startTicks + 1 });
        expect(pidOf(await b().facts(two), 'end')).toBe(process.pid);
        expect(await perform(two, op)).toMatchObject({ kind: 'done' });
      });
      const after = await b().until('glusterd has noticed', async () => {
        const local = (await b().remembered(two, 'end'))?.bricks.find((b) => b.local !== undefined)?.local;
        return local?.status === 'Stopped' ? local : undefined;
      });
      expect(after.registered).toBe(false);
    });
  });

  describe('the store', () => {
    it('is put back from the before-image, but not under a running glusterd', async () => {
      await b().create('image');
      await b().inTransaction('image', async (perform) => {
        const all = async (op: NodeOp): Promise<void> => {
          for (const node of NODES) expect(await perform(node, op)).toMatchObject({ kind: 'done' });
        };
        await all({ kind: 'journal-prepare', owner: owner('image'), plan: '{"a":1}' });
        await b().good('volume', 'set', 'image', 'network.ping-timeout', '7');
        const op = {
          kind: 'restore-store',
          transaction: 'image',
          paths: ['vols/image'],
          ports: [],
        } as const;
        expect(await perform(two, op)).toEqual({
          kind: 'failed',
          message: 'glusterd is running; its store cannot be edited',
        });
        expect(await b().versions('image')).toEqual([2, 2, 2]);
        const read = await b().linkOf(two).journal('image');
        expect(read.ok && read.value.plan.trim()).toBe('{"a":1}');
        expect(read.ok && read.value.store.volumes.get(volumeName('image'))?.version).toBe(1);
        await all({ kind: 'stop-glusterd' });
        await all(op);
        expect(await b().versions('image')).toEqual([1, 1, 1]);
        await all({ kind: 'start-glusterd', argv: [] });
        await all({ kind: 'journal-mark', transaction: 'image', state: 'rolled-back' });
      });
      const v = await b().pool();
      expect(await b().versions('image')).toEqual([1, 1, 1]);
      for (const f of v.nodes) {
        expect(f.transactions).toContainEqual({ id: 'image', state: 'rolled-back', owner: owner('image') });
        expect(stateOf(f)?.volumes.get(volumeName('image'))?.options.has('network.ping-timeout')).toBe(false);
      }
      expect((await b().linkOf(two).journal('never')).ok).toBe(false);
    });
  });

  describe('an observation', () => {
    it('takes over the baseline, and reads all else again', async () => {
      const path = pathOf('stands');
      const earlier = await b().facts(one, path);
      await b().create('stands');
      const request = { paths: [path], hosts: [], optionCatalogue: false };
      const read = await b()
        .linkOf(one)
        .observe({ ...request, baseline: earlier });
      if (!read.ok) throw new Error(read.error.title);
      expect(read.value.paths.get(path)?.volumeId).toBeUndefined();
      expect(read.value.filesystems).toEqual(earlier.filesystems);
      expect(read.value.store.hashes).toEqual(earlier.store.hashes);
      expect(read.value.store.volumes.has(volumeName('stands'))).toBe(true);
      expect(stateOf(read.value)?.volumes.has(volumeName('stands'))).toBe(true);
      expect((await b().facts(one, path)).paths.get(path)?.volumeId).toBeDefined();
    });

    it('does not ask a glusterd that was stopped, and reads its store', async () => {
      const request = { paths: [], hosts: [], optionCatalogue: false };
      const read = await b()
        .linkOf(one)
        .observe({ ...request, stopped: true });
      expect(read.ok && read.value.memory).toEqual({ kind: 'down', detail: 'glusterd was stopped' });
      expect(read.ok && read.value.store.uuid).toBe((await b().facts(one)).store.uuid);
    });
  });

  describe('a brick directory', () => {
    it('is cleaned of marks where it holds nothing else, and left alone where it does', async () => {
      await b().create('dirt');
      await b().good('volume', 'delete', 'dirt');
      const at = (await b().facts(two, pathOf('dirt'))).paths.get(pathOf('dirt'));
      await b().cluster.putFile(three, `${pathOf('dirt')}/precious`);
      const op = (existedBefore: boolean): NodeOp => ({
        kind: 'clean-brick',
        path: pathOf('dirt'),
        volumeId: at?.volumeId ?? '',
        existedBefore,
      });
      await b().inTransaction('dirt', async (perform) => {
        expect(
          await perform(one, { ...op(false), ...{ volumeId: '00000000-0000-4000-8000-000000000000' } }),
        ).toEqual({ kind: 'failed', message: `${pathOf('dirt')} carries another volume-id` });
        expect(await perform(one, op(false))).toMatchObject({ kind: 'done' });
        expect(await perform(two, op(true))).toMatchObject({ kind: 'done' });
        expect(await perform(three, op(true))).toEqual({
          kind: 'failed',
          message: `${pathOf('dirt')} is not empty`,
        });
      });
      const paths = await Promise.all(
        NODES.map(async (n) => (await b().facts(n, pathOf('dirt'))).paths.get(pathOf('dirt'))),
      );
      expect(paths[0]).toBeUndefined();
      expect(paths[1]).toMatchObject({ entries: [], volumeId: undefined, gfid: false });
      expect(paths[2]).toMatchObject({ volumeId: at?.volumeId });
    });

    it('is cleaned of the marks of any volume that is in no store, and of no other', async () => {
      await b().create('claimed');
      const op = (path: string): NodeOp => ({
        kind: 'clean-brick',
        path,
        volumeId: undefined,
        existedBefore: true,
      });
      await b().create('unclaimed');
      await b().good('volume', 'delete', 'unclaimed');
      await b().inTransaction('any', async (perform) => {
        expect(await perform(one, op(pathOf('claimed')))).toEqual({
          kind: 'failed',
          message: `${pathOf('claimed')} carries the volume-id of a volume`,
        });
        expect(await perform(one, op(pathOf('unclaimed')))).toMatchObject({ kind: 'done' });
        expect(await perform(one, op(pathOf('never')))).toMatchObject({ kind: 'done' });
      });
      const { paths } = await b().facts(one, pathOf('unclaimed'));
      expect(paths.get(pathOf('unclaimed'))).toMatchObject({ entries: [], volumeId: undefined, gfid: false });
      expect((await b().facts(one, pathOf('claimed'))).paths.get(pathOf('claimed'))?.volumeId).toBeDefined();
    });

    it('loses its marks and no file, but for one that would go with them', async () => {
      await b().create('full');
      const path = pathOf('full');
      const { volumeId = '' } = (await b().facts(one, path)).paths.get(path) ?? {};
      const lone = `${path}/.glusterfs/unlink/lone`;
      for (const node of NODES) await b().cluster.putFile(node, `${path}/precious`);
      await b().cluster.putDirectory(two, `${path}/.glusterfs/unlink`);
      await b().cluster.putFile(two, lone);
      const op = (isCheck = false, id = volumeId): NodeOp => ({
        kind: 'unmark-brick',
        path,
        volumeId: id,
        isCheck,
      });
      const refused = {
        kind: 'failed',
        message:
          `the content of ${lone} would be lost: it is linked nowhere outside of .glusterfs; ` +
          'move it away, or do not name this brick',
      };
      await b().inTransaction('full', async (perform) => {
        expect(await perform(one, op(true))).toMatchObject({ kind: 'done' });
        expect(await perform(two, op(true))).toEqual(refused);
        expect(await perform(one, op())).toEqual({
          kind: 'failed',
          message: `${path} carries the volume-id of a volume`,
        });
      });
      await b().good('volume', 'delete', 'full');
      await b().inTransaction('full2', async (perform) => {
        expect(await perform(three, op(false, '00000000-0000-4000-8000-000000000000'))).toEqual({
          kind: 'failed',
          message: `${path} carries another volume-id`,
        });
        for (const node of [one, one]) expect(await perform(node, op())).toMatchObject({ kind: 'done' });
        expect(await perform(two, op())).toEqual(refused);
      });
      const at = await Promise.all(NODES.map(async (n) => (await b().facts(n, path)).paths.get(path)));
      expect(at[0]).toMatchObject({ entries: ['precious'], volumeId: undefined, gfid: false });
      for (const left of at.slice(1)) expect(left).toMatchObject({ volumeId });
    });

    it('that came new is vacated where no client has written, once it has left its volume', async () => {
      await b().create('fresh');
      const path = pathOf('fresh');
      const { volumeId = '' } = (await b().facts(one, path)).paths.get(path) ?? {};
      for (const dir of [`${path}/made`, `${path}/made/by-a-client`])
        for (const node of NODES) await b().cluster.putDirectory(node, dir);
      await b().cluster.putFile(three, `${path}/made/file`);
      const op = (isCheck: boolean, existedBefore = true): NodeOp => ({
        kind: 'vacate-brick',
        path,
        volumeId,
        existedBefore,
        isCheck,
      });
      const refused = { kind: 'failed', message: `a client has written to ${path}: made/file` };
      await b().inTransaction('fresh', async (perform) => {
        expect(await perform(one, op(true))).toMatchObject({ kind: 'done' });
        expect(await perform(one, op(false))).toEqual({
          kind: 'failed',
          message: `${path} is a brick of a volume`,
        });
        expect(await perform(three, op(true))).toEqual(refused);
      });
      await b().good('volume', 'delete', 'fresh');
      await b().inTransaction('fresh2', async (perform) => {
        for (const node of [one, one]) expect(await perform(node, op(false))).toMatchObject({ kind: 'done' });
        expect(await perform(two, op(false, false))).toMatchObject({ kind: 'done' });
        expect(await perform(three, op(false))).toEqual(refused);
      });
      const at = await Promise.all(NODES.map(async (n) => (await b().facts(n, path)).paths.get(path)));
      expect(at[0]).toMatchObject({ entries: [], volumeId: undefined, gfid: false });
      expect(at[1]).toBeUndefined();
      expect(at[2]).toMatchObject({ volumeId });
    });

    it('that came as a further copy is vacated with its files, unless others may lack them', async () => {
      await b().create('copied');
      const path = pathOf('copied');
      const { volumeId = '' } = (await b().facts(one, path)).paths.get(path) ?? {};
      const index = '.glusterfs/indices/xattrop';
      for (const node of NODES) {
        await b().cluster.putDirectory(node, `${path}/made`);
        await b().cluster.putFile(node, `${path}/made/file`);
        await b().cluster.putDirectory(node, `${path}/.glusterfs/indices`);
        await b().cluster.putDirectory(node, `${path}/${index}`);
        await b().cluster.putFile(node, `${path}/${index}/xattrop-base`);
      }
      await b().cluster.putFile(three, `${path}/${index}/gfid`);
      const op = (isCheck: boolean, existedBefore = true): NodeOp => ({
        kind: 'vacate-brick',
        path,
        volumeId,
        existedBefore,
        hasCopies: true,
        isCheck,
      });
      const refused = {
        kind: 'failed',
        message: `others of its set may lack what is on ${path}: ${index}/gfid`,
      };
      await b().inTransaction('copied', async (perform) => {
        expect(await perform(one, op(true))).toMatchObject({ kind: 'done' });
        expect(await perform(one, op(false))).toEqual({
          kind: 'failed',
          message: `${path} is a brick of a volume`,
        });
        expect(await perform(three, op(true))).toEqual(refused);
      });
      await b().good('volume', 'delete', 'copied');
      await b().inTransaction('copied2', async (perform) => {
        for (const node of [one, one]) expect(await perform(node, op(false))).toMatchObject({ kind: 'done' });
        expect(await perform(two, op(false, false))).toMatchObject({ kind: 'done' });
        expect(await perform(three, op(false))).toEqual(refused);
      });
      const at = await Promise.all(NODES.map(async (n) => (await b().facts(n, path)).paths.get(path)));
      expect(at[0]).toMatchObject({ entries: [], volumeId: undefined, gfid: false });
      expect(at[1]).toBeUndefined();
      expect(at[2]).toMatchObject({ volumeId });
    });

    it('that leaves its volume is searched for files of clients', async () => {
      await b().create('leaves');
      const path = pathOf('leaves');
      const { volumeId = '' } = (await b().facts(one, path)).paths.get(path) ?? {};
      for (const node of NODES) await b().cluster.putDirectory(node, `${path}/made`);
      await b().cluster.putFile(two, `${path}/made/file`);
      const op = (at = path, id = volumeId): NodeOp => ({ kind: 'check-emptied', path: at, volumeId: id });
      await b().inTransaction('leaves', async (perform) => {
        expect(await perform(one, op())).toMatchObject({ kind: 'done' });
        expect(await perform(two, op())).toEqual({
          kind: 'failed',
          message: `files are left on ${path}, and would be lost:\nmade/file`,
        });
        expect(await perform(one, op(path, '00000000-0000-4000-8000-000000000000'))).toEqual({
          kind: 'failed',
          message: `${path} does not carry the volume-id of its volume`,
        });
        expect(await perform(one, op(pathOf('nowhere')))).toMatchObject({ kind: 'failed' });
      });
    });

    it('is cleaned of the empty leftover of a brick that was ended while it started', async () => {
      await b().create('stale');
      await b().good('volume', 'delete', 'stale');
      const path = pathOf('stale');
      const { volumeId = '' } = (await b().facts(one, path)).paths.get(path) ?? {};
      const foreign = `${path}/.glusterfs-anonymous-inode-00000000-0000-4000-8000-000000000001`;
      for (const node of [one, two]) await b().cluster.putDirectory(node, foreign);
      await b().cluster.putFile(two, `${foreign}/held`);
      const op: NodeOp = { kind: 'clean-brick', path, volumeId, existedBefore: true };
      await b().inTransaction('stale', async (perform) => {
        expect(await perform(one, op)).toMatchObject({ kind: 'done' });
        expect(await perform(two, op)).toEqual({ kind: 'failed', message: `${path} is not empty` });
      });
      expect((await b().facts(one, path)).paths.get(path)).toMatchObject({
        entries: [],
        volumeId: undefined,
      });
      expect((await b().facts(two, path)).paths.get(path)).toMatchObject({ volumeId });
    });
  });
}
