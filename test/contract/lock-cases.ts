/** Who may change a node, and for how long. */
import { describe, expect, it } from 'vitest';
import { type Harness, one, owner } from './harness.ts';

export function lockCases(b: () => Harness): void {
  describe('the lock', () => {
    const anything = { kind: 'journal-prune', keep: 10 } as const;

    it('fences whoever does not hold it', async () => {
      const link = b().linkOf(one);
      expect(await link.perform(anything, 'nobody')).toEqual({
        kind: 'fenced',
        message: 'fenced: nobody holds this node',
      });
      const taken = await link.lock(owner('holder'));
      if (!taken.ok) throw new Error(taken.error.title);
      expect(taken.value.held()).toBe(true);
      expect((await b().facts(one)).lock).toMatchObject({ held: true, owner: owner('holder') });
      expect(await link.perform(anything, 'other')).toEqual({
        kind: 'fenced',
        message: 'fenced: another transaction holds this node',
      });
      expect(await link.perform(anything, 'holder')).toMatchObject({ kind: 'done' });
      await taken.value.release();
      expect(taken.value.held()).toBe(false);
      expect(await link.perform(anything, 'holder')).toEqual({
        kind: 'fenced',
        message: 'fenced: nobody holds this node',
      });
    });

    it('names its holder to whoever wants it', async () => {
      const taken = await b().linkOf(one).lock(owner('first'));
      const second = await (await b().cluster.link(one)).lock(owner('second'));
      if (!taken.ok) throw new Error(taken.error.title);
      expect(second.ok ? undefined : second.error).toMatchObject({
        code: 'cluster-locked',
        title: 'the cluster is locked by eva@desk (pid 4711, "apply")',
        details: ['first'],
      });
      await taken.value.release();
      const third = await b().linkOf(one).lock(owner('third'));
      expect(third.ok).toBe(true);
      if (third.ok) await third.value.release();
    });

    it('is taken away by name, holder and all, and fences who had it', async () => {
      const link = b().linkOf(one);
      const other = await b().cluster.link(one);
      expect(await other.release('victim')).toEqual({ ok: true, value: 'none' });
      const taken = await link.lock(owner('victim'));
      if (!taken.ok) throw new Error(taken.error.title);
      expect(
        await link.perform({ kind: 'journal-prepare', owner: owner('victim'), plan: '{}' }, 'victim'),
      ).toMatchObject({ kind: 'done' });
      expect(await other.release('stranger')).toEqual({ ok: true, value: 'none' });
      expect(taken.value.held()).toBe(true);
      expect(await other.release('victim')).toEqual({ ok: true, value: 'ended' });
      const facts = await b().facts(one);
      expect(facts.lock).toMatchObject({ held: false, owner: undefined });
      expect(facts.transactions.find((t) => t.id === 'victim')?.state).toBe('rolling-back');
      expect(await link.perform(anything, 'victim')).toMatchObject({ kind: 'fenced' });
      await b().until('its controller knows', async () => !taken.value.held() || undefined);
      const next = await link.lock(owner('closes'));
      if (!next.ok) throw new Error(next.error.title);
      await link.perform({ kind: 'journal-mark', transaction: 'victim', state: 'rolled-back' }, 'closes');
      await next.value.release();
    });

    it('is let go when its holder falls silent, name and all, and fences the silent one', async () => {
      await b().cluster.lockAndFallSilent(one, owner('mute'));
      expect((await b().facts(one)).lock).toMatchObject({ held: true, owner: owner('mute') });
      await b().cluster.clock.sleep(15_000);
      expect((await b().facts(one)).lock?.held).toBe(true);
      await b().until('the node lets go', async () =>
        (await b().facts(one)).lock?.held === false ? true : undefined,
      );
      expect(await b().linkOf(one).perform(anything, 'mute')).toEqual({
        kind: 'fenced',
        message: 'fenced: nobody holds this node',
      });
      const next = await b().linkOf(one).lock(owner('next'));
      expect(next.ok).toBe(true);
      expect(await b().linkOf(one).perform(anything, 'mute')).toMatchObject({ kind: 'fenced' });
      if (next.ok) await next.value.release();
    });
  });
}
