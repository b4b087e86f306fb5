/** What counts as a change by hand that was overwritten. */
import { describe, expect, it } from 'vitest';
import { prepared } from './fault-run.ts';
import { overwritten, pictureOf, touchedByHand, wordsWithout } from './foreign.ts';

const set = (key: string, value: string): readonly string[] => ['volume', 'set', 'old', key, value];
const bricks = ['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d2/old2`);
const everybody = (): boolean => true;

describe('a change by hand', () => {
  it.each([
    [
      'an option',
      set('performance.cache-size', '128MB'),
      ['volume', 'reset', 'old', 'performance.cache-size'],
    ],
    [
      'bricks',
      ['volume', 'add-brick', 'old', ...bricks],
      ['volume', 'remove-brick', 'old', ...bricks, 'force'],
    ],
    ['a stop', ['volume', 'stop', 'old'], ['volume', 'start', 'old']],
  ])(
    'of %s is overwritten once it is undone, unless by hand or by a later step of ours',
    async (_, argv, undo) => {
      const cluster = await prepared(1);
      const from = cluster.commands.length;
      await cluster.gluster('node02', argv);
      expect(overwritten(cluster, { ours: [], from, stepsUntil: Infinity }, everybody)).toEqual([]);
      await cluster.gluster('node01', undo);
      expect(overwritten(cluster, { ours: [], from, stepsUntil: Infinity }, everybody)).toEqual([]);
      const [theirs, ours] = cluster.commands.slice(from);
      const commands = [
        ...cluster.commands.slice(0, from),
        theirs!,
        { ...ours!, by: 'transaction' as const },
      ];
      const judged = { names: cluster.names, node: (name: string) => cluster.node(name), commands };
      expect(overwritten(judged, { ours: [], from, stepsUntil: Infinity }, everybody)).toEqual([]);
      expect(overwritten(judged, { ours: [], from, stepsUntil: from + 1 }, everybody)).toHaveLength(3);
    },
  );

  it('hides what it touched from a comparison, and nothing else', async () => {
    const cluster = await prepared(1);
    const before = pictureOf(cluster);
    const from = cluster.commands.length;
    await cluster.gluster('node01', set('user.who', 'eva'));
    expect(wordsWithout(before, [])).not.toBe(wordsWithout(pictureOf(cluster), []));
    const things = touchedByHand(cluster, from);
    expect(things).toEqual(['old option user.who']);
    expect(wordsWithout(pictureOf(cluster), things)).toBe(wordsWithout(before, things));
    await cluster.gluster('node01', ['volume', 'start', 'idle']);
    expect(wordsWithout(pictureOf(cluster), things)).not.toBe(wordsWithout(before, things));
  });
});
